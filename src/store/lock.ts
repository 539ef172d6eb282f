import { lstatSync, lutimesSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { AlreadyRunning } from '../../actors/errors.ts';
import { codeOf, isKind, storeFailed } from './failure.ts';
import { prepareFile } from './sqlite.ts';

export interface Lock {
  /**
   * Marks the files as in use, for whoever clears away what is old, and takes the lock anew where
   * they were removed all the same. To be called about once a minute.
   * @throws {AlreadyRunning} where another process has taken it by then.
   * @throws {StoreFailed}
   */
  renew(): void;
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
  let database = openLock(path, subject, holder);
  let inode = inodeOf(path);
  return {
    renew: () => {
      if (inodeOf(path) !== inode) {
        const next = openLock(path, subject, holder);
        close(database);
        database = next;
        inode = inodeOf(path);
      }
      try {
        if (sizeOf(infoPath(path)) === 0) writeHolder(path, holder);
        const now = new Date();
        for (const file of [path, infoPath(path)]) lutimesSync(file, now, now);
      } catch (error) {
        throw storeFailed(path, error);
      }
    },
    release: () => {
      // The lock's own file stays: one who has just opened it would hold a lock that keeps nobody out.
      if (inodeOf(path) === inode) forgetHolder(path);
      close(database);
    },
  };
};

const openLock = (
  path: string,
  subject: string,
  holder: { pid: number; since: number },
): Database.Database => {
  let sql: Database.Database | undefined;
  try {
    prepareFile(path);
    // In a folder of several users, another could have any file of this one opened.
    if (!lstatSync(path).isFile()) throw new Error('it is no plain file');
    sql = new Database(path, { timeout: 0 });
    sql.pragma('journal_mode = DELETE');
    sql.exec('BEGIN EXCLUSIVE');
    writeHolder(path, holder);
  } catch (error) {
    sql?.close();
    if (isKind(error, 'SQLITE_BUSY')) throw alreadyRunning(path, subject, error);
    throw storeFailed(path, error);
  }
  held.add(sql);
  return sql;
};

/** Always a new file, so that none is written through a link that another user put there. */
const writeHolder = (path: string, holder: { pid: number; since: number }): void => {
  rmSync(infoPath(path), { force: true });
  try {
    writeFileSync(infoPath(path), describe(holder), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // On a full disk the lock holds all the same; who holds it is written when it is renewed.
    if (!['ENOSPC', 'EDQUOT'].includes(codeOf(error))) throw error;
  }
};

const forgetHolder = (path: string): void => {
  try {
    rmSync(infoPath(path), { force: true });
  } catch {
    // It may no longer be ours to remove; the next holder writes its own.
  }
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Asking does not open the file. */
const inodeOf = (path: string): number | undefined =>
  statSync(path, { throwIfNoEntry: false })?.ino;

const close = (database: Database.Database): void => {
  held.delete(database);
  database.close();
};

/** A connection that nothing refers to is collected, closed, and its lock gone with it. */
const held = new Set<Database.Database>();

const describe = ({ pid, since }: { pid: number; since: number }): string =>
  `pid ${pid} since ${new Date(since).toISOString()}\n`;

const infoPath = (path: string): string => `${path}.txt`;

const alreadyRunning = (path: string, subject: string, cause: unknown): AlreadyRunning => {
  const who = readHolder(path);
  const by = who === '' ? 'another agent-monitor' : `another agent-monitor (${who})`;
  const doubt = isAlive(who) ? '' : NO_SUCH_PROCESS;
  return new AlreadyRunning(`${by} already has ${subject}; stop that one first${doubt}`, { cause });
};

/** SQLite does not tell a lock that is held from one that the file system cannot take. */
const NO_SUCH_PROCESS =
  '. No such process runs here: it is on another machine or in another container, or the file ' +
  'system takes no locks, as some network file systems do not; keep the data on a local disk';

const isAlive = (who: string): boolean => {
  const pid = Number(/^pid (\d+) /.exec(who)?.[1]);
  if (!Number.isSafeInteger(pid)) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
};

const readHolder = (path: string): string => {
  try {
    return readFileSync(infoPath(path), 'utf8').trim();
  } catch {
    return ''; // It may not have been written yet; the refusal stands without it.
  }
};
