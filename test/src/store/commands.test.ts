import { copyFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  CommandNotFound,
  CommandNotQueued,
  CommandNotUnknown,
  StoreFailed,
} from '../../../actors/errors.ts';
import type { CommandOutcome } from '../../../actors/ports.ts';
import { laneOf } from '../../../machines/vocabulary.ts';
import { backUp, listBackups } from '../../../src/store/backup.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { commandDraft, startCommands, TARGET, type TestCommands } from '../../support/commands.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createDataFolder } from '../../support/store.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const LANE = laneOf(TARGET);

const SENT: CommandOutcome = {
  status: 'sent',
  evidence: 'turn-started',
  error: null,
  attempts: 2,
};
const FAILED: CommandOutcome = {
  status: 'failed',
  evidence: 'not-typed',
  error: 'target_gone',
  attempts: 0,
};
const UNKNOWN: CommandOutcome = {
  status: 'unknown',
  evidence: 'none',
  error: 'not_seen',
  attempts: 1,
};

describe('the database', () => {
  it('is durable and only for its user', () => {
    using queue = startCommands();
    const path = join(queue.folder, 'command-queue.db');
    for (const suffix of ['', '-wal']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
    using sql = openBeside(queue.folder);
    expect(sql.pragma('journal_mode', { simple: true })).toBe('wal');
    const strict = sql.prepare(`SELECT strict FROM pragma_table_list WHERE name = 'commands'`);
    expect(strict.pluck().get()).toBe(1);
  });

  it('gives a command back as it was accepted, after being opened again too', async () => {
    using folder = createDataFolder();
    const draft = commandDraft({
      session: 'café ☕ /1',
      command: 'zwei\nZeilen\t“🧪” \u0000 -x #{pane_id} $HOME ;',
      act: { action: 'answer', dialog: 'd1', choice: '2' },
      when: 'now',
      retryOf: 'earlier',
    });
    const { idempotency: _, ...asked } = draft;
    let id = '';
    {
      using queue = startCommands({ folder: folder.path });
      ({ id } = await queue.add(draft));
    }
    using queue = startCommands({ folder: folder.path });
    expect(queue.get(id)).toEqual({
      ...asked,
      ...{ id, status: 'queued', evidence: 'none', attempts: 0, createdAt: queue.clock.now() },
      ...{ startedAt: null, finishedAt: null, error: null, resolution: null },
    });
    expect(queue.counts().queued).toBe(1);
    expect(queue.queued(draft.key)).toBe(1);
  });

  it('that is damaged is replaced by its backup, of which nothing is ever typed', async () => {
    using folder = createDataFolder();
    {
      using queue = startCommands({ folder: folder.path });
      const [waiting, typing, sent] = [await queue.add(), await queue.add(), await queue.add()];
      queue.begin(sent.id);
      queue.finish(sent.id, SENT);
      queue.begin(typing.id);
      using sql = openBeside(folder.path);
      await backUp(sql, queue.clock.now());
      // After the backup it was typed: whoever trusts the backup would type it again.
      queue.begin(waiting.id);
      queue.finish(waiting.id, SENT);
      await queue.events();
    }
    truncateSync(join(folder.path, 'command-queue.db'), 5000);
    using queue = startCommands({ folder: folder.path });
    expect(queue.lanes()).toEqual([]);
    // What was typed since is told by the journal; of what was being typed nobody can say.
    expect(queue.counts()).toMatchObject({ queued: 0, sending: 0, sent: 2, unknown: 1 });
    const [first] = queue.page({ session: 'shop-api', key: null }, { limit: 1 }).commands;
    expect(first).toMatchObject({ status: 'sent' });
    const finals = (await queue.events()).filter(({ event }) => event !== 'command_queued');
    expect(finals.map(({ event }) => event)).toEqual([
      'command_sent',
      'command_sent',
      'command_unknown',
    ]);
    expect(queue.health()).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/command-queue\.db was damaged and set aside as command-queue/),
    });
  });

  it.each([
    ['and its log is gone', false],
    ['though the log of the later one still lies there', true],
  ])('that a person replaced by a backup types nothing of it again, %s', async (_, isStale) => {
    using folder = createDataFolder();
    const path = join(folder.path, 'command-queue.db');
    {
      using queue = startCommands({ folder: folder.path });
      const { id } = await queue.add();
      using sql = openBeside(folder.path);
      await backUp(sql, queue.clock.now());
      queue.begin(id);
      queue.finish(id, SENT);
      await queue.add({ command: 'later' });
      await queue.events();
      if (isStale) copyFileSync(`${path}-wal`, `${path}.kept`);
    }
    copyFileSync(listBackups(path)[0] ?? '', path);
    if (isStale) copyFileSync(`${path}.kept`, `${path}-wal`);
    for (const start of ['first', 'second']) {
      using queue = startCommands({ folder: folder.path });
      expect(queue.lanes(), `at the ${start} start`).toEqual([]);
      expect(queue.counts()).toMatchObject({ queued: 0, sending: 0, sent: 1, unknown: 0 });
    }
    const stale = readdirSync(folder.path).filter((name) => name.includes('.stale-'));
    expect(stale.some((name) => name.endsWith('-wal'))).toBe(isStale);
  });

  it('that was restored stays so until every command in it has ended', async () => {
    using folder = createDataFolder();
    const path = join(folder.path, 'command-queue.db');
    {
      using queue = startCommands({ folder: folder.path });
      await queue.add();
      using sql = openBeside(folder.path);
      await backUp(sql, queue.clock.now());
    }
    copyFileSync(listBackups(path)[0] ?? '', path);
    const migrations = fileURLToPath(
      new URL('../../../src/store/command-migrations', import.meta.url),
    );
    // As a start that is killed between opening the file and ending what it holds.
    const killed = openSqlite({ path, migrations, now: 0, log: createRecordedLog() });
    expect(killed.begun).toBe('restored');
    killed.sql.close();
    using queue = startCommands({ folder: folder.path });
    expect(queue.lanes()).toEqual([]);
    expect(queue.counts()).toMatchObject({ queued: 0, unknown: 1 });
  });
});

describe('the order of service', () => {
  it('is answers and interrupts first, then texts, each in the order in which they came', async () => {
    using queue = startCommands();
    const add = async (command: string, action: 'text' | 'interrupt' | 'answer') => {
      const acts = {
        text: { action: 'text', submit: true, raw: false },
        interrupt: { action: 'interrupt' },
        answer: { action: 'answer', dialog: 'd', choice: '1' },
      } as const;
      await queue.add({ command, act: acts[action] });
    };
    await add('a', 'text');
    await add('b', 'text');
    await add('c', 'answer');
    await add('d', 'interrupt');
    await add('e', 'text');
    expect(queue.waiting(LANE).map(({ command }) => command)).toEqual(['c', 'd', 'a', 'b', 'e']);
  });

  it('holds in each pane by itself, whatever session shows it', async () => {
    using queue = startCommands();
    const other = { ...TARGET, paneId: '%2' };
    const later = { ...TARGET, server: { pid: 10, startTime: 2000 } };
    await queue.add({ command: 'a' });
    await queue.add({ command: 'b', target: other });
    await queue.add({ command: 'c', session: 'grouped', key: 'k2' });
    await queue.add({ command: 'd', target: later });
    expect(new Set(queue.lanes())).toEqual(new Set([LANE, laneOf(other), laneOf(later)]));
    expect(queue.waiting(LANE).map(({ command }) => command)).toEqual(['a', 'c']);
  });

  it('keeps the place of one that is put back', async () => {
    using queue = startCommands();
    const first = await queue.add();
    const second = await queue.add();
    queue.begin(first.id);
    expect(queue.waiting(LANE).map(({ id }) => id)).toEqual([second.id]);
    queue.putBack(first.id);
    expect(queue.waiting(LANE).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(queue.get(first.id)).toMatchObject({ status: 'queued', startedAt: null });
    expect((await queue.events()).map(({ event }) => event)).toEqual([
      'command_queued',
      'command_queued',
    ]);
  });
});

describe('the life of a command', () => {
  it('goes from queued by sending to its end, with its times', async () => {
    using queue = startCommands();
    const { id, createdAt } = await queue.add();
    queue.clock.advance(1000);
    expect(queue.begin(id)).toBe(true);
    expect(queue.get(id)).toMatchObject({ status: 'sending', startedAt: createdAt + 1000 });
    queue.clock.advance(500);
    queue.finish(id, SENT);
    expect(queue.get(id)).toMatchObject({ ...SENT, finishedAt: createdAt + 1500 });
    expect(queue.counts()).toMatchObject({ queued: 0, sending: 0, sent: 1 });
  });

  it('begins once', async () => {
    using queue = startCommands();
    const { id } = await queue.add();
    expect([queue.begin(id), queue.begin(id), queue.begin('no-such')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('expires when it would have, though the clock is set back by an hour', async () => {
    using queue = startCommands();
    const { id, createdAt, expiresAt } = await queue.add();
    queue.clock.advance(10_000);
    const fresh = await queue.add();
    const told = Promise.withResolvers<string>();
    queue.onChange((changed) => told.resolve(changed.id));
    queue.clockSetBack(HOUR_MS);
    expect(await told.promise).toBe(id);
    expect(queue.get(id)).toMatchObject({
      createdAt: createdAt - HOUR_MS,
      expiresAt: expiresAt - HOUR_MS,
    });
    // Accepted when the clock had been set, and before that was noticed.
    expect(queue.get(fresh.id).expiresAt).toBe(fresh.expiresAt);
    expect(queue.expire(expiresAt - HOUR_MS - 1)).toBe(expiresAt - HOUR_MS);
    expect(queue.expire(expiresAt - HOUR_MS)).toBe(fresh.expiresAt);
    expect(queue.get(id).status).toBe('expired');
  });

  it('does not begin after its deadline, though nobody has marked it expired yet', async () => {
    using queue = startCommands();
    const { id, createdAt } = await queue.add({ expiresAt: Date.UTC(2026, 0, 1) + 1000 });
    queue.clock.advance(999);
    expect(queue.expire(queue.clock.now())).toBe(createdAt + 1000);
    queue.clock.advance(1);
    expect(queue.begin(id)).toBe(false);
    expect(queue.expire(queue.clock.now())).toBeNull();
    expect(queue.get(id)).toMatchObject({ status: 'expired', evidence: 'not-typed' });
  });

  it('may fail without having begun, but never be sent so', async () => {
    using queue = startCommands();
    const { id } = await queue.add();
    expect(() => queue.finish(id, SENT)).toThrow(/never begun/);
    queue.finish(id, FAILED);
    expect(queue.get(id)).toMatchObject(FAILED);
  });

  it('has one end: a later one changes nothing', async () => {
    using queue = startCommands();
    const { id } = await queue.add();
    queue.cancel(id);
    queue.finish(id, FAILED);
    queue.putBack(id);
    expect(queue.get(id).status).toBe('cancelled');
    expect((await queue.events()).map(({ event }) => event)).toEqual([
      'command_queued',
      'command_cancelled',
    ]);
    expect(() => queue.finish('no-such', SENT)).toThrow(CommandNotFound);
    expect(() => queue.putBack('no-such')).toThrow(CommandNotFound);
  });

  it('tells whether a dialog was answered, or may have been', async () => {
    using queue = startCommands();
    const act = { action: 'answer', dialog: 'd1@b', choice: '1' } as const;
    const { id, key } = await queue.add({ act });
    expect(queue.isAnswered(key, 'd1@b')).toBe(false);
    queue.begin(id);
    expect(queue.isAnswered(key, 'd1@b')).toBe(true);
    queue.recover();
    expect(queue.get(id).status).toBe('unknown');
    expect(queue.isAnswered(key, 'd1@b')).toBe(true);
    expect(queue.isAnswered(key, 'd1@c')).toBe(false);
    expect(queue.isAnswered('another', 'd1@b')).toBe(false);
    const failed = await queue.add({ act: { ...act, dialog: 'd2@b' } });
    queue.finish(failed.id, FAILED);
    expect(queue.isAnswered(key, 'd2@b')).toBe(false);
  });

  it('can be cancelled until it begins', async () => {
    using queue = startCommands();
    const [one, two] = [await queue.add(), await queue.add()];
    expect(queue.cancel(one.id)).toMatchObject({ status: 'cancelled', evidence: 'not-typed' });
    expect(queue.begin(one.id)).toBe(false);
    queue.begin(two.id);
    expect(() => queue.cancel(two.id)).toThrow(CommandNotQueued);
    expect(() => queue.cancel('no-such')).toThrow(CommandNotFound);
  });

  it('is unknown after a crash in the middle of typing, and only then', async () => {
    using queue = startCommands();
    const [typing, waiting] = [await queue.add(), await queue.add()];
    queue.begin(typing.id);
    expect(queue.recover()).toBe(1);
    expect(queue.get(typing.id)).toMatchObject({ status: 'unknown', error: 'interrupted' });
    expect(queue.get(waiting.id).status).toBe('queued');
    expect(queue.recover()).toBe(0);
  });

  it('can be resolved once, and only where it is unknown', async () => {
    using queue = startCommands();
    const { id } = await queue.add();
    expect(() => queue.resolve(id, 'typed')).toThrow(CommandNotUnknown);
    queue.begin(id);
    queue.finish(id, UNKNOWN);
    expect(queue.resolve(id, 'it was typed')).toMatchObject({ status: 'unknown' });
    expect(queue.get(id).resolution).toBe('it was typed');
    expect(() => queue.resolve(id, 'it was not')).toThrow(/already: it was typed/);
    expect(() => queue.resolve('no-such', 'typed')).toThrow(CommandNotFound);
  });

  it('is told to listeners after each commit, also where one of them fails', async () => {
    using queue = startCommands();
    using sql = openBeside(queue.folder);
    const statuses: unknown[] = [];
    queue.onChange(() => {
      throw new Error('broken listener');
    });
    const stop = queue.onChange(({ id, status }) => {
      const stored = sql.prepare('SELECT status FROM commands WHERE id = ?').pluck().get(id);
      statuses.push([status, stored]);
    });
    const { id } = await queue.add();
    queue.begin(id);
    queue.finish(id, SENT);
    stop();
    await queue.add();
    expect(statuses).toEqual([
      ['queued', 'queued'],
      ['sending', 'sending'],
      ['sent', 'sent'],
    ]);
    expect(queue.store.log.lines.length).toBeGreaterThan(0);
  });

  it('does not change where the disk does not take it', async () => {
    using queue = startCommands();
    const { id } = await queue.add();
    {
      using sql = openBeside(queue.folder, false);
      sql.exec('BEGIN IMMEDIATE');
      expect(() => queue.begin(id)).toThrow(StoreFailed);
      expect(() => queue.cancel(id)).toThrow(StoreFailed);
      sql.exec('ROLLBACK');
    }
    expect(queue.counts().queued).toBe(1);
    expect(queue.begin(id)).toBe(true);
  });
});

it('cancels or begins a command, never both, in a thousand races', {
  timeout: 60_000,
}, async () => {
  using queue = startCommands({ limits: { sessionDepth: 1000 } });
  const ids = await Promise.all(Array.from({ length: 1000 }, async () => (await queue.add()).id));
  const [typed, cancelled] = [new Set<string>(), new Set<string>()];
  const attempt = async (id: string, n: number, act: () => boolean, into: Set<string>) => {
    // A different number of turns each time, so that either comes first.
    for (let turn = 0; turn < n % 4; turn += 1) await Promise.resolve();
    if (act()) into.add(id);
  };
  await Promise.all(
    ids.flatMap((id, n) => [
      attempt(id, n, () => queue.begin(id), typed),
      attempt(id, n >> 2, () => isCancelled(() => queue.cancel(id)), cancelled),
    ]),
  );
  expect(typed.size).toBeGreaterThan(100);
  expect(cancelled.size).toBeGreaterThan(100);
  expect(typed.size + cancelled.size).toBe(1000);
  expect([...typed].filter((id) => cancelled.has(id))).toEqual([]);
  expect(queue.counts()).toMatchObject({ sending: typed.size, cancelled: cancelled.size });
});

describe('pages', () => {
  it('are the newest first and hold every command once', async () => {
    using queue = startCommands();
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.unshift((await queue.add()).id);
    await queue.add({ session: 'shop-web' });
    const seen: string[] = [];
    let cursor: string | null | undefined;
    const sizes: number[] = [];
    do {
      const page = queue.page(
        { session: 'shop-api', key: null },
        { limit: 3, ...(cursor ? { cursor } : {}) },
      );
      seen.push(...page.commands.map(({ id }) => id));
      sizes.push(page.commands.length);
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(ids);
    expect(sizes).toEqual([3, 3, 1]);
  });

  it('end exactly where the commands do', async () => {
    using queue = startCommands();
    await queue.add();
    expect(queue.page({ session: 'shop-api', key: null }, { limit: 1 }).next).toBeNull();
    expect(queue.page({ session: 'no-such', key: null }, { limit: 1 })).toEqual({
      commands: [],
      next: null,
    });
  });
});

it('forgets commands a week after their end, and no waiting one', async () => {
  using folder = createDataFolder();
  const start = Date.UTC(2026, 0, 1);
  /** Opens the queue that much later, and gives it time to forget. */
  const openAfter = (ms: number): TestCommands => {
    const clock = createManualClock(start + ms);
    const queue = startCommands({ folder: folder.path, clock });
    clock.advance(1000);
    return queue;
  };
  const ids: string[] = [];
  {
    using queue = openAfter(0);
    for (let n = 0; n < 2; n += 1) {
      ids.push((await queue.add({ expiresAt: start + 30 * DAY_MS })).id);
    }
    queue.cancel(ids[0] ?? '');
  }
  const [ended = '', waiting = ''] = ids;
  {
    using queue = openAfter(7 * DAY_MS - HOUR_MS);
    expect(queue.get(ended).status).toBe('cancelled');
  }
  using queue = openAfter(7 * DAY_MS + HOUR_MS);
  expect(() => queue.get(ended)).toThrow(CommandNotFound);
  expect(queue.get(waiting).status).toBe('queued');
  expect(queue.counts()).toMatchObject({ queued: 1, cancelled: 0 });
});

it('opens what kill -9 leaves behind', async () => {
  using folder = createDataFolder();
  let id = '';
  {
    using queue = startCommands();
    ({ id } = await queue.add());
    // The files as they are while the queue is open: the command stands in the log only.
    for (const name of readdirSync(queue.folder)) {
      if (name.includes('.db')) copyFileSync(join(queue.folder, name), join(folder.path, name));
    }
  }
  using queue = startCommands({ folder: folder.path });
  expect(queue.get(id).status).toBe('queued');
});

/** Whether it was in time. */
const isCancelled = (cancel: () => void): boolean => {
  try {
    cancel();
    return true;
  } catch (error) {
    if (error instanceof CommandNotQueued) return false;
    throw error;
  }
};

/** The same file, as another process sees it. */
const openBeside = (folder: string, readonly = true) => {
  const sql = new Database(join(folder, 'command-queue.db'), { readonly });
  return Object.assign(sql, { [Symbol.dispose]: () => void sql.close() });
};
