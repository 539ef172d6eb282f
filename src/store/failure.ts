import { dirname } from 'node:path';
import { StoreFailed } from '../../actors/errors.ts';
import { describeRoom } from './disk-space.ts';

/** The error for a person: which file, what went wrong, and what to do about it. */
export const storeFailed = (path: string, cause: unknown): StoreFailed => {
  const message = cause instanceof Error ? cause.message : String(cause);
  const step = nextStep(codeOf(cause), dirname(path));
  return new StoreFailed(`cannot use ${path}: ${message}; ${step}`, { cause });
};

/** @throws {StoreFailed} naming the file, where anything goes wrong with it. */
export const namingFile = <Result>(path: string, act: () => Result): Result => {
  try {
    return act();
  } catch (error) {
    throw error instanceof StoreFailed ? error : storeFailed(path, error);
  }
};

/** The code of an error of SQLite or of the file system; empty where it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** SQLite names a kind of failure and, behind an underscore, which one: `SQLITE_IOERR_WRITE`. */
export const isKind = (error: unknown, ...kinds: string[]): boolean => {
  const code = codeOf(error);
  return kinds.some((kind) => code === kind || code.startsWith(`${kind}_`));
};

/** A full disk, a busy or unwritable file: they pass. Any other error of SQLite is not expected. */
export const isPassing = (error: unknown): error is Error => isKind(error, ...PASSING);

const PASSING = [
  'SQLITE_FULL',
  'SQLITE_IOERR',
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
];

const nextStep = (code: string, folder: string): string => {
  if (/^SQLITE_(?:IOERR_\w*LOCK|IOERR_SHM(?!SIZE)\w+|PROTOCOL)/.test(code)) {
    return 'its file system takes no locks: keep the data on a local disk';
  }
  if (/^SQLITE_(?:FULL|IOERR)|^ENOSPC$/.test(code)) {
    return `check the disk and its free space: ${describeRoom(folder)}`;
  }
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) return 'end the program that holds the database';
  return 'make the folder writable for this user, or set AGENT_MONITOR_DATA_DIR to another one';
};
