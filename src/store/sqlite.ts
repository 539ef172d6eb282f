import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { Log } from '../../actors/ports.ts';
import { dropAsides, setAside, setLogAside } from './asides.ts';
import { listBackups } from './backup.ts';
import { isCopy, settleCopy } from './copies.ts';
import { codeOf, isKind, namingFile } from './failure.ts';
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
  /** For a person: that there was more than is here now, and what to do; or null. */
  loss: string | null;
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
  return namingFile(path, () => {
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
    const { sql, isNew, aside, loss } = openSound(path, now, log);
    if (loss !== null) log.error({}, loss);
    configure(sql);
    dropDraft(path);
    dropAsides(path, log);
    const begun = isCopy(sql) ? 'restored' : isNew ? 'new' : 'existing';
    migrate({ sql, folder: migrations, now, log });
    sql.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return { sql, begun, settle: () => settleCopy(sql), aside, loss };
  });
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
  loss: string | null;
}

const openSound = (path: string, now: number, log: Log): SoundDatabase => {
  const isMissing = statSync(path).size === 0;
  // Looking into an empty one would drop its log.
  const sql = isEmptied(path) ? null : connect(path, log);
  const fault = sql === null ? 'the file is empty, its log is not' : faultOf(sql, isMissing);
  if (sql !== null && fault === null) {
    const isNew = hasNoTables(sql);
    return { sql, isNew, aside: null, loss: isNew ? lossOf(path, isMissing) : null };
  }

  const replacement = prepareReplacement(path);
  const backup = replacement?.backup ?? null;
  const aside = setAside(path, now);
  sql?.close();
  replacement?.put();
  log.error({ fault, aside, backup }, `${path} is damaged: it was set aside, ${successor(backup)}`);
  prepareFile(path);
  chmodSync(path, 0o600);
  return {
    sql: connect(path, log),
    isNew: backup === null,
    ...{ aside, loss: null },
  };
};

/** A database is made with its tables at once, so that one without them has lost the log they stood in. */
const faultOf = (sql: Database.Database, isMissing: boolean): string | null => {
  const fault = findFault(sql, 'quickly');
  const isBare = fault === null && !isMissing && hasNoTables(sql);
  return isBare && listBackups(sql.name).length > 0 ? 'it holds nothing: its log is lost' : fault;
};

const lossOf = (path: string, isMissing: boolean): string | null => {
  const begun = 'and a new database was begun';
  if (!isMissing) {
    return `${path} held nothing, as its log (-wal) was removed or its first start cut short, ${begun}`;
  }
  // Not put in its place by itself: moving the file away is how a person begins anew.
  const [backup] = listBackups(path);
  if (backup === undefined) return null;
  return `${path} was missing, ${begun}; to have its newest backup back, stop, copy ${backup} there, and start`;
};

const hasNoTables = (sql: Database.Database): boolean =>
  sql.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;

/**
 * The index of the log is a file of its own, for which a full disk may have no room. Who has the
 * database to himself can keep it in memory.
 */
const connect = (path: string, log: Log): Database.Database => {
  const shared = new Database(path, { timeout: OPENING_TIMEOUT_MS });
  try {
    shared.pragma('schema_version');
    return shared;
  } catch (error) {
    if (!isKind(error, 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_SHMOPEN')) {
      return shared; // Whatever else is wrong is found when it is looked through.
    }
    shared.close();
  }
  log.warn({}, `the disk is full: nobody else can read ${path} until the next start`);
  const alone = new Database(path, { timeout: OPENING_TIMEOUT_MS });
  alone.pragma('locking_mode = EXCLUSIVE');
  return alone;
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
