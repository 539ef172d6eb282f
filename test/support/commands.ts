/** A command queue with the store that it tells of its commands, and commands to put into it. */

import { randomUUID } from 'node:crypto';
import type { CommandDraft, StoredCommand } from '../../actors/ports.ts';
import type { EventName, MonitorEvent, PaneIdentity } from '../../machines/vocabulary.ts';
import { type Commands, createCommands } from '../../src/store/commands.ts';
import { createDataFolder, endOfTurn, startStore, type TestStore } from './store.ts';

export interface TestCommands extends Commands, Disposable {
  readonly store: TestStore;
  readonly clock: TestStore['clock'];
  readonly folder: string;
  /** Puts one into the queue, and answers it once it is there. */
  add(parts?: Partial<CommandDraft>): Promise<StoredCommand>;
  /** The commands' events in the journal, after all that is on its way has come there. */
  events(): Promise<MonitorEvent[]>;
}

type Options = Partial<Pick<Parameters<typeof createCommands>[0], 'limits' | 'freeBytes'>>;

/** Opens a queue in `folder`, or in a new one that goes with it. */
export const startCommands = (
  options: Options & { folder?: string; clock?: TestStore['clock'] } = {},
): TestCommands => {
  const { folder, clock, ...rest } = options;
  const own = folder === undefined ? createDataFolder() : undefined;
  const store = startStore({
    folder: folder ?? own?.path ?? '',
    ...(clock === undefined ? {} : { clock }),
  });
  const queue = createCommands({
    ...{ dataDir: store.folder, clock: store.clock, log: store.log, newId: randomUUID },
    journal: store.journal,
    ...rest,
  });
  let closed = false;
  const close = (): boolean => {
    closed = true;
    return queue.close();
  };
  return {
    ...queue,
    ...{ store, clock: store.clock, folder: store.folder, close },
    add: async (parts) => queue.get((await queue.accept(commandDraft(parts))).command.id),
    events: async () => {
      // One turn for the queue's own commit, one for the journal's.
      await endOfTurn();
      await endOfTurn();
      return store.events.after(0, 100_000).filter(({ event }) => event.startsWith('command_'));
    },
    [Symbol.dispose]: () => {
      if (!closed) close();
      store[Symbol.dispose]();
      own?.[Symbol.dispose]();
    },
  };
};

export const TARGET: PaneIdentity = {
  server: { pid: 10, startTime: 1000 },
  sessionId: '$1',
  paneId: '%1',
  panePid: 100,
};

export const commandDraft = (parts: Partial<CommandDraft> = {}): CommandDraft => ({
  session: 'shop-api',
  key: '10.1000.$1',
  target: TARGET,
  command: 'Continue with implementation',
  source: 'zoe',
  when: 'safe',
  act: { action: 'text', submit: true, raw: false },
  expiresAt: Date.UTC(2026, 0, 1, 1),
  retryOf: null,
  idempotency: null,
  ...parts,
});

export const FINAL_EVENTS: EventName[] = [
  'command_sent',
  'command_failed',
  'command_unknown',
  'command_expired',
  'command_cancelled',
];
