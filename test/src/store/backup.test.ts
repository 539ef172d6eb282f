import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { backUp, listBackups, startBackups } from '../../../src/store/backup.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createDataFolder } from '../../support/store.ts';

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

it('keeps the last three copies, newest first', async () => {
  using files = setUp();
  for (const day of [3, 1, 5, 4, 2]) await backUp(files.sql, Date.UTC(2026, 0, day));
  expect(listBackups(files.sql.name).map((path) => basename(path))).toEqual([
    'agent-state.2026-01-05T00-00-00.000Z.db',
    'agent-state.2026-01-04T00-00-00.000Z.db',
    'agent-state.2026-01-03T00-00-00.000Z.db',
  ]);
});

it('copies once a day', async () => {
  using files = setUp();
  const clock = createManualClock(Date.now());
  const log = createRecordedLog();
  const stop = startBackups({ sql: files.sql, clock, log });
  const countAfter = async (ms: number): Promise<number> => {
    clock.advance(ms);
    await expect.poll(() => clock.pending()).toBe(1);
    return listBackups(files.sql.name).length;
  };
  const hourMs = 60 * 60 * 1000;
  expect(await countAfter(hourMs / 6)).toBe(1);
  expect(await countAfter(hourMs / 6)).toBe(1);
  const [copy = ''] = listBackups(files.sql.name);
  const yesterday = new Date(clock.now() - 24 * hourMs);
  utimesSync(copy, yesterday, yesterday);
  expect(await countAfter(hourMs / 6)).toBe(2);
  stop();
  expect(clock.pending()).toBe(0);
  expect(log.lines).toEqual([]);
});

it('removes what a run that was killed has left half copied', () => {
  using files = setUp();
  const name = 'agent-state.2026-01-05T00-00-00.000Z.db.part';
  const part = join(dirname(files.sql.name), 'backups', name);
  mkdirSync(dirname(part));
  writeFileSync(part, '');
  const clock = createManualClock(Date.now());
  startBackups({ sql: files.sql, clock, log: createRecordedLog() })();
  expect(existsSync(part)).toBe(false);
});

it('says so where it fails, and tries again', async () => {
  using files = setUp();
  const clock = createManualClock(Date.now());
  const log = createRecordedLog();
  const stop = startBackups({ sql: files.sql, clock, log });
  files.sql.close();
  clock.advance(10 * 60 * 1000);
  await expect.poll(() => log.messages('error')).toEqual(['the database could not be backed up']);
  await expect.poll(() => clock.pending()).toBe(1);
  stop();
});
