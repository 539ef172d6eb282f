import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import type { Check, Clock, Log, Stop } from '../../actors/ports.ts';
import { sealCopy } from './copies.ts';
import { freeBytesOf } from './disk-space.ts';

/** Copies of one database: so many, and of so many bytes together; but the newest in any case. */
const KEPT = 24;
const KEPT_BYTES = 1024 * 1024 * 1024;
const EVERY_MS = 60 * 60 * 1000;
/** Soon, so that one that never runs for long is backed up too, but out of the way of its start. */
const FIRST_LOOK_MS = 5_000;
const LOOK_EVERY_MS = 10 * 60 * 1000;
/** A copy is not made where it would leave less room than this. */
const LEFT_BYTES = 64 * 1024 * 1024;

export interface Backups {
  check(): Check;
  stop: Stop;
}

/** Copies the database at once, blocking: for the moment before a migration. Answers the copy's path. */
export const backUpNow = (sql: Database.Database, now: number): string => {
  const target = newBackup(sql.name, now);
  const part = `${target}.part`;
  try {
    sql.prepare('VACUUM INTO ?').run(part);
    chmodSync(part, 0o600);
    refuseDamaged(sealCopy(part));
    renameSync(part, target);
  } finally {
    rmSync(part, { force: true });
  }
  return target;
};

/**
 * Copies the database in small steps beside all other work, checks the copy on a thread of its own
 * and keeps it only where it is sound; then the oldest copies go.
 */
export const backUp = async (
  sql: Database.Database,
  now: number,
  keptBytes = KEPT_BYTES,
): Promise<void> => {
  const target = newBackup(sql.name, now);
  const part = `${target}.part`;
  checkRoom(sql.name);
  try {
    await sql.backup(part);
    chmodSync(part, 0o600);
    refuseDamaged(await sealBeside(part));
    await rename(part, target);
  } finally {
    for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(part + ending, { force: true });
  }
  for (const old of tooMany(listBackups(sql.name), keptBytes)) rmSync(old);
};

/** Backs the database up at the start and once an hour, where anything was written since the last. */
export const startBackups = (options: {
  sql: Database.Database;
  clock: Clock;
  log: Log;
}): Backups => {
  const { sql, clock, log } = options;
  const path = sql.name;
  let stopped = false;
  let timer: unknown;
  let failure: { since: number; message: string } | null = null;

  const look = async (): Promise<void> => {
    const now = clock.now();
    try {
      if (isDue(path, now)) {
        // Else a database that little is written to stands in its log alone, for as long as it runs.
        sql.pragma('wal_checkpoint(PASSIVE)');
        await backUp(sql, now);
      }
      failure = null;
    } catch (err) {
      if (stopped) return;
      failure = { since: failure?.since ?? now, message: (err as Error).message };
      log.error({ err }, 'the database could not be backed up');
    }
    if (!stopped) lookIn(LOOK_EVERY_MS);
  };
  const lookIn = (ms: number): void => {
    timer = clock.setTimeout(() => void look(), ms);
  };

  // Of a program that was killed while it copied.
  for (const part of listFiles(path, /\.db\.part(?:-\w+)?$/)) rmSync(part);
  lookIn(FIRST_LOOK_MS);
  return {
    check: () => {
      if (failure === null) return { status: 'ok', detail: '' };
      const since = new Date(failure.since).toISOString();
      const detail = `${path} is not backed up since ${since}: ${failure.message}`;
      return { status: 'degraded', detail };
    },
    stop: () => {
      stopped = true;
      clock.clearTimeout(timer);
    },
  };
};

/** The copies of a database, newest first. */
export const listBackups = (path: string): string[] => listFiles(path, /\.db$/);

const listFiles = (path: string, ending: RegExp): string[] => {
  const prefix = `${stem(path)}.`;
  const folder = folderOf(path);
  const entries = statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : [];
  return entries
    .filter((name) => name.startsWith(prefix) && ending.test(name))
    .sort()
    .reverse()
    .map((name) => join(folder, name));
};

const tooMany = (copies: string[], keptBytes: number): string[] => {
  let bytes = 0;
  return copies.filter((copy, index) => {
    bytes += statSync(copy).size;
    return index >= KEPT || (index > 0 && bytes > keptBytes);
  });
};

/** A copy from the future was made by a clock that was wrong. */
const isDue = (path: string, now: number): boolean => {
  const [newest] = listBackups(path);
  if (newest === undefined) return true;
  const madeAt = statSync(newest).mtimeMs;
  const isOld = now - madeAt >= EVERY_MS || madeAt - now >= EVERY_MS;
  return isOld && lastWrite(path) > madeAt;
};

const lastWrite = (path: string): number =>
  Math.max(
    ...[path, `${path}-wal`].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0),
  );

const checkRoom = (path: string): void => {
  const free = freeBytesOf(dirname(path));
  const needed = statSync(path).size + LEFT_BYTES;
  if (free < needed) {
    throw new Error(`${megabytes(free)} are free, ${megabytes(needed)} are needed for a copy`);
  }
};

const megabytes = (bytes: number): string => `${Math.floor(bytes / 1_048_576)} MB`;

const refuseDamaged = (fault: string | null): void => {
  if (fault === null) return;
  throw new Error(`the copy is damaged, and so is the database it was made of: ${fault}`);
};

/** Seals a copy on a thread of its own, which has nothing else to do. */
const sealBeside = async (path: string): Promise<string | null> => {
  const { promise, resolve, reject } = Promise.withResolvers<string | null>();
  const worker = new Worker(new URL('./seal-worker.ts', import.meta.url), { workerData: path });
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', (code) => reject(new Error(`the check of a copy ended with ${code}`)));
  return promise;
};

/** The time stands in the name, so that the names sort by age. */
const newBackup = (path: string, now: number): string => {
  mkdirSync(folderOf(path), { recursive: true, mode: 0o700 });
  const time = new Date(now).toISOString().replaceAll(':', '-');
  return join(folderOf(path), `${stem(path)}.${time}.db`);
};

const folderOf = (path: string): string => join(dirname(path), 'backups');

const stem = (path: string): string => basename(path, '.db');
