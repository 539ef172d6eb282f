/**
 * What must happen in Redis in one step. The entries of the stream are `epoch`, `event`. The owner key
 * is a lease: it holds the epoch of the monitor that writes the stream, and runs out by itself.
 */

/**
 * Appends events if no other epoch has the lease, the stream's last entry is of this epoch and
 * numbered `after`; publishes those above `published`, and renews the lease. Answers the number that
 * the stream ends with, -1 for another epoch.
 *
 * KEYS: stream, owner. ARGV: channel, epoch, after, published, length to keep, lease in ms, then seq
 * and JSON of each.
 */
export const APPEND = `
local stream, owner, channel, epoch = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local after, published, length = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

local holder = redis.call('GET', owner)
if holder and holder ~= epoch then return -1 end
local at = 0
local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
if last then
  if last[2][1] ~= 'epoch' or last[2][2] ~= epoch then return -1 end
  at = tonumber(string.match(last[1], '^%d+'))
end
if at ~= after then return at end

for i = 7, #ARGV, 2 do
  local seq, json = ARGV[i], ARGV[i + 1]
  redis.call('XADD', stream, 'MAXLEN', '~', length, seq .. '-0', 'epoch', epoch, 'event', json)
  if tonumber(seq) > published then redis.call('PUBLISH', channel, json) end
  at = tonumber(seq)
end
redis.call('SET', owner, epoch, 'PX', ARGV[6])
return at
`;

/**
 * Takes the lease where no one else has it and the stream is empty or of this epoch. Answers who else
 * has the lease or nothing, for how many ms, and the stream's last entry as [id, fields] or nothing.
 * An emptied stream would refuse the numbers it once had (it remembers its last id): it is told to
 * count from 0 again, which keeps its consumer groups.
 *
 * KEYS: stream, owner. ARGV: epoch, epoch held so far, lease in ms.
 */
export const CLAIM = `
local stream, owner, epoch, held = KEYS[1], KEYS[2], ARGV[1], ARGV[2]

local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1] or false
local holder = redis.call('GET', owner)
if holder and holder ~= epoch and holder ~= held then
  return { holder, redis.call('PTTL', owner), last }
end
if not last and redis.call('EXISTS', stream) == 1 then
  redis.call('XSETID', stream, '0-0')
end
if not last or (last[2][1] == 'epoch' and last[2][2] == epoch) then
  redis.call('SET', owner, epoch, 'PX', ARGV[3])
end
return { false, 0, last }
`;

/**
 * Renews the lease, also one that was lost, unless someone else has it. Answers 1 where that was done.
 *
 * KEYS: owner. ARGV: epoch, lease in ms.
 */
export const RENEW = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/**
 * Ends the lease if it is still this epoch's.
 *
 * KEYS: owner. ARGV: epoch.
 */
export const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

/**
 * Renames the stream if its last entry still has this id and no one else has the lease, overwriting
 * nothing, to be dropped after a time; and takes the lease. Answers 1 where that was done.
 *
 * KEYS: stream, owner, new name. ARGV: epoch, epoch held so far, lease in ms, id, seconds.
 */
export const SET_ASIDE = `
local stream, owner, target = KEYS[1], KEYS[2], KEYS[3]

local holder = redis.call('GET', owner)
if holder and holder ~= ARGV[1] and holder ~= ARGV[2] then return 0 end
local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
if not last or last[1] ~= ARGV[4] then return 0 end
if redis.call('RENAMENX', stream, target) == 0 then return 0 end
redis.call('EXPIRE', target, ARGV[5])
redis.call('SET', owner, ARGV[1], 'PX', ARGV[3])
return 1
`;
