import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { StoreFailed } from '../../actors/errors.ts';
import type { Log } from '../../actors/ports.ts';
import { codeOf, storeFailed } from './failure.ts';
import { migrate } from './migrate.ts';
import { findFault, isEmptied, restoreBackup, setAside } from './recovery.ts';

/** Opening may wait for a program that holds the database; afterwards a commit is tried again instead. */
const OPENING_TIMEOUT_MS = 5000;
const BUSY_TIMEOUT_MS = 100;
const LOG_SIZE_LIMIT = 64 * 1024 * 1024;
const FULL = 2;

export interface OpenedDatabase {
  sql: Database.Database;
  /** `restored`: the file was damaged, and a backup of it stands in its place. */
  begun: 'existing' | 'new' | 'restored';
}

/**
 * Opens a database file, durable (WAL, every commit synced) and at the newest schema. A damaged file
 * is set aside under a new name, and the newest sound backup or a new database takes its place.
 * @throws {StoreFailed} where the file cannot be read and written, or its schema is newer.
 */
export const openSqlite = (options: {
  path: string;
  /** The folder of the numbered `.sql` files. */
  migrations: string;
  now: number;
  log: Log;
}): OpenedDatabase => {
  const { path, migrations, now, log } = options;
  try {
    prepareFile(path);
    const opened = openSound(path, now, log);
    configure(opened.sql);
    migrate({ sql: opened.sql, folder: migrations, now, log });
    opened.sql.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return opened;
  } catch (error) {
    throw error instanceof StoreFailed ? error : storeFailed(path, error);
  }
};

/** Creates an empty file that only this user may read, and its folder, where they are not there yet. */
export const prepareFile = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
};

const openSound = (path: string, now: number, log: Log): OpenedDatabase => {
  const begun = statSync(path).size > 0 ? 'existing' : 'new';
  const sql = new Database(path, { timeout: OPENING_TIMEOUT_MS });
  const fault = isEmptied(path) ? 'the file is empty, its log is not' : findFault(sql);
  if (fault === null) return { sql, begun };

  const aside = setAside(path, now);
  sql.close();
  const backup = restoreBackup(path);
  log.error({ fault, aside, backup }, `${path} is damaged: it was set aside, ${successor(backup)}`);
  prepareFile(path);
  chmodSync(path, 0o600);
  return {
    sql: new Database(path, { timeout: OPENING_TIMEOUT_MS }),
    begun: backup === null ? 'new' : 'restored',
  };
};

const successor = (backup: string | null): string =>
  backup === null ? 'and a new database was begun' : 'and the last sound backup put in its place';

const configure = (sql: Database.Database): void => {
  const journalMode = sql.pragma('journal_mode = WAL', { simple: true });
  if (journalMode !== 'wal') {
    throw new Error(`the file system keeps it in journal mode ${journalMode}, not WAL`);
  }
  // better-sqlite3 is compiled to fall back to NORMAL on every open of a WAL database (12 and 13).
  sql.pragma('synchronous = FULL');
  sql.pragma('foreign_keys = ON');
  sql.pragma(`journal_size_limit = ${LOG_SIZE_LIMIT}`);
  // Fails where the file may be read but not written, which no pragma above tells.
  sql.exec('BEGIN IMMEDIATE; ROLLBACK');
  const synchronous = sql.pragma('synchronous', { simple: true });
  if (synchronous !== FULL) throw new Error(`synchronous is ${synchronous}, not FULL`);
};
