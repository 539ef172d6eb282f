import { describe, expect, it } from 'vitest';
import { StoreFailed } from '../../../actors/errors.ts';
import { timeCommits } from '../../../src/store/commit-time.ts';
import { createManualClock } from '../../support/manual-clock.ts';

describe('the time of a commit', () => {
  it('is told in seconds, with what the commit answers', () => {
    const clock = createManualClock();
    const told: [number, boolean][] = [];
    const timed = timeCommits(clock, (seconds, holds) => told.push([seconds, holds]));
    const answer = timed(() => {
      clock.advance(250);
      return 'done';
    });
    expect(answer).toBe('done');
    expect(told).toEqual([[0.25, true]]);
  });

  it('is told of one that fails, and its error goes on', () => {
    const clock = createManualClock();
    const told: [number, boolean][] = [];
    const timed = timeCommits(clock, (seconds, holds) => told.push([seconds, holds]));
    const failing = () =>
      timed(() => {
        clock.advance(100);
        throw new StoreFailed('the disk is full');
      });
    expect(failing).toThrow('the disk is full');
    expect(told).toEqual([[0.1, false]]);
  });
});
