/** A journal whose events are relayed to a real Redis, as the daemon does it. */

import { createActor } from 'xstate';
import type { Clock, RelayStatus } from '../../actors/ports.ts';
import { relayLogic } from '../../actors/relay.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { createBus } from '../../src/redis/bus.ts';
import { createRecordedLog, type RecordedLog } from './recorded-log.ts';
import type { TestRedis } from './redis.ts';
import { draft, startStore, type TestStore } from './store.ts';
import { systemClock } from './system-clock.ts';

export interface TestRelay extends AsyncDisposable {
  readonly store: TestStore;
  readonly log: RecordedLog;
  status(): RelayStatus;
  /** Resolves when the relay reports such a status; at once where it already has. */
  until(holds: (status: RelayStatus) => boolean): Promise<void>;
  /** Resolves when the stream has every committed event. */
  untilRelayed(): Promise<void>;
  /** Commits so many events and answers the last one's number. */
  commit(count: number): Promise<number>;
}

export const startRelay = async (options: {
  /** Null: wherever `follow` leads. */
  redis: Pick<TestRedis, 'ownUrl'> | null;
  follow?: Parameters<typeof createBus>[0]['follow'];
  folder?: string;
  host?: string;
  prefix?: string;
}): Promise<TestRelay> => {
  const { redis, follow, folder, host = 'host-a', prefix = '' } = options;
  const clock: Clock = systemClock;
  const store = startStore({ host, ...(folder === undefined ? {} : { folder }) });
  const { outbox } = store;
  const log = createRecordedLog();
  const epoch = () => outbox.epoch;
  const bus = createBus({
    ...{ url: redis?.ownUrl ?? null, prefix, epoch, host, clock, log },
    ...(follow && { follow }),
  });
  let status: RelayStatus = { state: 'degraded', lastRelayed: 0, detail: '' };
  const watchers = new Set<() => void>();
  const report = (next: RelayStatus): void => {
    status = next;
    for (const watcher of watchers) watcher();
  };
  const logic = relayLogic({ outbox, bus, clock, log, random: Math.random, report });
  const actor = createActor(logic).start();

  const until = (holds: (status: RelayStatus) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const watcher = (): void => {
        if (!holds(status)) return;
        watchers.delete(watcher);
        resolve();
      };
      watchers.add(watcher);
      watcher();
    });

  return {
    ...{ store, log, until },
    status: () => status,
    untilRelayed: () =>
      until(({ state, lastRelayed }) => state === 'relaying' && lastRelayed === outbox.last()),
    commit: async (count) => {
      const committed = Promise.withResolvers<number>();
      const stop = outbox.onCommit((events) => committed.resolve(events.at(-1)?.seq ?? 0));
      store.journal.announce(
        Array.from({ length: count }, () =>
          draft('shop-api', { timestamp: clock.now(), output: ['line “ü” 🧪'] }),
        ),
      );
      const last = await committed.promise;
      stop();
      return last;
    },
    [Symbol.asyncDispose]: async () => {
      actor.stop();
      await bus.close();
      store[Symbol.dispose]();
    },
  };
};

/** What the stream holds, as pairs of id and event. */
export const readStream = async (
  redis: TestRedis,
  stream = 'agent-events:stream',
): Promise<[string, MonitorEvent][]> =>
  (await redis.client.xrange(stream, '-', '+')).map(([id, fields]) => [
    id,
    JSON.parse(fields[3] ?? ''),
  ]);

/** What it ought to hold. */
export const readJournal = (store: TestStore): [string, MonitorEvent][] =>
  store.outbox.after(0, 1_000_000).map((event) => [`${event.seq}-0`, event]);

export interface TestSubscriber extends Disposable {
  readonly events: MonitorEvent[];
  seqs(): number[];
}

/** Listens on the channel as anyone would. */
export const subscribe = async (
  redis: TestRedis,
  channel = 'agent-events',
): Promise<TestSubscriber> => {
  const client = redis.client.duplicate({ lazyConnect: false });
  client.on('error', () => undefined); // While Redis is away on purpose.
  await client.subscribe(channel);
  const events: MonitorEvent[] = [];
  client.on('message', (_, message) => events.push(JSON.parse(message)));
  return {
    events,
    seqs: () => events.map(({ seq }) => seq),
    [Symbol.dispose]: () => client.disconnect(),
  };
};
