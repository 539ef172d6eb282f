import { beforeEach, describe, expect, it } from 'vitest';
import { createParts, type Parts } from '../../actors/parts.ts';
import type { Part } from '../../actors/ports.ts';
import type { EventDraft } from '../../machines/vocabulary.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';

const POLICY = { maxRestarts: 3, withinMs: 60_000, baseMs: 100, capMs: 15_000 };

let clock: ManualClock;
let told: EventDraft[];
let parts: Parts;
let redis: Part;

beforeEach(() => {
  clock = createManualClock();
  told = [];
  parts = createParts({
    ...{ policy: POLICY, clock, log: createRecordedLog() },
    journal: { announce: (events) => told.push(...events) },
  });
  redis = parts.add('redis');
});

const names = () => told.map(({ event }) => event);
const report = () => parts.reports()[0];

/** Fails, is tried again when it is due, and so on. */
const failOften = (times: number, comesUp = false) => {
  for (let time = 0; time < times; time += 1) {
    clock.advance(redis.failed(new Error(`failure ${time}`)));
    if (comesUp) redis.running();
  }
};

describe('a part that an adapter keeps running', () => {
  it('is told of when it ends and when it runs again', () => {
    redis.running();
    expect(told).toEqual([]);
    const afterMs = redis.failed(new Error('killed'));
    expect(report()).toEqual({
      ...{ actor: 'redis', session: '', status: 'waiting', restarts: 0, error: 'killed' },
      ...{ since: clock.now(), nextAt: clock.now() + afterMs },
    });
    redis.running();
    expect(report()).toMatchObject({ status: 'running', restarts: 1, since: null, error: '' });
    expect(told).toMatchObject([
      { event: 'actor_crashed', actor: 'redis', session: '', error: 'killed' },
      { event: 'actor_restarted', actor: 'redis', session: '' },
    ]);
  });

  it('waits longer each time, and never longer than the cap', () => {
    redis.running();
    const delays = Array.from({ length: 8 }, () => redis.failed(new Error('away')));
    expect(delays[0]).toBeLessThanOrEqual(100);
    expect(delays[2]).toBeGreaterThan(delays[1] ?? 0);
    expect(delays[3]).toBeGreaterThanOrEqual(7_500);
    expect(Math.max(...delays)).toBeLessThanOrEqual(15_000);
  });

  it('is told of once when its budget is spent, and goes on being tried', () => {
    redis.running();
    failOften(50);
    expect(names()).toEqual(['actor_crashed', 'actor_quarantined']);
    expect(report()).toMatchObject({ status: 'spent', error: 'failure 49' });
  });

  it('that comes up and falls down again and again is not told of each time', () => {
    redis.running();
    failOften(50, true);
    expect(names().filter((name) => name === 'actor_quarantined')).toHaveLength(1);
    expect(names().length).toBeLessThanOrEqual(2 * POLICY.maxRestarts + 1);
    expect(report()).toMatchObject({ status: 'spent', restarts: 50, nextAt: null });
  });

  it('that fails slowly stays spent, since when it first ended', () => {
    redis.running();
    failOften(4);
    const since = report()?.since;
    const seen = new Set<string | undefined>();
    for (let time = 0; time < 200; time += 1) {
      clock.advance(redis.failed(new Error('away')));
      redis.running();
      clock.advance(30_000);
      seen.add(report()?.status);
    }
    expect([...seen]).toEqual(['spent']);
    expect(report()).toMatchObject({ since });
    expect(names()).toEqual(['actor_crashed', 'actor_quarantined']);
  });

  it('whose budget was spent is told to run once that has lasted', () => {
    redis.running();
    failOften(5);
    redis.running();
    expect(names().at(-1)).toBe('actor_quarantined');
    clock.advance(POLICY.withinMs);
    expect(names().at(-1)).toBe('actor_restarted');
    expect(redis.failed(new Error('much later'))).toBeLessThanOrEqual(100);
    expect(names().at(-1)).toBe('actor_crashed');
  });

  it('that has nothing to do is not down, and not tried again', () => {
    redis.running();
    failOften(10);
    redis.idle();
    const well = { status: 'running', since: null, error: '', nextAt: null };
    expect(report()).toMatchObject(well);
    clock.advance(POLICY.withinMs);
    expect(report()).toMatchObject(well);
    expect(names()).toEqual(['actor_crashed', 'actor_quarantined', 'actor_restarted']);
    redis.running();
    expect(names()).toHaveLength(3);
    expect(redis.failed(new Error('killed'))).toBeLessThanOrEqual(100);
  });

  it('that crashed and is then not needed is told to be well, once', () => {
    redis.running();
    redis.failed(new Error('killed'));
    redis.idle();
    redis.running();
    expect(names()).toEqual(['actor_crashed', 'actor_restarted']);
  });

  it('that never had anything to do is not told of when it begins', () => {
    redis.idle();
    redis.running();
    redis.idle();
    redis.running();
    expect(told).toEqual([]);
    expect(report()).toMatchObject({ status: 'running', restarts: 0 });
  });

  it('that never ran is no crash', () => {
    redis.failed(new Error('not installed'));
    expect(told).toEqual([]);
    expect(report()).toMatchObject({ status: 'waiting', error: 'not installed' });
  });

  it('leaves no timer when it is over', () => {
    redis.running();
    failOften(5);
    redis.running();
    expect(clock.pending()).toBe(1);
    parts.stop();
    expect(clock.pending()).toBe(0);
  });
});
