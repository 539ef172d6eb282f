import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { BusForeign } from '../../actors/errors.ts';
import type { Bus, Clock, Log } from '../../actors/ports.ts';
import type { Names } from './names.ts';
import { APPEND, LAST, SET_ASIDE } from './scripts.ts';

const STREAM_LENGTH = 100_000;
/** As long as the journal keeps its events. */
const ASIDE_SECONDS = 7 * 24 * 60 * 60;

export type Publisher = Pick<Bus, 'streamLength' | 'position' | 'append'>;

interface Entry {
  id: string;
  seq: number;
  epoch: string;
  host: string;
  timestamp: number;
}

/** Tells events on the stream and on the pub/sub channel, both in one step. */
export const createPublisher = (options: {
  client: Redis;
  names: Names;
  /** The epoch of the events; it may change while the program runs. */
  epoch: () => string;
  host: string;
  clock: Clock;
  log: Log;
}): Publisher => {
  const { client, names, epoch, host, clock, log } = options;
  /** When the stream was last seen to end with an event of ours. */
  let seenOwnAt = 0;

  const readLast = async (): Promise<Entry | null> => {
    const found = await client.eval(LAST, 1, names.stream);
    return found === null ? null : toEntry(found as [string, string[]], names.stream);
  };

  const position = async (): Promise<number> => {
    const last = await readLast();
    if (last === null) return 0;
    if (last.epoch !== epoch()) {
      refuseForeign(last);
      await setAside(last);
      return 0;
    }
    seenOwnAt = clock.now();
    return last.seq;
  };

  const refuseForeign = (last: Entry): void => {
    const isElsewhere = last.host !== host;
    const isAlive = seenOwnAt > 0 && last.timestamp > seenOwnAt;
    if (isElsewhere || isAlive) throw foreign(names.stream, last.host);
  };

  const setAside = async (last: Entry): Promise<void> => {
    const target = `${names.stream}:${last.epoch}-${last.seq}`;
    const keys = [names.stream, target];
    const done = await client.eval(SET_ASIDE, 2, ...keys, last.id, ASIDE_SECONDS);
    if (done !== 1) throw new Error(`${names.stream} could not be renamed to ${target}`);
    log.warn({ stream: target, days: 7 }, 'the stream of an earlier database was set aside');
  };

  return {
    streamLength: STREAM_LENGTH,
    position,
    append: async (events, after, published) => {
      const own = epoch();
      const numbered = events.flatMap((event) => [event.seq, JSON.stringify(event)]);
      const rest = [names.channel, own, after, published, STREAM_LENGTH, ...numbered];
      const end = Number(await runCached(client, APPEND, names.stream, rest));
      if (end >= 0) seenOwnAt = clock.now();
      return end;
    },
  };
};

const toEntry = ([id, fields]: [string, string[]], stream: string): Entry => {
  const event = readEvent(fields);
  if (event === null) {
    throw new BusForeign(
      `${stream} in Redis ends with an entry that no agent-monitor wrote; ${NEXT_STEP}`,
    );
  }
  return { ...event, id, seq: Number.parseInt(id, 10) };
};

const readEvent = (fields: string[]): Pick<Entry, 'epoch' | 'host' | 'timestamp'> | null => {
  const [epochName, epoch, eventName, json = ''] = fields;
  if (epochName !== 'epoch' || epoch === undefined || eventName !== 'event') return null;
  try {
    const { host, timestamp } = JSON.parse(json);
    return { epoch, host: String(host), timestamp: Number(timestamp) };
  } catch {
    return null; // Not JSON, so not ours.
  }
};

const foreign = (stream: string, host: string): BusForeign =>
  new BusForeign(
    `${stream} in Redis is written by another agent-monitor, on host ${host}; ${NEXT_STEP}`,
  );

const NEXT_STEP = 'set AGENT_MONITOR_REDIS_PREFIX to keep the events of this one apart';

/** Sends the script itself only where Redis does not know it yet. */
const runCached = async (
  client: Redis,
  script: string,
  key: string,
  rest: (string | number)[],
): Promise<unknown> => {
  try {
    return await client.evalsha(sha1(script), 1, key, ...rest);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return await client.eval(script, 1, key, ...rest);
  }
};

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
