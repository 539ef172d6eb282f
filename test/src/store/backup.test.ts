import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { backUp, listBackups, startBackups } from '../../../src/store/backup.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createDataFolder } from '../../support/store.ts';

const HOUR_MS = 60 * 60 * 1000;

const setUp = () => {
  const folder = createDataFolder();
  const sql = new Database(`${folder.path}/agent-state.db`);
  sql.exec('CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (7)');
  return {
    sql,
    [Symbol.dispose]: () => {
      sql.close();
      folder[Symbol.dispose]();
    },
  };
};

it('keeps the newest 24 copies, newest first', async () => {
  using files = setUp();
  const folder = join(dirname(files.sql.name), 'backups');
  mkdirSync(folder);
  for (let hour = 10; hour < 35; hour += 1) {
    const time = new Date(Date.UTC(2026, 0, 1, hour)).toISOString().replaceAll(':', '-');
    writeFileSync(join(folder, `agent-state.${time}.db`), '');
  }
  await backUp(files.sql, Date.UTC(2026, 0, 3));
  const names = listBackups(files.sql.name).map((path) => basename(path));
  expect(names).toHaveLength(24);
  expect(names[0]).toBe('agent-state.2026-01-03T00-00-00.000Z.db');
  expect(names.at(-1)).toBe('agent-state.2026-01-01T12-00-00.000Z.db');
});

it('keeps fewer where they are too many bytes, but always the newest', async () => {
  using files = setUp();
  for (const hour of [1, 2, 3]) await backUp(files.sql, Date.UTC(2026, 0, 1, hour), 1);
  expect(listBackups(files.sql.name)).toHaveLength(1);
  expect(listBackups(files.sql.name)[0]).toMatch(/T03-00/);
});

it('copies soon after a start what no earlier run has, however short they were', async () => {
  using files = setUp();
  const clock = createManualClock(Date.now());
  const start = () => startBackups({ sql: files.sql, clock, log: createRecordedLog() });
  start().stop();
  clock.advance(60_000);
  expect(listBackups(files.sql.name)).toEqual([]);
  const backups = start();
  clock.advance(5_000);
  await expect.poll(() => listBackups(files.sql.name).length).toBe(1);
  backups.stop();
});

it('writes back what stands in the log alone when it copies', async () => {
  using files = setUp();
  const { sql } = files;
  sql.pragma('journal_mode = WAL');
  sql.exec('INSERT INTO t VALUES (8)');
  const withoutLog = () => {
    const path = join(dirname(sql.name), 'without-log.db');
    copyFileSync(sql.name, path);
    const opened = new Database(path);
    const count = opened.prepare('SELECT count(*) FROM t').pluck().get();
    opened.close();
    return count;
  };
  expect(withoutLog()).toBe(1);
  const clock = createManualClock(Date.now());
  const backups = startBackups({ sql, clock, log: createRecordedLog() });
  clock.advance(5_000);
  await expect.poll(() => listBackups(sql.name).length).toBe(1);
  expect(withoutLog()).toBe(2);
  backups.stop();
});

it('copies once an hour, and only what has changed', async () => {
  using files = setUp();
  const clock = createManualClock(Date.now());
  const log = createRecordedLog();
  const backups = startBackups({ sql: files.sql, clock, log });
  const countAfter = async (ms: number): Promise<number> => {
    clock.advance(ms);
    await expect.poll(() => clock.pending()).toBe(1);
    return listBackups(files.sql.name).length;
  };
  /** As if that much time had passed since the last copy was made. */
  const age = (ms: number): void => {
    const [copy = ''] = listBackups(files.sql.name);
    const at = new Date(clock.now() - ms);
    utimesSync(copy, at, at);
  };
  expect(await countAfter(HOUR_MS / 6)).toBe(1);
  expect(await countAfter(HOUR_MS / 6)).toBe(1);
  age(2 * HOUR_MS);
  const long = new Date(clock.now() - 3 * HOUR_MS);
  utimesSync(files.sql.name, long, long);
  expect(await countAfter(HOUR_MS / 6)).toBe(1);
  files.sql.exec('INSERT INTO t VALUES (8)');
  expect(await countAfter(HOUR_MS / 6)).toBe(2);
  backups.stop();
  expect(clock.pending()).toBe(0);
  expect(log.lines).toEqual([]);
});

it('is whole in one file, though it is made while much is written', async () => {
  using files = setUp();
  const { sql } = files;
  sql.pragma('journal_mode = WAL');
  sql.exec('CREATE TABLE pairs (n INTEGER PRIMARY KEY, fill TEXT); CREATE INDEX i ON pairs (fill)');
  const insert = sql.prepare('INSERT INTO pairs (fill) VALUES (?)');
  const writeTwo = sql.transaction(() => {
    for (const half of ['a', 'b']) insert.run(half.repeat(2000));
  });
  let written = 0;
  const write = () => {
    writeTwo.immediate();
    written += 1;
  };
  while (written < 1000) write();
  let done = false;
  const backup = backUp(sql, Date.UTC(2026, 0, 1)).finally(() => {
    done = true;
  });
  while (!done) {
    write();
    await nextTurn();
  }
  await backup;
  expect(written).toBeGreaterThan(1010);
  const [copy = '', ...more] = listBackups(sql.name);
  expect(more).toEqual([]);
  expect(readdirSync(dirname(copy))).toEqual([basename(copy)]);
  const opened = new Database(copy, { readonly: true });
  expect(opened.pragma('integrity_check', { simple: true })).toBe('ok');
  const rows = opened.prepare('SELECT count(*), max(n) FROM pairs').raw().get();
  const [count, last] = rows as [number, number];
  expect(count).toBe(last);
  expect(count % 2).toBe(0);
  expect(count).toBeGreaterThanOrEqual(2000);
  opened.close();
});

it('keeps no copy of a damaged database, and says so', async () => {
  using files = setUp();
  files.sql.exec('CREATE INDEX i ON t (n)');
  await backUp(files.sql, Date.UTC(2026, 0, 1));
  const good = readFileSync(listBackups(files.sql.name)[0] ?? '');
  const index = files.sql.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'i'").pluck();
  const page = Number(index.get());
  const file = openSync(files.sql.name, 'r+');
  writeSync(file, Buffer.from([9]), 0, 1, page * 4096 - 1);
  closeSync(file);
  using damaged = openAgain(files.sql.name);
  await expect(backUp(damaged.sql, Date.UTC(2026, 0, 2))).rejects.toThrow(/the copy is damaged/);
  expect(listBackups(files.sql.name)).toHaveLength(1);
  expect(readFileSync(listBackups(files.sql.name)[0] ?? '')).toEqual(good);
  expect(readdirSync(join(dirname(files.sql.name), 'backups'))).toHaveLength(1);
});

const openAgain = (path: string) => {
  const sql = new Database(path);
  return { sql, [Symbol.dispose]: () => void sql.close() };
};

it('removes what a run that was killed has left half copied', () => {
  using files = setUp();
  const name = 'agent-state.2026-01-05T00-00-00.000Z.db.part';
  const part = join(dirname(files.sql.name), 'backups', name);
  mkdirSync(dirname(part));
  writeFileSync(part, '');
  const clock = createManualClock(Date.now());
  startBackups({ sql: files.sql, clock, log: createRecordedLog() }).stop();
  expect(existsSync(part)).toBe(false);
});

it('says so where it fails, and tries again', async () => {
  using files = setUp();
  const clock = createManualClock(Date.now());
  const log = createRecordedLog();
  const backups = startBackups({ sql: files.sql, clock, log });
  files.sql.close();
  clock.advance(10 * 60 * 1000);
  await expect.poll(() => log.messages('error')).toEqual(['the database could not be backed up']);
  await expect.poll(() => clock.pending()).toBe(1);
  expect(backups.check()).toMatchObject({
    status: 'degraded',
    detail: expect.stringMatching(/agent-state\.db is not backed up since 20/),
  });
  backups.stop();
});
