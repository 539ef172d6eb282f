import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import type { Clock, Log, Stop } from '../../actors/ports.ts';

const KEPT = 3;
const DAY_MS = 24 * 60 * 60 * 1000;
const LOOK_EVERY_MS = 10 * 60 * 1000;

/** Copies the database at once, blocking: for the moment before a migration. Answers the copy's path. */
export const backUpNow = (sql: Database.Database, now: number): string => {
  const target = newBackup(sql.name, now);
  sql.prepare('VACUUM INTO ?').run(target);
  chmodSync(target, 0o600);
  return target;
};

/** Copies the database in small steps beside all other work and keeps the last three copies. */
export const backUp = async (sql: Database.Database, now: number): Promise<void> => {
  const target = newBackup(sql.name, now);
  const part = `${target}.part`;
  try {
    await sql.backup(part);
    chmodSync(part, 0o600);
    await rename(part, target);
  } finally {
    rmSync(part, { force: true });
  }
  for (const old of listBackups(sql.name).slice(KEPT)) rmSync(old);
};

/** Backs the database up once a day. */
export const startBackups = (options: { sql: Database.Database; clock: Clock; log: Log }): Stop => {
  const { sql, clock, log } = options;
  let stopped = false;
  let timer: unknown;

  const look = async (): Promise<void> => {
    const now = clock.now();
    try {
      if (isDue(sql.name, now)) await backUp(sql, now);
    } catch (err) {
      if (!stopped) log.error({ err }, 'the database could not be backed up');
    }
    if (!stopped) schedule();
  };
  const schedule = (): void => {
    timer = clock.setTimeout(() => void look(), LOOK_EVERY_MS);
  };

  // Of a program that was killed while it copied.
  for (const part of listCopies(sql.name, '.db.part')) rmSync(part);
  schedule();
  return () => {
    stopped = true;
    clock.clearTimeout(timer);
  };
};

/** The copies of a database, newest first. */
export const listBackups = (path: string): string[] => listCopies(path, '.db');

const listCopies = (path: string, ending: string): string[] => {
  const prefix = `${stem(path)}.`;
  const folder = folderOf(path);
  const entries = statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : [];
  return entries
    .filter((name) => name.startsWith(prefix) && name.endsWith(ending))
    .sort()
    .reverse()
    .map((name) => join(folder, name));
};

const isDue = (path: string, now: number): boolean => {
  const [newest] = listBackups(path);
  return newest === undefined || now - statSync(newest).mtimeMs >= DAY_MS;
};

/** The time stands in the name, so that the names sort by age. */
const newBackup = (path: string, now: number): string => {
  mkdirSync(folderOf(path), { recursive: true, mode: 0o700 });
  const time = new Date(now).toISOString().replaceAll(':', '-');
  return join(folderOf(path), `${stem(path)}.${time}.db`);
};

const folderOf = (path: string): string => join(dirname(path), 'backups');

const stem = (path: string): string => basename(path, '.db');
