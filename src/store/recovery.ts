import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { listBackups } from './backup.ts';
import { sealCopy } from './copies.ts';

/** A log beside an empty file: SQLite would take the database for a new one and drop the log. */
export const isEmptied = (path: string): boolean => sizeOf(path) === 0 && sizeOf(`${path}-wal`) > 0;

/**
 * Where a backup was put in the place of a database whose log still lies there, SQLite would write
 * the log of the one into the other.
 */
export const hasStaleLog = (path: string): boolean =>
  sizeOf(`${path}-wal`) > 0 && isWithoutLog(path);

/** A sound copy of the newest sound backup, ready to be put in the place of `path`. */
export interface Replacement {
  backup: string;
  put(): void;
}

/** Null without a sound backup. Nothing is put anywhere yet: the disk may be too full for it. */
export const prepareReplacement = (path: string): Replacement | null => {
  for (const backup of listBackups(path)) {
    if (isSoundDraft(path, backup)) return { backup, put: () => putDraft(path) };
    dropDraft(path);
  }
  return null;
};

/**
 * Of a start that was killed when the damaged file was gone and the replacement not yet there; true
 * where there was such a one.
 */
export const finishReplacing = (path: string): boolean => {
  if (existsSync(path) || !existsSync(draftOf(path))) return false;
  putDraft(path);
  return true;
};

/** What a start left that was ended while it copied: beside a sound database it is of no use. */
export const dropDraft = (path: string): void => {
  for (const ending of ['', '-journal', '-wal', '-shm']) {
    rmSync(draftOf(path) + ending, { force: true });
  }
};

const isSoundDraft = (path: string, backup: string): boolean => {
  try {
    copyFileSync(backup, draftOf(path));
    return sealCopy(draftOf(path)) === null;
  } catch (error) {
    dropDraft(path); // Half of it would take the last room of a full disk.
    throw error;
  }
};

const putDraft = (path: string): void => renameSync(draftOf(path), path);

const draftOf = (path: string): string => `${path}.restoring`;

/** Bytes 18 and 19 of a database that keeps a log are 2; SQLite itself does not look at them. */
const isWithoutLog = (path: string): boolean => {
  const header = Buffer.alloc(20);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  return header.toString('latin1', 0, 15) === 'SQLite format 3' && header[18] === 1;
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
