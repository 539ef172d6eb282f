import { describe, expect, test } from 'vitest';
import { createThrottle } from '../../../src/tmux/throttle.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const start = () => {
  const clock = createManualClock();
  const begun = clock.monotonic();
  const acts: { at: number; done(): Promise<void> }[] = [];
  const throttle = createThrottle({
    clock,
    settleMs: 8,
    gapMs: 30,
    act: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const done = async () => {
        resolve();
        await new Promise(setImmediate);
      };
      acts.push({ at: clock.monotonic() - begun, done });
      return promise;
    },
  });
  const times = () => acts.map(({ at }) => at);
  return { clock, throttle, acts, times };
};

describe('a throttle', () => {
  test('acts once the first mark has settled, whatever comes meanwhile', () => {
    const { clock, throttle, times } = start();
    throttle.mark();
    clock.advance(7);
    throttle.mark();
    expect(times()).toEqual([]);
    clock.advance(1);
    expect(times()).toEqual([8]);
  });

  test('acts again only after the gap, and surely then', async () => {
    const { clock, throttle, acts, times } = start();
    throttle.mark();
    clock.advance(8);
    await acts[0]?.done();
    clock.advance(2);
    throttle.mark();
    clock.advance(27);
    expect(times()).toEqual([8]);
    clock.advance(1);
    expect(times()).toEqual([8, 38]);
  });

  test('keeps a mark that comes during the act', async () => {
    const { clock, throttle, acts, times } = start();
    throttle.mark();
    clock.advance(8);
    throttle.mark();
    clock.advance(100);
    expect(times()).toEqual([8]);
    await acts[0]?.done();
    clock.advance(0);
    expect(times()).toEqual([8, 108]);
  });

  test('acts at once when told to, and does not act twice for it', async () => {
    const { clock, throttle, acts, times } = start();
    throttle.mark();
    throttle.now();
    clock.advance(0);
    expect(times()).toEqual([0]);
    await acts[0]?.done();
    clock.advance(100);
    expect(times()).toEqual([0]);
  });

  test('does nothing more once it is stopped', () => {
    const { clock, throttle, times } = start();
    throttle.mark();
    throttle.stop();
    throttle.now();
    clock.advance(100);
    expect(times()).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
