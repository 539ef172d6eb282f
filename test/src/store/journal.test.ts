import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { createGroupCommit } from '../../../src/store/group-commit.ts';
import { createJournal } from '../../../src/store/journal.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import {
  agentRow,
  createDataFolder,
  draft,
  endOfTurn,
  startStore,
  stepTo,
} from '../../support/store.ts';

/** What another process sees: only what is committed. */
const peek = (folder: string) => {
  const sql = new Database(`${folder}/agent-state.db`, { readonly: true });
  onTestFinished(() => {
    sql.close();
  });
  const count = (table: string) => sql.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  return { sql, count };
};

describe('record', () => {
  it('commits all changes of one turn in one transaction, rows and events together', async () => {
    using store = startStore();
    const told: MonitorEvent[][] = [];
    store.journal.onCommit((events) => told.push(events));
    const committed = peek(store.folder);

    store.journal.record(stepTo('shop-api', 'reading'));
    store.journal.record(stepTo('shop-web', 'working'));
    store.journal.announce([draft('', { event: 'monitor_started' })]);
    expect(committed.count('events')).toBe(0);
    expect(told).toEqual([]);

    await endOfTurn();
    expect(committed.count('events')).toBe(3);
    expect(committed.count('agent_state')).toBe(2);
    expect(committed.count('snapshots')).toBe(2);
    expect(told).toHaveLength(1);
    expect(told[0]?.map(({ seq, event, session }) => [seq, event, session])).toEqual([
      [1, 'state_change', 'shop-api'],
      [2, 'state_change', 'shop-web'],
      [3, 'monitor_started', ''],
    ]);
  });

  it('gives a session back as it was recorded', async () => {
    using store = startStore();
    const row = agentRow('shop-api', {
      ...{ state: 'stuck', since: null, attention: 'question', progress: 35, restarts: 2 },
      ...{ lastActivity: 1_767_225_612_345, goneAt: 1_767_225_700_000 },
      todos: [{ text: 'write “tests” 🧪', status: 'in-progress' }],
      otherPanes: [{ pane: '%9', kind: 'codex' }],
      dialog: { id: 'f1', attention: 'question', question: 'Which?', options: [], since: 5 },
      machine: { activity: 'stuck', attention: 'question' },
    });
    store.journal.record({ row, snapshot: { value: { deep: [1, null] } }, events: [draft('x')] });
    await endOfTurn();
    expect(store.journal.rows()).toEqual([row]);
    expect(store.journal.snapshot(row.key)).toEqual({ value: { deep: [1, null] } });
  });

  it('lets changes without events wait up to a second, and keeps the latest of each', async () => {
    using store = startStore();
    const committed = peek(store.folder);
    const progress = (session: string, value: number) =>
      store.journal.record({
        row: agentRow(session, { progress: value }),
        snapshot: { value },
        events: [],
      });
    progress('shop-api', 1);
    progress('shop-api', 2);
    progress('shop-web', 3);
    await endOfTurn();
    store.clock.advance(999);
    expect(committed.count('agent_state')).toBe(0);
    store.clock.advance(1);
    expect(store.journal.rows().map(({ session, progress }) => [session, progress])).toEqual([
      ['shop-api', 2],
      ['shop-web', 3],
    ]);
    expect(store.journal.snapshot('1/shop-api')).toEqual({ value: 2 });
  });

  it('lets nobody wait for how a session is watched', async () => {
    using store = startStore();
    store.journal.record({ ...stepTo('shop-api', 'reading') });
    await endOfTurn();
    const row = agentRow('shop-api', { connection: 'reconnecting' });
    store.journal.record({ row, snapshot: null, events: [] });
    await endOfTurn();
    expect(store.journal.rows()).toMatchObject([{ connection: 'reconnecting' }]);
  });

  it('commits what waits together with the next event', async () => {
    using store = startStore();
    store.journal.record({ row: agentRow('shop-web'), snapshot: 1, events: [] });
    store.journal.record(stepTo('shop-api', 'reading'));
    await endOfTurn();
    expect(store.journal.rows()).toHaveLength(2);
  });

  it('refuses into the caller what cannot be stored, and commits the rest', async () => {
    using store = startStore();
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const { record, announce } = store.journal;
    const row = agentRow('shop-api');
    expect(() => record({ row, snapshot: circular, events: [] })).toThrow(/circular/);
    expect(() =>
      record({ row: agentRow('shop-api', { since: Number.NaN }), snapshot: 1, events: [] }),
    ).toThrow(/row of 1\/shop-api has NaN for since/);
    expect(() => announce([draft('shop-api', { timestamp: 1.5 })])).toThrow(/timestamp 1\.5/);
    expect(() => record({ row, snapshot: 1, events: [draft('shop-api', { circular })] })).toThrow(
      /circular/,
    );
    record(stepTo('shop-web', 'reading'));
    await endOfTurn();
    expect(store.journal.rows().map(({ session }) => session)).toEqual(['shop-web']);
    expect(store.events.last()).toBe(1);
  });

  it('does not give back a snapshot of another version', async () => {
    using folder = createDataFolder();
    {
      using store = startStore({ folder: folder.path, snapshotVersion: 1 });
      store.journal.record(stepTo('shop-api', 'working'));
    }
    using store = startStore({ folder: folder.path, snapshotVersion: 2 });
    expect(store.journal.snapshot('1/shop-api')).toBeNull();
    expect(store.journal.rows()).toHaveLength(1);
    expect(store.journal.snapshot('1/nobody')).toBeNull();
  });
});

describe('onCommit', () => {
  it('tells the others though one listener throws, and keeps what is committed', async () => {
    using store = startStore();
    const told: number[] = [];
    store.journal.onCommit(() => {
      throw new Error('a bad listener');
    });
    store.journal.onCommit((events) => told.push(...events.map(({ seq }) => seq)));
    store.journal.record(stepTo('shop-api', 'reading'));
    await endOfTurn();
    expect(told).toEqual([1]);
    expect(store.events.last()).toBe(1);
    expect(store.log.messages('error')).toEqual(['a listener to committed events failed']);
  });

  it('tells nothing to a listener that has stopped', async () => {
    using store = startStore();
    const told: unknown[] = [];
    const stop = store.journal.onCommit((events) => told.push(events));
    stop();
    stop();
    store.journal.record(stepTo('shop-api', 'reading'));
    await endOfTurn();
    expect(store.events.last()).toBe(1);
    expect(told).toEqual([]);
  });

  it('keeps the order where a listener records more', async () => {
    using store = startStore();
    const told: [string, number][] = [];
    store.journal.onCommit((events) => {
      if (events[0]?.seq === 1) store.journal.announce([draft('', { event: 'actor_crashed' })]);
    });
    store.journal.onCommit((events) => {
      for (const { event, seq } of events) told.push([event, seq]);
    });
    store.journal.record(stepTo('shop-api', 'reading'));
    await endOfTurn();
    await endOfTurn();
    expect(told).toEqual([
      ['state_change', 1],
      ['actor_crashed', 2],
    ]);
  });

  it('tells the same object that a later reader gets', async () => {
    using store = startStore();
    const told: MonitorEvent[] = [];
    store.journal.onCommit((events) => told.push(...events));
    store.journal.announce([
      draft('shop-api', { output: ['ü', '🧪'], missing: undefined, nested: { a: [1] } }),
    ]);
    await endOfTurn();
    expect(told.map((event) => JSON.stringify(event))).toEqual(
      store.events.after(0, 10).map((event) => JSON.stringify(event)),
    );
    expect(Object.keys(told[0] ?? {}).slice(0, 6)).toEqual([
      ...['event', 'session', 'timestamp', 'seq', 'epoch', 'host'],
    ]);
  });
});

describe('while nothing can be written', () => {
  /** Another program that holds the database, until `release`. */
  const hold = (folder: string) => {
    const sql = new Database(`${folder}/agent-state.db`);
    onTestFinished(() => {
      sql.close();
    });
    sql.exec('BEGIN IMMEDIATE');
    return { release: () => sql.exec('ROLLBACK') };
  };

  it('keeps the latest of each session and all events, tells none, and goes on being read', async () => {
    using store = startStore();
    const told: MonitorEvent[][] = [];
    store.journal.onCommit((events) => told.push(events));
    store.journal.record(stepTo('shop-api', 'reading'));
    await endOfTurn();
    const holder = hold(store.folder);
    store.journal.record(stepTo('shop-api', 'working', 'reading'));
    await endOfTurn();
    store.journal.record(stepTo('shop-api', 'complete', 'working'));
    store.interactions.log({
      at: 1,
      session: 'a',
      key: '1/a',
      source: 'zoe',
      caller: 'token',
      action: 'kill',
      detail: '',
      text: '',
    });
    await endOfTurn();
    expect(store.journal.rows()[0]?.state).toBe('reading');
    expect(store.events.last()).toBe(1);
    expect(told).toHaveLength(1);
    expect(store.health()).toEqual({
      status: 'down',
      detail: expect.stringMatching(/database is locked; waiting: 2 events, 1 log entries/),
    });

    holder.release();
    store.clock.advance(1000);
    expect(store.health().status).toBe('ok');
    expect(store.journal.rows()[0]?.state).toBe('complete');
    expect(store.journal.snapshot('1/shop-api')).toEqual({ value: 'complete' });
    expect(told[1]?.map(({ seq, state }) => [seq, state])).toEqual([
      [2, 'working'],
      [3, 'complete'],
    ]);
    expect(store.interactions.recent({ session: 'a', key: '1/a' }, 1)).toHaveLength(1);
  });

  it('writes again what a full disk cut off in the middle, under the same numbers', async () => {
    using folder = createDataFolder();
    const clock = createManualClock();
    const log = createRecordedLog();
    const shared = { clock, log };
    const path = folder.path;
    const database = openDatabase({ ...shared, dataDir: path, host: 'host-a', newId: randomUUID });
    const { sql } = database;
    const commits = createGroupCommit({ ...shared, sql });
    const journal = createJournal({ ...shared, database, commits, snapshotVersion: 1 });
    const told: MonitorEvent[] = [];
    journal.onCommit((events) => told.push(...events));
    sql.pragma(`max_page_count = ${sql.pragma('page_count', { simple: true })}`);
    journal.record(stepTo('shop-api', 'reading'));
    journal.announce([draft('shop-api', { output: 'x'.repeat(500_000) })]);
    await endOfTurn();
    expect(told).toEqual([]);
    expect(journal.rows()).toEqual([]);

    sql.pragma('max_page_count = 1000000');
    clock.advance(1000);
    expect(told.map(({ seq, event }) => [seq, event])).toEqual([
      [1, 'state_change'],
      [2, 'progress'],
    ]);
    expect(journal.rows()).toHaveLength(1);
    expect(commits.close()).toBe(true);
    database.close();
  });

  it('drops the oldest events past ten thousand, and says how many', async () => {
    using store = startStore();
    const holder = hold(store.folder);
    store.journal.announce([draft('first')]);
    await endOfTurn();
    store.journal.announce(Array.from({ length: 10_002 }, () => draft('later')));
    expect(store.health().detail).toMatch(/waiting: 10000 events \(3 dropped\)/);
    holder.release();
    store.clock.advance(1000);
    expect(store.events.last()).toBe(10_000);
    expect(store.events.after(0, 1)[0]?.session).toBe('later');
    expect(store.log.lines.at(-1)).toMatchObject({ level: 'error', fields: { dropped: 3 } });
  });
});

describe('a restart', () => {
  it('goes on counting where it stopped, in the same epoch', async () => {
    using folder = createDataFolder();
    let epoch: string;
    {
      using store = startStore({ folder: folder.path });
      epoch = store.outbox.epoch;
      store.journal.record(stepTo('shop-api', 'reading'));
    }
    using store = startStore({ folder: folder.path });
    store.journal.record(stepTo('shop-api', 'working', 'reading'));
    await endOfTurn();
    expect(store.outbox.epoch).toBe(epoch);
    expect(store.events.after(0, 10).map((event) => [event.seq, event.epoch])).toEqual([
      [1, epoch],
      [2, epoch],
    ]);
  });

  it('never uses a number again, though its event was deleted', async () => {
    using folder = createDataFolder();
    {
      using store = startStore({ folder: folder.path });
      store.journal.announce([draft('a'), draft('b')]);
    }
    const sql = new Database(`${folder.path}/agent-state.db`);
    sql.exec('DELETE FROM events');
    sql.close();
    using store = startStore({ folder: folder.path });
    expect(store.events.last()).toBe(2);
    store.journal.announce([draft('c')]);
    await endOfTurn();
    expect(store.events.after(0, 10).map(({ seq }) => seq)).toEqual([3]);
  });
});
