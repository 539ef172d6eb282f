/** Files that were set aside: renamed in their folder, for a person to look at. */

import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Check, Log } from '../../actors/ports.ts';

/** Of one database and one kind: so many, and of so many bytes together. */
const KEPT = 4;
const KEPT_BYTES = 1024 * 1024 * 1024;
const DAMAGED = '.corrupt-';
const STALE = '.stale-';
const SUFFIXES = ['', '-wal', '-shm'] as const;

/**
 * Renames the database with its log, overwriting nothing, and answers the new name. The connection
 * may still be open: SQLite sees that its file has moved and does not write the log back on close.
 */
export const setAside = (path: string, now: number): string =>
  rename(path, `${path}${DAMAGED}${timeOf(now)}`, SUFFIXES);

/** Renames the log that does not belong to the database, and answers its new name. */
export const setLogAside = (path: string, now: number): string =>
  `${rename(path, `${path}${STALE}${timeOf(now)}`, ['-wal', '-shm'])}-wal`;

/**
 * Removes what is too much, loudly: a start after the other may set one aside, on the disk that has
 * the journal too. The first stays, which has most of what is in no backup, and so does the newest;
 * of those between, the older go.
 */
export const dropAsides = (path: string, log: Log, keptBytes = KEPT_BYTES): void => {
  for (const kind of [DAMAGED, STALE]) {
    const removed = tooMany(listAsides(path, kind), keptBytes).flat();
    for (const file of removed) rmSync(file);
    if (removed.length > 0) {
      log.error({ removed }, `too many files of ${path} were set aside: older ones are removed`);
    }
  }
};

/** Damaged files that nobody has taken away yet, for the one who is to look at them. */
export const checkAsides = (path: string): Check => {
  const [newest, ...more] = listAsides(path, DAMAGED);
  if (newest === undefined) return { status: 'ok', detail: '' };
  const aside = basename(newest[0] ?? '');
  const others = more.length === 0 ? '' : `, and ${more.length} before it`;
  const detail = `${path} was damaged and set aside as ${aside}${others}; what was not in the last backup is lost`;
  return { status: 'degraded', detail: `${detail}; move it away once you have seen to it` };
};

/** Each with the files of its log, newest first. */
const listAsides = (path: string, kind: string): string[][] => {
  const prefix = `${basename(path)}${kind}`;
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix));
  const sets = Map.groupBy(names.sort(), (name) => name.replace(/-(?:wal|shm)$/, ''));
  return [...sets.entries()]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([, set]) => set.map((name) => join(dirname(path), name)));
};

const tooMany = (sets: string[][], keptBytes: number): string[][] => {
  const [newest = [], ...between] = sets;
  const first = between.pop() ?? [];
  let kept = 2;
  let bytes = bytesOf(newest) + bytesOf(first);
  return between.filter((set) => {
    kept += 1;
    bytes += bytesOf(set);
    return kept > KEPT || bytes > keptBytes;
  });
};

const bytesOf = (files: string[]): number =>
  files.reduce((bytes, file) => bytes + statSync(file).size, 0);

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

const timeOf = (now: number): string => new Date(now).toISOString().replaceAll(':', '-');
