import { statfsSync } from 'node:fs';
import type { Clock } from '../../actors/ports.ts';

const LOOK_EVERY_MS = 1000;

/** Bytes that this user may still write to the file system of a folder. */
export const freeBytesOf = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** For a person; of a folder that cannot be asked too. */
export const describeRoom = (folder: string): string => {
  try {
    return `${megabytes(freeBytesOf(folder))} are free in ${folder}`;
  } catch (error) {
    return `the free space of ${folder} is not known: ${(error as Error).message}`;
  }
};

/** Answers what is wrong where fewer than `minBytes` are free, or null; looks at most once a second. */
export const createSpaceCheck = (options: {
  clock: Clock;
  freeBytes: () => number;
  minBytes: number;
}): (() => string | null) => {
  const { clock, freeBytes, minBytes } = options;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let fault: string | null = null;
  const look = (): string | null => {
    const free = freeBytes();
    return free < minBytes
      ? `${megabytes(free)} are free, ${megabytes(minBytes)} are needed: free some space`
      : null;
  };
  return () => {
    const now = clock.monotonic();
    if (now - lookedAt < LOOK_EVERY_MS) return fault;
    lookedAt = now;
    try {
      fault = look();
    } catch (error) {
      // Such as a folder that was removed: what would be kept there could not be found again.
      fault = `the free space is not known: ${(error as Error).message}`;
    }
    return fault;
  };
};

const megabytes = (bytes: number): string => `${Math.floor(bytes / 1_048_576)} MB`;
