import { describe, expect, it } from 'vitest';
import {
  cpuSecondsIn,
  describeSeries,
  KEPT_MS,
  type Measured,
  type Sample,
  sampleOf,
  withSample,
} from '../../../dashboard/src/monitor/samples.ts';

const MEASURED: Measured = {
  ...{ at: 10_000, cpuSeconds: 5, lastEvent: 100, uptime: 60 },
  ...{ rss: 200, heapUsed: 50, loopP99: 3 },
};

const LATER: Measured = { ...MEASURED, at: 12_000, cpuSeconds: 5.1, lastEvent: 300, uptime: 62 };

describe('a sample', () => {
  it('tells what was used since the one before', () => {
    const sample = sampleOf(MEASURED, LATER);
    expect(sample.cpu).toBeCloseTo(5);
    expect(sample).toMatchObject({ at: 12_000, eventsPerSecond: 100, rss: 200, heapUsed: 50 });
  });

  it.each<{ name: string; before: Measured | null; now?: Partial<Measured> }>([
    { name: 'is the first', before: null },
    { name: 'is of a daemon started anew', before: MEASURED, now: { uptime: 1, lastEvent: 301 } },
    { name: 'comes long after the one before', before: { ...MEASURED, at: -60_000 } },
    { name: 'is of the same moment', before: { ...MEASURED, at: 12_000 } },
  ])('tells no rate where it $name', ({ before, now }) => {
    expect(sampleOf(before, { ...LATER, ...now })).toMatchObject({
      ...{ cpu: null, eventsPerSecond: null, rss: 200 },
    });
  });

  it('tells no processor time where there is none', () => {
    expect(sampleOf(MEASURED, { ...LATER, cpuSeconds: null })).toMatchObject({
      ...{ cpu: null, eventsPerSecond: 100 },
    });
  });

  it('is kept for ten minutes', () => {
    const at = (time: number): Sample => ({ ...sampleOf(null, MEASURED), at: time });
    const kept = [at(1_000), at(2_000), at(3_000)].reduce(withSample, [] as readonly Sample[]);
    expect(withSample(kept, at(KEPT_MS + 2_000)).map((each) => each.at)).toEqual([
      3_000,
      KEPT_MS + 2_000,
    ]);
  });
});

describe('processor time', () => {
  it.each<[string, number | null]>([
    ['# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 37.7\nother 1\n', 37.7],
    ['process_cpu_seconds_total{host="devbox"} 1e2\n', 100],
    ['process_cpu_user_seconds_total 3\n', null],
    ['process_cpu_seconds_total Nan\n', null],
    ['', null],
  ])('in %j is %s', (metrics, expected) => {
    expect(cpuSecondsIn(metrics)).toBe(expected);
  });
});

it('a series in words is its last figure and its range', () => {
  const format = (value: number): string => `${value} %`;
  expect(describeSeries([null, 4, 9, 5, null], format)).toBe('5 % now, between 4 % and 9 %');
  expect(describeSeries([null], format)).toBe('nothing is known yet');
});
