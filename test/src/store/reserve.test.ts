import { existsSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepReserve, spendReserve } from '../../../src/store/reserve.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createDataFolder, type DataFolder } from '../../support/store.ts';

const MEGABYTE = 1024 * 1024;
const TEN_MINUTES_MS = 10 * 60 * 1000;

let folder: DataFolder;
let clock: ManualClock;
let log: ReturnType<typeof createRecordedLog>;
let free: number;
beforeEach(() => {
  folder = createDataFolder();
  clock = createManualClock();
  log = createRecordedLog();
  free = 100 * MEGABYTE;
});
afterEach(() => folder[Symbol.dispose]());

const path = (): string => join(folder.path, 'reserve');
const options = () => ({ dataDir: folder.path, log, freeBytes: () => free });
const keep = () => keepReserve({ ...options(), clock });
const spend = () => spendReserve(options());

it('is made once, for this user only, and kept while there is room', () => {
  keep()();
  const { mode, size, mtimeMs } = statSync(path());
  expect(mode & 0o777).toBe(0o600);
  expect(size).toBe(4 * MEGABYTE);
  spend();
  keep()();
  expect(statSync(path()).mtimeMs).toBe(mtimeMs);
  expect(log.lines).toEqual([]);
});

it('is given up on a full disk, told, and made again while the monitor runs once there is room', () => {
  keep()();
  free = 4 * MEGABYTE - 1;
  spend();
  expect(existsSync(path())).toBe(false);
  expect(log.messages('warn')).toEqual([expect.stringMatching(/^the disk is full/)]);

  free = 32 * MEGABYTE - 1;
  const stop = keep();
  clock.advance(TEN_MINUTES_MS);
  expect(existsSync(path())).toBe(false);
  free = 32 * MEGABYTE;
  clock.advance(TEN_MINUTES_MS);
  expect(statSync(path()).size).toBe(4 * MEGABYTE);
  stop();
  expect(clock.pending()).toBe(0);
});

it('is written anew where a start was ended while it wrote it', () => {
  keep()();
  truncateSync(path(), MEGABYTE);
  keep()();
  expect(statSync(path()).size).toBe(4 * MEGABYTE);
});

it('stops no start where it can be neither used nor written, and says so once', () => {
  mkdirSync(path());
  free = 0;
  spend();
  free = 100 * MEGABYTE;
  const stop = keep();
  clock.advance(TEN_MINUTES_MS);
  expect(log.messages('warn')).toEqual([
    'the room that was kept for a start on a full disk cannot be used',
    'no room can be kept for a start on a full disk',
  ]);
  stop();
});

it('stops no start where the free room is not known', () => {
  writeFileSync(path(), '');
  const freeBytes = (): number => {
    throw new Error('no such file system');
  };
  spendReserve({ ...options(), freeBytes });
  keepReserve({ ...options(), freeBytes, clock })();
  expect(log.messages('warn')).toHaveLength(2);
});

it('leaves all else in the folder alone', () => {
  writeFileSync(join(folder.path, 'token'), 'kept');
  keep()();
  expect(readdirSync(folder.path).sort()).toEqual(['reserve', 'token']);
});
