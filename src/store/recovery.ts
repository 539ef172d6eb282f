import { copyFileSync, existsSync, renameSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { listBackups } from './backup.ts';
import { isKind } from './failure.ts';

const SUFFIXES = ['', '-wal', '-shm'] as const;

/** What is wrong with the database, or null where SQLite finds it sound. Reads; writes nothing. */
export const findFault = (sql: Database.Database): string | null => {
  try {
    const found = String(sql.pragma('quick_check(1)', { simple: true }));
    return found === 'ok' ? null : found;
  } catch (error) {
    if (isKind(error, 'SQLITE_CORRUPT', 'SQLITE_NOTADB')) return (error as Error).message;
    throw error;
  }
};

/** A log beside an empty file: SQLite would take the database for a new one and drop the log. */
export const isEmptied = (path: string): boolean => sizeOf(path) === 0 && sizeOf(`${path}-wal`) > 0;

/**
 * Renames the database with its log, overwriting nothing, and answers the new name. The connection
 * may still be open: SQLite sees that its file has moved and does not write the log back on close.
 */
export const setAside = (path: string, now: number): string => {
  const name = `${path}.corrupt-${new Date(now).toISOString().replaceAll(':', '-')}`;
  let target = name;
  for (let n = 2; SUFFIXES.some((suffix) => existsSync(target + suffix)); n += 1) {
    target = `${name}.${n}`;
  }
  for (const suffix of SUFFIXES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  return target;
};

/** Puts the newest sound backup in the place of `path` and answers which, or null without one. */
export const restoreBackup = (path: string): string | null => {
  const backup = listBackups(path).find(isSound);
  if (backup === undefined) return null;
  copyFileSync(backup, `${path}.restoring`);
  renameSync(`${path}.restoring`, path);
  return backup;
};

const isSound = (path: string): boolean => {
  const sql = new Database(path, { readonly: true });
  try {
    return findFault(sql) === null;
  } finally {
    sql.close();
  }
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
