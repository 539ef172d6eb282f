import { describe, expect, it } from 'vitest';
import { watchClock } from '../../src/clock.ts';
import { createManualClock } from '../support/manual-clock.ts';

/** A clock whose wall time can be set apart from the time that passes. */
const setUp = () => {
  const manual = createManualClock();
  let set = 0;
  let stopped = 0;
  const clock = {
    ...manual,
    now: () => manual.now() + stopped + set,
    // As the real one it counts parts of milliseconds, and never quite agrees.
    monotonic: () => manual.monotonic() * 1.000_001 + stopped,
  };
  const jumps: { at: number; byMs: number }[] = [];
  const stop = watchClock(clock, (at, byMs) => jumps.push({ at, byMs }));
  const setWallClock = (by: number) => {
    set += by;
  };
  /** No timer goes off meanwhile, as while the process is stopped. */
  const stopProcess = (ms: number) => {
    stopped += ms;
  };
  return { manual, clock, jumps, stop, setWallClock, stopProcess };
};

describe('a watched clock', () => {
  it('says nothing while time only passes', () => {
    const { manual, jumps } = setUp();
    manual.advance(3_600_000);
    expect(jumps).toEqual([]);
  });

  it.each([3_600_000, -3_600_000, 6_000])('tells once when it is set by %i ms', (by) => {
    const { manual, clock, jumps, setWallClock } = setUp();
    setWallClock(by);
    manual.advance(1_000);
    expect(jumps).toEqual([{ at: clock.now(), byMs: by }]);
    manual.advance(60_000);
    expect(jumps).toHaveLength(1);
  });

  it('lets a small correction pass', () => {
    const { manual, jumps, setWallClock } = setUp();
    setWallClock(4_000);
    manual.advance(60_000);
    expect(jumps).toEqual([]);
  });

  it('tells once that the process did not run for a while', () => {
    const { manual, clock, jumps, stopProcess } = setUp();
    stopProcess(60_000);
    manual.advance(1_000);
    expect(jumps).toEqual([{ at: clock.now(), byMs: 0 }]);
    stopProcess(4_000);
    manual.advance(60_000);
    expect(jumps).toHaveLength(1);
  });

  it('leaves no timer behind', () => {
    const { manual, stop } = setUp();
    stop();
    expect(manual.pending()).toBe(0);
  });
});
