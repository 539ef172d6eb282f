import { StoreFailed } from '../../actors/errors.ts';

/** The error for a person: which file, what went wrong, and what to do about it. */
export const storeFailed = (path: string, cause: unknown): StoreFailed => {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new StoreFailed(`cannot use ${path}: ${message}; ${nextStep(codeOf(cause))}`, { cause });
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

const nextStep = (code: string): string => {
  if (/^SQLITE_(?:IOERR_\w*LOCK|IOERR_SHM(?!SIZE)\w+|PROTOCOL)/.test(code)) {
    return 'its file system takes no locks: keep the data on a local disk';
  }
  if (/^SQLITE_(?:FULL|IOERR)|^ENOSPC$/.test(code)) return 'check the disk and its free space';
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) return 'end the program that holds the database';
  return 'make the folder writable for this user, or set AGENT_MONITOR_DATA_DIR to another one';
};
