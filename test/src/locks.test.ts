import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AlreadyRunning } from '../../actors/errors.ts';
import { takeLocks } from '../../src/locks.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { createDataFolder, type DataFolder } from '../support/store.ts';

let folder: DataFolder;
let clock: ManualClock;
let log: ReturnType<typeof createRecordedLog>;
let lost: AlreadyRunning[];
beforeEach(() => {
  folder = createDataFolder();
  clock = createManualClock();
  log = createRecordedLog();
  lost = [];
});
afterEach(() => folder[Symbol.dispose]());

const socket = (): string => join(folder.path, 'tmux', 'default');
const take = (data: string) =>
  takeLocks({
    ...{ dataDir: join(folder.path, data), tmuxSocket: socket(), clock, log },
    lost: (error) => lost.push(error),
  });

it('has one monitor per folder and per tmux server, and gives both back', () => {
  const release = take('one');
  expect(() => take('one')).toThrow(/already has the data folder/);
  expect(() => take('two')).toThrow(/already has the tmux server/);
  release();
  expect(clock.pending()).toBe(0);
  take('two')();
});

it('keeps them though their files are cleared away', () => {
  const release = take('one');
  rmSync(join(folder.path, 'tmux'), { recursive: true });
  clock.advance(60_000);
  expect(() => take('two')).toThrow(AlreadyRunning);
  expect(lost).toEqual([]);
  expect(log.lines).toEqual([]);
  release();
});

it('says so where another took one meanwhile', () => {
  const release = take('one');
  rmSync(join(folder.path, 'tmux'), { recursive: true });
  const other = take('two');
  clock.advance(60_000);
  expect(lost.map(({ message }) => message)).toEqual([
    expect.stringMatching(/already has the tmux server/),
  ]);
  other();
  release();
});

it('goes without the one beside the socket where nothing may be written there', () => {
  // A folder in its place fails as a folder of someone else does.
  mkdirSync(`${socket()}.agent-monitor`, { recursive: true });
  const release = take('one');
  expect(log.messages('warn')).toEqual([
    'a second monitor of this tmux server would not be noticed',
  ]);
  expect(() => take('one')).toThrow(/already has the data folder/);
  release();
});
