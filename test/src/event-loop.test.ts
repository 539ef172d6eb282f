import { createHistogram } from 'node:perf_hooks';
import { beforeEach, expect, it } from 'vitest';
import { createWindows, watchEventLoop } from '../../src/event-loop.ts';
import { until } from '../support/until.ts';

const HELD_MS = 150;
const CALM = { p99: 0, max: 0 };

let delays: ReturnType<typeof createHistogram>;
let windows: ReturnType<typeof createWindows>;

beforeEach(() => {
  delays = createHistogram();
  windows = createWindows(delays);
});

/** As Node counts: from one timer to the next. */
const passed = (ms: number): void => delays.record(Math.round(ms * 1e6));

it('takes nothing for a delay where nothing is late', () => {
  expect(windows.read()).toEqual(CALM);
  for (let time = 0; time < 100; time += 1) passed(20);
  expect(windows.read()).toEqual(CALM);
});

it('tells how long the loop was held up, and how late it commonly is', () => {
  for (let time = 0; time < 98; time += 1) passed(20);
  passed(35);
  passed(620);
  const { p99, max } = windows.read();
  // The histogram keeps three digits.
  expect(Math.abs(p99 - 15)).toBeLessThan(0.2);
  expect(Math.abs(max - 600)).toBeLessThan(1);
});

it('forgets a delay once a whole window has passed since', () => {
  passed(620);
  const held = windows.read();
  windows.next();
  expect(windows.read()).toEqual(held);
  passed(20);
  windows.next();
  expect(windows.read()).toEqual(CALM);
});

it('sees what holds up this very process', async () => {
  const watch = watchEventLoop();
  await until('it was seen', () => {
    if (watch.read().max > HELD_MS / 2) return true;
    const end = performance.now() + HELD_MS;
    while (performance.now() < end);
    return null;
  });
  watch.stop();
});
