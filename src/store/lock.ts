import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { AlreadyRunning } from '../../actors/errors.ts';
import { isKind, storeFailed } from './failure.ts';
import { prepareFile } from './sqlite.ts';

export interface Lock {
  release(): void;
}

/**
 * Takes the lock of a thing that only one monitor may have: a data folder, a tmux server. It is held
 * until `release` or until this process ends, however it ends. Nothing but this function may ever
 * open the file: closing any other descriptor of it in this process would drop the lock (POSIX).
 * Who holds it stands in the file beside it, `<path>.txt`.
 * @param subject - what is locked, as the refusal names it: `the data folder /srv/agents`.
 * @throws {AlreadyRunning} where another process holds it.
 * @throws {StoreFailed} where the file cannot be written.
 */
export const takeLock = (
  path: string,
  subject: string,
  holder: { pid: number; since: number },
): Lock => {
  let sql: Database.Database | undefined;
  try {
    prepareFile(path);
    sql = new Database(path, { timeout: 0 });
    sql.pragma('journal_mode = DELETE');
    sql.exec('BEGIN EXCLUSIVE');
    writeFileSync(infoPath(path), describe(holder), { mode: 0o600 });
  } catch (error) {
    sql?.close();
    if (isKind(error, 'SQLITE_BUSY')) throw alreadyRunning(path, subject, error);
    throw storeFailed(path, error);
  }
  const database = sql;
  held.add(database);
  return {
    release: () => {
      held.delete(database);
      database.close();
    },
  };
};

/** A connection that nothing refers to is collected, closed, and its lock gone with it. */
const held = new Set<Database.Database>();

const describe = ({ pid, since }: { pid: number; since: number }): string =>
  `pid ${pid} since ${new Date(since).toISOString()}\n`;

const infoPath = (path: string): string => `${path}.txt`;

const alreadyRunning = (path: string, subject: string, cause: unknown): AlreadyRunning => {
  const who = readHolder(path);
  const by = who === '' ? 'another agent-monitor' : `another agent-monitor (${who})`;
  return new AlreadyRunning(`${by} already has ${subject}; stop that one first`, { cause });
};

const readHolder = (path: string): string => {
  try {
    return readFileSync(infoPath(path), 'utf8').trim();
  } catch {
    return ''; // It may not have been written yet; the refusal stands without it.
  }
};
