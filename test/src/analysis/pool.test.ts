import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { recordedScreens } from '../../../accuracy/screens.ts';
import type { JudgeRequest } from '../../../actors/ports.ts';
import { createSight, type SightOptions } from '../../../src/analysis/pool.ts';
import { createRecordedPart } from '../../support/parts.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { systemClock } from '../../support/system-clock.ts';
import { until } from '../../support/until.ts';

const HANGING = new URL('../../fixtures/workers/hanging.ts', import.meta.url);
const POISONED = new URL('../../fixtures/workers/poisoned.ts', import.meta.url);

let stop: (() => Promise<void>) | null = null;

afterEach(async () => {
  await stop?.();
  stop = null;
});

const start = (options: Partial<SightOptions> = {}) => {
  const log = createRecordedLog();
  const part = createRecordedPart();
  const sight = createSight({ clock: systemClock, log, part, ...options });
  stop = sight.close;
  return { ...sight, log, part };
};

const request = (text: string): JudgeRequest => ({
  kind: 'claude-code',
  text,
  title: '',
  width: 80,
  height: 24,
  command: 'claude',
});

/** Threads that begin from now on hang, until what it answers is called. */
const hangThreads = (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'am-hanging-'));
  const file = join(folder, 'hang');
  writeFileSync(file, '');
  vi.stubEnv('HANG_WHILE', file);
  const end = () => rmSync(folder, { recursive: true, force: true });
  onTestFinished(() => {
    vi.unstubAllEnvs();
    end();
  });
  return end;
};

const judgeAll = (sight: { judge: ReturnType<typeof start>['judge'] }, texts: string[]) =>
  Promise.all(texts.map((text) => sight.judge(request(text))));

// Threads are started and ended here, which a busy machine takes its time over.
describe('createSight', { timeout: 60_000 }, () => {
  it('judges as the profiles do', async () => {
    const sight = start();
    const screens = recordedScreens('claude-code').slice(0, 40);
    const verdicts = await Promise.all(
      screens.map((screen) => sight.judge({ ...screen, command: 'claude' })),
    );
    expect(verdicts.map(({ rule }) => rule)).toContain('claude-code.spinner');
    expect(verdicts.find(({ attention }) => attention === 'trust')?.dialog?.options).toHaveLength(
      2,
    );
  });

  it('takes the requests of one turn of the event loop as one task', async () => {
    const sight = start({ filename: POISONED });
    const verdicts = await judgeAll(sight, ['a', 'b', 'c']);
    expect(verdicts.map(({ rule }) => rule)).toEqual(['with 3', 'with 3', 'with 3']);
    expect(verdicts.map(({ evidence }) => evidence)).toEqual(['a', 'b', 'c']);
  });

  it('takes those that come while it is busy as one task too, but not more than a batch', async () => {
    const sight = start({ filename: POISONED, maxBatch: 2 });
    const first = sight.judge(request('a'));
    await new Promise((resolve) => setImmediate(resolve));
    const rest = await judgeAll(sight, ['b', 'c', 'd']);
    expect([(await first).rule, ...rest.map(({ rule }) => rule)]).toEqual([
      'with 1',
      'with 2',
      'with 2',
      'with 1',
    ]);
  });

  it('gives up on a screen that is never judged, and on no other', async () => {
    const sight = start({ filename: POISONED, deadlineMs: 1_000 });
    const [good, bad, other] = await judgeAll(sight, ['good', 'spin', 'other']);
    expect(good).toMatchObject({ reason: 'judged', evidence: 'good' });
    expect(bad).toMatchObject({ activity: 'unknown', attention: 'none', rule: 'sight.deadline' });
    expect(other).toMatchObject({ reason: 'judged', evidence: 'other' });
    expect((await sight.judge(request('later'))).evidence).toBe('later');
    expect(sight.log.messages('warn')).toEqual([
      'judging screen by screen',
      'a screen could not be judged',
    ]);
  });

  it.each(['throw', 'exit', 'hoard'])(
    'survives a screen that makes its thread %s',
    async (poison) => {
      const sight = start({ filename: POISONED, deadlineMs: 60_000 });
      const [good, bad] = await judgeAll(sight, ['good', poison]);
      expect(good?.evidence).toBe('good');
      expect(bad).toMatchObject({ activity: 'unknown', rule: 'sight.failed' });
      expect((await sight.judge(request('later'))).evidence).toBe('later');
    },
  );

  it('tells of each failure once, and at which screens, also when two take turns', async () => {
    const sight = start({ filename: POISONED });
    for (const text of ['throw one', 'throw two', 'throw one', 'throw two'])
      await judgeAll(sight, [text]);
    await judgeAll(sight, ['throw three', 'good']);
    const told = sight.log.lines.filter(
      ({ message }) => message === 'a screen could not be judged',
    );
    expect(told.map(({ fields }) => String((fields as { err: unknown }).err))).toEqual([
      expect.stringContaining('throw one'),
      expect.stringContaining('throw two'),
      expect.stringContaining('throw three'),
    ]);
    expect(told[0]?.fields).toMatchObject({ kind: 'claude-code', size: '80x24' });
  });

  it('says so where there is no worker to judge', async () => {
    const sight = start({ filename: new URL('./missing.ts', POISONED) });
    expect(await sight.judge(request('a'))).toMatchObject({ rule: 'sight.unavailable' });
    expect(sight.part.failures.length).toBeGreaterThan(0);
  });

  it('does not wait for ever for a thread that never answers, and tries another', async () => {
    const stopHanging = hangThreads();
    const sight = start({ filename: HANGING, startWithinMs: 500 });
    for (const text of ['a', 'b'])
      expect(await sight.judge(request(text))).toMatchObject({ rule: 'sight.unavailable' });
    const failure = { message: 'no answer in 500 ms' };
    expect(sight.part).toMatchObject({ runs: 0, failures: [failure, failure] });
    stopHanging();
    await until('a thread answers', async () => {
      const { evidence } = await sight.judge(request('later'));
      return evidence === 'later' || null;
    });
    expect(sight.part.runs).toBe(1);
  });

  it('leaves nobody waiting where an error of its own comes between', async () => {
    const part = createRecordedPart();
    let isBroken = true;
    const sight = start({
      part: {
        ...part,
        running: () => {
          if (isBroken) throw new Error('an error of our own');
        },
      },
    });
    const [verdict] = await judgeAll(sight, ['> ']);
    expect(verdict?.rule).toBe('sight.failed');
    expect(sight.log.messages('error')).toEqual(['verdicts were lost']);
    isBroken = false;
    const [next] = await judgeAll(sight, ['> ']);
    expect(next?.rule).not.toMatch(/^sight\./);
  });

  it('answers what was still asked when it is closed', async () => {
    const sight = start({ filename: POISONED, deadlineMs: 60_000 });
    const asked = judgeAll(sight, ['spin', 'good']);
    await new Promise((resolve) => setImmediate(resolve));
    const more = sight.judge(request('more'));
    await sight.close();
    for (const verdict of [...(await asked), await more])
      expect(verdict).toMatchObject({ activity: 'unknown', rule: 'sight.closed' });
  });
});
