import { describe, expect, test } from 'vitest';
import { createRhythm } from '../../../src/tmux/rhythm.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const start = (first: number | null) => {
  const clock = createManualClock();
  const begun = clock.monotonic();
  const beats: number[] = [];
  const state = { period: first, busy: Promise.resolve() };
  const rhythm = createRhythm({
    clock,
    periodMs: () => state.period,
    beat: () => {
      beats.push(clock.monotonic() - begun);
      return state.busy;
    },
  });
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed++) {
      clock.advance(1);
      await new Promise(setImmediate);
    }
  };
  return { clock, rhythm, beats, state, pass };
};

describe('a rhythm', () => {
  test('rests while it has no period, and begins when it gets one', async () => {
    const { rhythm, beats, state, pass } = start(null);
    rhythm.adjust();
    await pass(50);
    expect(beats).toEqual([]);
    state.period = 20;
    rhythm.adjust();
    await pass(45);
    expect(beats).toEqual([50, 70, 90]);
  });

  test('never beats twice at a time', async () => {
    const { rhythm, beats, state, pass } = start(20);
    const { promise, resolve } = Promise.withResolvers<void>();
    state.busy = promise;
    rhythm.adjust();
    await pass(100);
    expect(beats).toEqual([0]);
    resolve();
    await pass(2);
    expect(beats).toHaveLength(2);
  });

  test('beats as soon as possible when asked to', async () => {
    const { rhythm, beats, pass } = start(1000);
    rhythm.adjust();
    await pass(1);
    rhythm.soon();
    await pass(2);
    expect(beats).toHaveLength(2);
  });

  test('rests for good once it is stopped', async () => {
    const { clock, rhythm, beats, pass } = start(20);
    rhythm.stop();
    rhythm.soon();
    await pass(50);
    expect(beats).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
