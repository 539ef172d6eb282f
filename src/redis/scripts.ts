/** What must happen in Redis in one step. All work on the stream, whose entries are `epoch`, `event`. */

/**
 * Appends events if the stream's last entry is of this epoch and numbered `after`, and publishes
 * those above `published`. Answers the number that the stream ends with, -1 for another epoch.
 *
 * KEYS: stream. ARGV: channel, epoch, after, published, length to keep, then seq and JSON of each.
 */
export const APPEND = `
local stream, channel, epoch = KEYS[1], ARGV[1], ARGV[2]
local after, published, length = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

local at = 0
local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
if last then
  if last[2][1] ~= 'epoch' or last[2][2] ~= epoch then return -1 end
  at = tonumber(string.match(last[1], '^%d+'))
end
if at ~= after then return at end

for i = 6, #ARGV, 2 do
  local seq, json = ARGV[i], ARGV[i + 1]
  redis.call('XADD', stream, 'MAXLEN', '~', length, seq .. '-0', 'epoch', epoch, 'event', json)
  if tonumber(seq) > published then redis.call('PUBLISH', channel, json) end
  at = tonumber(seq)
end
return at
`;

/**
 * Answers the stream's last entry as [id, fields], or nothing where it has none. An emptied stream
 * would refuse the numbers it once had (it remembers its last id): it is told to count from 0 again,
 * which keeps its consumer groups.
 *
 * KEYS: stream.
 */
export const LAST = `
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not last and redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('XSETID', KEYS[1], '0-0')
end
return last
`;

/**
 * Renames the stream if its last entry still has this id, overwriting nothing, to be dropped after a
 * time. Answers 1 where that was done.
 *
 * KEYS: stream, new name. ARGV: id, seconds.
 */
export const SET_ASIDE = `
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not last or last[1] ~= ARGV[1] then return 0 end
if redis.call('RENAMENX', KEYS[1], KEYS[2]) == 0 then return 0 end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1
`;
