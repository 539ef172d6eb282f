import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordBoot } from '../../src/boots.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { createDataFolder, type DataFolder } from '../support/store.ts';

let folder: DataFolder;
let clock: ManualClock;
let log: ReturnType<typeof createRecordedLog>;
beforeEach(() => {
  folder = createDataFolder();
  clock = createManualClock();
  log = createRecordedLog();
});
afterEach(() => folder[Symbol.dispose]());

const path = (): string => join(folder.path, 'starts');
const boot = () => recordBoot({ path: path(), clock, log });
/** As a monitor that is killed so long after its start. */
const bootAndCrash = (afterMs: number): boolean => {
  const boots = boot();
  const could = boots.mayType();
  boots.stop();
  clock.advance(afterMs);
  return could;
};

it('turns typing off at the fifth start within a minute, and says so', () => {
  const could = [1, 2, 3, 4].map(() => bootAndCrash(10_000));
  expect(could).toEqual([true, true, true, true]);
  const fifth = boot();
  expect(fifth.mayType()).toBe(false);
  expect(fifth.recent()).toBe(5);
  expect(fifth.check()).toEqual({
    status: 'degraded',
    detail: expect.stringMatching(/^5 starts in a minute: typing is off, .*pm2\.sh restart/),
  });
  expect(log.messages('error')).toHaveLength(1);
  fifth.stop();
});

it('turns it on again once a start has lasted a minute, and begins to count anew', () => {
  for (let n = 0; n < 4; n += 1) bootAndCrash(1_000);
  const fifth = boot();
  clock.advance(59_999);
  expect(fifth.mayType()).toBe(false);
  clock.advance(1);
  expect(fifth.mayType()).toBe(true);
  expect(fifth.recent()).toBe(0);
  expect(fifth.check().status).toBe('ok');
  expect(existsSync(path())).toBe(false);
});

it('lets starts pass that are far enough apart', () => {
  const could = Array.from({ length: 10 }, () => bootAndCrash(15_001));
  expect(could).not.toContain(false);
});

it('does not count those that were stopped as asked', () => {
  for (let n = 0; n < 10; n += 1) {
    const boots = boot();
    expect(boots.mayType()).toBe(true);
    boots.forget();
    boots.stop();
  }
});

it('leaves out garbage and times from the future', () => {
  const later = clock.now() + 3_600_000;
  writeFileSync(path(), `${later}\nnonsense\n\u0000\u0000\n${'9'.repeat(400)}\n`);
  const boots = boot();
  expect(boots.recent()).toBe(1);
  expect(readFileSync(path(), 'utf8')).toBe(`${clock.now()}\n`);
  boots.stop();
});

it('starts, lasts and stops though the record can be neither read, written nor removed, and says so', () => {
  mkdirSync(path());
  const boots = boot();
  expect(boots.mayType()).toBe(true);
  clock.advance(60_000);
  expect(boots.recent()).toBe(0);
  boots.forget();
  boots.stop();
  expect(log.messages('warn')).toEqual([
    'the record of starts cannot be read',
    'this start cannot be recorded',
    'the record of starts cannot be removed',
    'the record of starts cannot be removed',
  ]);
});
