import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { StoreFailed } from '../../actors/errors.ts';
import type { Log } from '../../actors/ports.ts';
import { dropAsides, setAside, setLogAside } from './asides.ts';
import { isCopy, settleCopy } from './copies.ts';
import { codeOf, storeFailed } from './failure.ts';
import { migrate } from './migrate.ts';
import {
  dropDraft,
  finishReplacing,
  hasStaleLog,
  isEmptied,
  prepareReplacement,
} from './recovery.ts';
import { findFault } from './soundness.ts';

/** Opening may wait for a program that holds the database; afterwards a commit is tried again instead. */
const OPENING_TIMEOUT_MS = 5000;
const BUSY_TIMEOUT_MS = 100;
const LOG_SIZE_LIMIT = 64 * 1024 * 1024;
const FULL = 2;

export interface OpenedDatabase {
  sql: Database.Database;
  /**
   * `restored`: a backup stands in its place, put there because the file was damaged, or by hand. It
   * stays so, through crashes too, until `settle` is called.
   */
  begun: 'existing' | 'new' | 'restored';
  /** What follows from its being restored is done. */
  settle(): void;
  /** Where the damaged file was put that lay there before, or null. */
  aside: string | null;
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
    if (finishReplacing(path)) {
      log.warn(
        {},
        `${path} was missing: the backup that an earlier start had chosen is in its place`,
      );
    }
    prepareFile(path);
    if (hasStaleLog(path)) {
      const staleLog = setLogAside(path, now);
      log.warn({ staleLog }, `${path} is a backup: the log there is another's`);
    }
    const { sql, isNew, aside } = openSound(path, now, log);
    configure(sql);
    dropDraft(path);
    dropAsides(path, log);
    const begun = isCopy(sql) ? 'restored' : isNew ? 'new' : 'existing';
    migrate({ sql, folder: migrations, now, log });
    sql.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return { sql, begun, settle: () => settleCopy(sql), aside };
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

interface SoundDatabase {
  sql: Database.Database;
  isNew: boolean;
  aside: string | null;
}

const openSound = (path: string, now: number, log: Log): SoundDatabase => {
  const isNew = statSync(path).size === 0;
  const sql = new Database(path, { timeout: OPENING_TIMEOUT_MS });
  const fault = isEmptied(path) ? 'the file is empty, its log is not' : findFault(sql, 'quickly');
  if (fault === null) return { sql, isNew, aside: null };

  const replacement = prepareReplacement(path);
  const backup = replacement?.backup ?? null;
  const aside = setAside(path, now);
  sql.close();
  replacement?.put();
  log.error({ fault, aside, backup }, `${path} is damaged: it was set aside, ${successor(backup)}`);
  prepareFile(path);
  chmodSync(path, 0o600);
  return {
    sql: new Database(path, { timeout: OPENING_TIMEOUT_MS }),
    isNew: backup === null,
    aside,
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
