import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { BusForeign } from '../../actors/errors.ts';
import type { Bus, Clock, Log, Stop } from '../../actors/ports.ts';
import { createLease, LEASE_MS } from './lease.ts';
import type { Names } from './names.ts';
import { APPEND, CLAIM, SET_ASIDE } from './scripts.ts';

const STREAM_LENGTH = 100_000;
/** As long as the journal keeps its events. */
const ASIDE_SECONDS = 7 * 24 * 60 * 60;

export interface Publisher extends Pick<Bus, 'streamLength' | 'position' | 'append'> {
  /** Calls back when a stream that another monitor had may be free. */
  onFree(listener: () => void): Stop;
  /** Lets go of the stream; another monitor need not wait. */
  close(): Promise<void>;
}

interface Entry {
  id: string;
  seq: number;
  epoch: string;
  host: string;
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
  const keys = [names.stream, names.owner];
  const lease = createLease({ client, key: names.owner, clock, log });

  const position = async (): Promise<number> => {
    const own = epoch();
    const claimed = await client.eval(CLAIM, 2, ...keys, own, lease.held, LEASE_MS);
    const [rival, leaseMs, found] = claimed as Claimed;
    const last = found === null ? null : toEntry(found, names.stream);
    const isEarlier = last !== null && last.epoch !== own;
    if (rival !== null || (isEarlier && last.host !== host)) {
      lease.lost(leaseMs > 0 ? leaseMs : LEASE_MS);
      throw foreign(names.stream, last, host);
    }
    if (isEarlier) {
      await setAside(last, own);
      return 0;
    }
    lease.taken(own);
    return last?.seq ?? 0;
  };

  const setAside = async (last: Entry, own: string): Promise<void> => {
    const target = `${names.stream}:${last.epoch}-${last.seq}`;
    const rest = [own, lease.held, LEASE_MS, last.id, ASIDE_SECONDS];
    const done = await client.eval(SET_ASIDE, 3, ...keys, target, ...rest);
    if (done !== 1) throw new Error(`${names.stream} could not be renamed to ${target}`);
    lease.taken(own);
    log.warn({ stream: target, days: 7 }, 'the stream of an earlier database was set aside');
  };

  return {
    streamLength: STREAM_LENGTH,
    position,
    append: async (events, after, published) => {
      const own = epoch();
      const numbered = events.flatMap((event) => [event.seq, JSON.stringify(event)]);
      const rest = [names.channel, own, after, published, STREAM_LENGTH, LEASE_MS, ...numbered];
      const end = Number(await runCached(client, APPEND, keys, rest));
      if (end === events.at(-1)?.seq) lease.taken(own);
      return end;
    },
    onFree: lease.onOver,
    close: lease.close,
  };
};

/** Who else has the lease, for how many ms, and the last entry. */
type Claimed = [rival: string | null, leaseMs: number, last: [string, string[]] | null];

const toEntry = ([id, fields]: [string, string[]], stream: string): Entry => {
  const event = readEvent(fields);
  if (event === null) {
    throw new BusForeign(
      `${stream} in Redis ends with an entry that no agent-monitor wrote; ${NEXT_STEP}`,
    );
  }
  return { ...event, id, seq: Number.parseInt(id, 10) };
};

const readEvent = (fields: string[]): Pick<Entry, 'epoch' | 'host'> | null => {
  const [epochName, epoch, eventName, json = ''] = fields;
  if (epochName !== 'epoch' || epoch === undefined || eventName !== 'event') return null;
  try {
    return { epoch, host: String(JSON.parse(json).host) };
  } catch {
    return null; // Not JSON, so not ours.
  }
};

const foreign = (stream: string, last: Entry | null, host: string): BusForeign => {
  const where = last === null ? '' : `, on host ${last.host}`;
  return new BusForeign(
    `${stream} in Redis is written by another agent-monitor${where}; ${last?.host === host ? OR_THIS_ONE : ''}${NEXT_STEP}`,
  );
};

/** Killed, and started with another database: its own lease keeps it out until it runs out. */
const OR_THIS_ONE = `if that was this one before its database was replaced, wait ${LEASE_MS / 1000} seconds; else `;

const NEXT_STEP =
  'set AGENT_MONITOR_REDIS_PREFIX to keep the events of this one apart, or stop the other';

/** Sends the script itself only where Redis does not know it yet. */
const runCached = async (
  client: Redis,
  script: string,
  keys: string[],
  rest: (string | number)[],
): Promise<unknown> => {
  try {
    return await client.evalsha(sha1(script), keys.length, ...keys, ...rest);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return await client.eval(script, keys.length, ...keys, ...rest);
  }
};

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
