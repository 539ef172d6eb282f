import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Log, Stop } from '../../actors/ports.ts';
import { freeBytesOf } from './disk-space.ts';

const RESERVE_BYTES = 4 * 1024 * 1024;
/** It is set by only where it is not missed. */
const MADE_ABOVE_BYTES = 32 * 1024 * 1024;
const LOOK_EVERY_MS = 10 * 60 * 1000;

interface Options {
  dataDir: string;
  log: Log;
  /** Instead of asking the file system. */
  freeBytes?: () => number;
}

/**
 * Room for a start on a full disk, where SQLite cannot even read: its log needs an index, and that
 * must be written. To be called by whoever holds the folder's lock, before he opens its databases.
 */
export const spendReserve = (options: Options): void => {
  const { dataDir, log, freeBytes = () => freeBytesOf(dataDir) } = options;
  const path = pathIn(dataDir);
  if (!existsSync(path)) return;
  try {
    if (freeBytes() >= RESERVE_BYTES) return;
    rmSync(path);
    log.warn({}, 'the disk is full: the room that was kept for this start is used');
  } catch (err) {
    log.warn({ err }, 'the room that was kept for a start on a full disk cannot be used');
  }
};

/**
 * Sets the reserve by now, or when there is room, which is looked at every ten minutes. To be called
 * once the databases are open. That it cannot be written is told once and stops nothing.
 */
export const keepReserve = (options: Options & { clock: Clock }): Stop => {
  const { dataDir, log, clock, freeBytes = () => freeBytesOf(dataDir) } = options;
  const path = pathIn(dataDir);
  let failed = false;
  let timer: unknown;

  const write = (): void => {
    // Less is what a start left that was ended while it wrote.
    if (sizeOf(path) === RESERVE_BYTES || freeBytes() < MADE_ABOVE_BYTES) return;
    try {
      // Random: some file systems keep nothing but the number of equal bytes.
      writeFileSync(path, randomBytes(RESERVE_BYTES), { mode: 0o600 });
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
    failed = false;
  };
  const look = (): void => {
    timer = clock.setTimeout(look, LOOK_EVERY_MS);
    try {
      write();
    } catch (err) {
      if (!failed) log.warn({ err }, 'no room can be kept for a start on a full disk');
      failed = true;
    }
  };

  look();
  return () => clock.clearTimeout(timer);
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const pathIn = (dataDir: string): string => join(dataDir, 'reserve');
