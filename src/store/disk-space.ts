import { statfsSync } from 'node:fs';
import type { Clock } from '../../actors/ports.ts';

const LOOK_EVERY_MS = 1000;

/** Bytes that this user may still write to the file system of a folder. */
export const freeBytesOf = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** Answers whether less than `minBytes` are free, looking at most once a second. */
export const createLowDisk = (options: {
  clock: Clock;
  freeBytes: () => number;
  minBytes: number;
}): (() => boolean) => {
  const { clock, freeBytes, minBytes } = options;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isLow = false;
  return () => {
    const now = clock.monotonic();
    if (now - lookedAt < LOOK_EVERY_MS) return isLow;
    lookedAt = now;
    isLow = freeBytes() < minBytes;
    return isLow;
  };
};
