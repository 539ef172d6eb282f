/** A store in a folder of its own, and changes to record in it. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { AgentRow, Change } from '../../actors/ports.ts';
import { type EventDraft, NO_INDICATORS, type State } from '../../machines/vocabulary.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { createRecordedLog, type RecordedLog } from './recorded-log.ts';

export interface DataFolder extends Disposable {
  readonly path: string;
}

export const createDataFolder = (): DataFolder => {
  const path = mkdtempSync(join(tmpdir(), 'am-test-data-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

export interface TestStore extends Store, Disposable {
  readonly folder: string;
  readonly clock: ManualClock;
  readonly log: RecordedLog;
}

/** Opens a store in `folder`, or in a new one that goes with it. */
export const startStore = (
  options: { folder?: string; host?: string; snapshotVersion?: number; clock?: ManualClock } = {},
): TestStore => {
  const own = options.folder === undefined ? createDataFolder() : undefined;
  const folder = options.folder ?? own?.path ?? '';
  const clock = options.clock ?? createManualClock();
  const log = createRecordedLog();
  const store = openStore({
    ...{ dataDir: folder, host: options.host ?? 'host-a', clock, log, newId: randomUUID },
    snapshotVersion: options.snapshotVersion ?? 1,
  });
  let closed = false;
  const close = (): boolean => {
    closed = true;
    return store.close();
  };
  return {
    ...store,
    ...{ folder, clock, log, close },
    [Symbol.dispose]: () => {
      if (!closed) close();
      own?.[Symbol.dispose]();
    },
  };
};

/** The end of this turn of the event loop, when what was recorded in it is committed. */
export const endOfTurn = async (): Promise<void> => {
  await setImmediate();
};

export const agentRow = (session: string, parts: Partial<AgentRow> = {}): AgentRow => ({
  key: `1/${session}`,
  session,
  kind: 'claude-code',
  state: 'reading',
  since: 1_767_225_600_000,
  reason: 'thinking',
  rule: 'claude-code.spinner',
  evidence: '✻ Thinking… (3s)',
  attention: 'none',
  progress: 0,
  progressSource: 'none',
  indicators: NO_INDICATORS,
  connection: 'attached',
  restarts: 0,
  lastActivity: null,
  pane: '%1',
  otherPanes: [],
  cwd: '/home/user/project',
  title: 'shop',
  queued: 0,
  dialog: null,
  todos: [],
  machine: { activity: 'reading' },
  goneAt: null,
  ...parts,
});

export const draft = (session: string, parts: Partial<EventDraft> = {}): EventDraft => ({
  event: 'progress',
  session,
  timestamp: 1_767_225_600_000,
  ...parts,
});

/** A step of a session into a state, with the event that tells it. */
export const stepTo = (session: string, state: State, prevState: State | null = null): Change => ({
  row: agentRow(session, { state }),
  snapshot: { value: state },
  events: [
    draft(session, { event: 'state_change', state, prevState, reason: 'seen', evidence: 'line' }),
  ],
});
