import { expect, it } from 'vitest';
import { createPump } from '../../actors/pump.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { endOfTurn } from '../support/store.ts';

/** A pump whose every step waits for the test to say how it ends. */
const setUp = (random = 1) => {
  const clock = createManualClock();
  const steps: PromiseWithResolvers<boolean>[] = [];
  const failures: unknown[] = [];
  const pump = createPump({
    step: () => {
      const step = Promise.withResolvers<boolean>();
      steps.push(step);
      return step.promise;
    },
    failed: (error) => failures.push(error),
    isStubborn: (error) => error instanceof RangeError,
    clock,
    random: () => random,
  });
  const end = async (how: boolean | Error): Promise<void> => {
    const step = steps.at(-1);
    if (typeof how === 'boolean') step?.resolve(how);
    else step?.reject(how);
    await endOfTurn();
  };
  return { clock, pump, end, failures, begun: () => steps.length };
};

it('repeats its step as long as there is more, one at a time', async () => {
  const { pump, end, begun } = setUp();
  pump.wake();
  pump.wake();
  expect(begun()).toBe(1);
  await end(true);
  expect(begun()).toBe(2);
  await end(true);
  await end(false);
  expect(begun()).toBe(3);
});

it('looks once more if it was woken during the last step', async () => {
  const { pump, end, begun } = setUp();
  pump.wake();
  await end(true);
  pump.wake();
  await end(false);
  expect(begun()).toBe(3);
  await end(false);
  expect(begun()).toBe(3);
});

it('rests after a failure, longer after each, up to 30 seconds, and for as long as it takes', async () => {
  const { clock, pump, end, begun, failures } = setUp();
  const rests: number[] = [];
  pump.wake();
  for (let n = 1; n <= 12; n += 1) {
    await end(new Error('no'));
    pump.wake();
    expect(begun()).toBe(n);
    const before = clock.monotonic();
    while (begun() === n) clock.advance(50);
    rests.push(clock.monotonic() - before);
  }
  expect(rests.slice(0, 5)).toEqual([100, 200, 400, 800, 1600]);
  expect(rests.slice(-3)).toEqual([30_000, 30_000, 30_000]);
  expect(failures).toHaveLength(12);
});

it('rests shorter by chance, but at least half', async () => {
  const { clock, pump, end, begun } = setUp(0);
  pump.wake();
  await end(new Error('no'));
  clock.advance(49);
  expect(begun()).toBe(1);
  clock.advance(1);
  expect(begun()).toBe(2);
});

it('begins its rests anew after a success', async () => {
  const { clock, pump, end, begun } = setUp();
  pump.wake();
  for (let n = 0; n < 3; n += 1) {
    await end(new Error('no'));
    clock.advance(30_000);
  }
  await end(false);
  pump.wake();
  await end(new Error('no'));
  const before = begun();
  clock.advance(100);
  expect(begun()).toBe(before + 1);
});

it('rests longest at once from an error that only a person can end', async () => {
  const { clock, pump, end, begun } = setUp();
  pump.wake();
  await end(new RangeError('foreign'));
  clock.advance(29_999);
  expect(begun()).toBe(1);
  clock.advance(1);
  expect(begun()).toBe(2);
});

it('restarts at once from its rest', async () => {
  const { clock, pump, end, begun } = setUp();
  pump.wake();
  await end(new RangeError('foreign'));
  pump.restart();
  expect(begun()).toBe(2);
  expect(clock.pending()).toBe(0);
});

it('does nothing more once it is stopped, whatever the last step comes to', async () => {
  const { clock, pump, end, begun, failures } = setUp();
  pump.wake();
  pump.stop();
  await end(new Error('no'));
  pump.wake();
  pump.restart();
  clock.advance(60_000);
  expect(begun()).toBe(1);
  expect(failures).toEqual([]);
});
