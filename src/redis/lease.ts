import type { Redis } from 'ioredis';
import type { Clock, Log, Stop } from '../../actors/ports.ts';
import { RELEASE, RENEW } from './scripts.ts';

/** How long a monitor that was killed keeps the stream. */
export const LEASE_MS = 10_000;
/** Often enough to miss two. */
const RENEW_EVERY_MS = 3000;
/** Past the end of another's lease, so that it is over when it is asked for. */
const AFTER_MS = 100;

/** What shows other monitors that the stream is being written. */
export interface Lease {
  /** The epoch it was taken for; empty while it is not ours. */
  readonly held: string;
  /** It was taken in Redis for this epoch: it is renewed from now on. */
  taken(epoch: string): void;
  /** Someone else has it, for so long at least. */
  lost(forMs: number): void;
  /** Calls back when what another had may have run out. */
  onOver(listener: () => void): Stop;
  /** Ends it, if it is still ours. */
  close(): Promise<void>;
}

export const createLease = (options: {
  client: Redis;
  /** The key. */
  key: string;
  clock: Clock;
  log: Log;
}): Lease => {
  const { client, key, clock, log } = options;
  const listeners = new Set<() => void>();
  let held = '';
  let isClosed = false;
  let timer: unknown;

  const schedule = (callback: () => void, ms: number): void => {
    clock.clearTimeout(timer);
    if (!isClosed) timer = clock.setTimeout(callback, ms);
  };

  const renewLater = (): void => schedule(() => void renew(), RENEW_EVERY_MS);

  const renew = async (): Promise<void> => {
    renewLater();
    const epoch = held;
    try {
      const done = await client.eval(RENEW, 1, key, epoch, LEASE_MS);
      if (done !== 1 && held === epoch) lost(LEASE_MS);
    } catch (err) {
      log.debug({ err }, 'the lease on the event stream could not be renewed');
    }
  };

  const lost = (forMs: number): void => {
    held = '';
    schedule(() => {
      for (const listener of listeners) listener();
    }, forMs + AFTER_MS);
  };

  return {
    get held() {
      return held;
    },
    taken: (epoch) => {
      held = epoch;
      renewLater();
    },
    lost,
    onOver: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      isClosed = true;
      clock.clearTimeout(timer);
      if (held === '') return;
      try {
        await client.eval(RELEASE, 1, key, held);
      } catch (err) {
        log.debug({ err }, 'the lease on the event stream could not be ended; it runs out');
      }
    },
  };
};
