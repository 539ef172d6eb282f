import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { watchEventLoop } from '../../src/event-loop.ts';

const HELD_MS = 150;

const hold = () => {
  const end = performance.now() + HELD_MS;
  while (performance.now() < end);
};

it('tells how long the loop was held up, and forgets it after two windows', async () => {
  const watch = watchEventLoop(300);
  await delay(50);
  hold();
  await delay(50);
  const { p99, max } = watch.read();
  expect(max).toBeGreaterThan(HELD_MS * 0.8);
  expect(p99).toBeLessThanOrEqual(max);
  await vi.waitFor(() => expect(watch.read().max).toBeLessThan(max / 2), { timeout: 20_000 });
  watch.stop();
});

it('takes nothing for a delay where nothing is late', () => {
  const watch = watchEventLoop();
  expect(watch.read()).toEqual({ p99: 0, max: 0 });
  watch.stop();
});
