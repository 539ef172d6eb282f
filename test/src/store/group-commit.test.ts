import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { createAttribution } from '../../../src/attribution.ts';
import type { Participant } from '../../../src/store/group-commit.ts';
import { createGroupCommit } from '../../../src/store/group-commit.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createDataFolder, endOfTurn } from '../../support/store.ts';
import { until } from '../../support/until.ts';

const open: Disposable[] = [];
afterEach(() => {
  for (const thing of open.splice(0).reverse()) thing[Symbol.dispose]();
});

/** A database with one table of texts, and a participant that writes what `put` is given. */
const setUp = () => {
  const folder = createDataFolder();
  const sql = new Database(`${folder.path}/t.db`);
  open.push(folder, { [Symbol.dispose]: () => void sql.close() });
  sql.pragma('journal_mode = WAL');
  sql.exec('CREATE TABLE t (text TEXT NOT NULL) STRICT');
  const clock = createManualClock();
  const log = createRecordedLog();
  const commits = createGroupCommit({ sql, clock, log });
  const insert = sql.prepare('INSERT INTO t VALUES (?)');
  const waiting: string[] = [];
  const told: number[] = [];
  let written = 0;
  const participant: Participant = {
    write: () => {
      written = waiting.length;
      for (const text of waiting) insert.run(text);
    },
    committed: () => {
      waiting.length = 0;
    },
    tell: () => told.push(written),
    waiting: () => `${waiting.length} texts`,
  };
  commits.join(participant);
  const put = (text: string): void => {
    waiting.push(text);
    commits.ask('now');
  };
  const count = () => sql.prepare('SELECT count(*) FROM t').pluck().get();
  return { sql, clock, log, commits, put, told, count };
};

const MANY_PAGES = 'x'.repeat(500_000);

describe('while the disk is full', () => {
  it('tells nothing, keeps everything, says so, and commits it once there is room', async () => {
    const { sql, clock, log, commits, put, told, count } = setUp();
    const pages = Number(sql.pragma('page_count', { simple: true }));
    sql.pragma(`max_page_count = ${pages}`);

    put(MANY_PAGES);
    await endOfTurn();
    put('second');
    await endOfTurn();
    expect(count()).toBe(0);
    expect(told).toEqual([]);
    expect(commits.health()).toEqual({
      status: 'down',
      detail: expect.stringMatching(/cannot write .*t\.db since 2026-.*full; waiting: 2 texts/),
    });
    expect(log.messages('error')).toHaveLength(1);

    sql.pragma('max_page_count = 1000000');
    clock.advance(10_000);
    expect(count()).toBe(2);
    expect(told).toEqual([2]);
    expect(commits.health().status).toBe('ok');
  });

  it('tries again ever more seldom, up to every ten seconds, and complains once', async () => {
    const { sql, clock, log, commits, put, count } = setUp();
    sql.pragma(`max_page_count = ${Number(sql.pragma('page_count', { simple: true }))}`);
    put(MANY_PAGES);
    await endOfTurn();
    clock.advance(60_000);
    expect(log.messages('error')).toHaveLength(1);
    expect(commits.health().status).toBe('down');
    expect(clock.pending()).toBe(1);
    sql.pragma('max_page_count = 1000000');
    clock.advance(10_000);
    expect(count()).toBe(1);
    expect(log.lines.at(-1)).toMatchObject({ level: 'info', fields: { tries: 12 } });
  });

  it('says at the end what is lost', async () => {
    const { sql, log, commits, put } = setUp();
    sql.pragma(`max_page_count = ${Number(sql.pragma('page_count', { simple: true }))}`);
    put(MANY_PAGES);
    expect(commits.close()).toBe(false);
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { waiting: '1 texts' } });
  });
});

it('waits for another program that holds the database, and loses nothing', async () => {
  const { sql, clock, commits, put, count } = setUp();
  sql.pragma('busy_timeout = 0');
  const other = new Database(sql.name);
  open.push({ [Symbol.dispose]: () => void other.close() });
  other.exec('BEGIN IMMEDIATE');
  put('text');
  await endOfTurn();
  expect(commits.health()).toMatchObject({ status: 'down' });
  other.exec('ROLLBACK');
  clock.advance(100);
  expect(count()).toBe(1);
});

it('does not swallow an error that will not pass', () => {
  const { sql, commits, put } = setUp();
  sql.exec('DROP TABLE t');
  put('text');
  expect(() => commits.close()).toThrow(/no such table/);
});

it("does for all what one actor asked for: an error of it is nobody's", async () => {
  const { sql, put } = setUp();
  const attribution = createAttribution();
  const escaped: { message: string; of: string | null }[] = [];
  // What nobody catches comes here instead of to vitest, which would call it a failure.
  const others = process.rawListeners('uncaughtException') as (() => void)[];
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', ({ message }) =>
    escaped.push({ message, of: attribution.current() }),
  );
  try {
    sql.exec('DROP TABLE t');
    attribution.to('shop-api', () => put('text'));
    const error = await until('it has escaped', () => escaped[0] ?? null);
    expect(error).toEqual({ message: 'no such table: t', of: null });
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of others) process.on('uncaughtException', listener);
  }
});

it('commits what waits when it is closed, and nothing after', async () => {
  const { commits, put, told, count } = setUp();
  put('text');
  expect(commits.close()).toBe(true);
  put('late');
  await endOfTurn();
  expect(count()).toBe(1);
  expect(told).toEqual([1]);
});
