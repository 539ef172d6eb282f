import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../actors/ports.ts';
import { freeBytesOf } from './disk-space.ts';

const RESERVE_BYTES = 4 * 1024 * 1024;
/** It is set by only where it is not missed. */
const MADE_ABOVE_BYTES = 32 * 1024 * 1024;

/**
 * Room for a start on a full disk, where SQLite cannot even read: its log needs an index, and that
 * must be written. To be called before any database of the folder is opened.
 */
export const spendReserve = (dataDir: string, log: Log): void => {
  const path = pathIn(dataDir);
  if (freeBytesOf(dataDir) >= RESERVE_BYTES || !existsSync(path)) return;
  rmSync(path);
  log.warn({}, 'the disk is full: the room that was kept for this start is used');
};

/** To be called once the databases are open. */
export const keepReserve = (dataDir: string): void => {
  const path = pathIn(dataDir);
  if (existsSync(path) || freeBytesOf(dataDir) < MADE_ABOVE_BYTES) return;
  // Random: some file systems keep nothing but the number of equal bytes.
  writeFileSync(path, randomBytes(RESERVE_BYTES), { mode: 0o600 });
};

const pathIn = (dataDir: string): string => join(dataDir, 'reserve');
