import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Check } from '../../actors/ports.ts';
import { listBackups } from './backup.ts';
import { sealCopy } from './copies.ts';

const SUFFIXES = ['', '-wal', '-shm'] as const;
/** A log beside an empty file: SQLite would take the database for a new one and drop the log. */
export const isEmptied = (path: string): boolean => sizeOf(path) === 0 && sizeOf(`${path}-wal`) > 0;

/**
 * Renames the database with its log, overwriting nothing, and answers the new name. The connection
 * may still be open: SQLite sees that its file has moved and does not write the log back on close.
 */
export const setAside = (path: string, now: number): string =>
  rename(path, `${path}${ASIDE}${timeOf(now)}`, SUFFIXES);

/**
 * Where a backup was put in the place of a database whose log still lies there, SQLite would write
 * the log of the one into the other. Renames such a log and answers its new name, else null.
 */
export const setStaleLogAside = (path: string, now: number): string | null => {
  if (sizeOf(`${path}-wal`) === 0 || !isWithoutLog(path)) return null;
  return `${rename(path, `${path}.stale-${timeOf(now)}`, ['-wal', '-shm'])}-wal`;
};

/** Damaged files that nobody has taken away yet, for the one who is to look at them. */
export const checkAsides = (path: string): Check => {
  const [aside, ...more] = readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}${ASIDE}`) && !/-(?:wal|shm)$/.test(name))
    .sort()
    .reverse();
  if (aside === undefined) return { status: 'ok', detail: '' };
  const others = more.length === 0 ? '' : `, and ${more.length} before it`;
  const detail = `${path} was damaged and set aside as ${aside}${others}; what was not in the last backup is lost`;
  return { status: 'degraded', detail: `${detail}; move it away once you have seen to it` };
};

/** A sound copy of the newest sound backup, ready to be put in the place of `path`. */
export interface Replacement {
  backup: string;
  put(): void;
}

/** Null without a sound backup. Nothing is put anywhere yet: the disk may be too full for it. */
export const prepareReplacement = (path: string): Replacement | null => {
  for (const backup of listBackups(path)) {
    copyFileSync(backup, draftOf(path));
    if (sealCopy(draftOf(path)) === null) return { backup, put: () => putDraft(path) };
    rmSync(draftOf(path));
  }
  return null;
};

/** Of a start that was killed when the damaged file was gone and the replacement not yet there. */
export const finishReplacing = (path: string): void => {
  if (!existsSync(path) && existsSync(draftOf(path))) putDraft(path);
};

const putDraft = (path: string): void => renameSync(draftOf(path), path);

const draftOf = (path: string): string => `${path}.restoring`;

const ASIDE = '.corrupt-';

const rename = (path: string, name: string, suffixes: readonly string[]): string => {
  let target = name;
  for (let n = 2; suffixes.some((suffix) => existsSync(target + suffix)); n += 1) {
    target = `${name}.${n}`;
  }
  for (const suffix of suffixes) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  return target;
};

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

const timeOf = (now: number): string => new Date(now).toISOString().replaceAll(':', '-');
