import { describe, expect, it } from 'vitest';
import {
  type Budget,
  backoffMs,
  FULL_BUDGET,
  onFailure,
  type RestartPolicy,
} from '../../machines/restart.ts';

const policy: RestartPolicy = { maxRestarts: 3, withinMs: 5_000, baseMs: 100, capMs: 15_000 };

const failing = (failures: number[], before: Budget = FULL_BUDGET) => {
  let decision = { ...onFailure(policy, before, failures[0] ?? 0, 'a') };
  for (const at of failures.slice(1)) decision = onFailure(policy, decision.budget, at, 'a');
  return decision;
};

describe('onFailure', () => {
  it.each([
    { failures: [0], expected: { clean: false, budget: { isSpent: false } } },
    { failures: [0, 1_000], expected: { clean: true, budget: { isSpent: false } } },
    { failures: [0, 1_000, 2_000], expected: { clean: true, budget: { isSpent: false } } },
    { failures: [0, 1_000, 2_000, 3_000], expected: { clean: true, budget: { isSpent: true } } },
    { failures: [0, 5_000], expected: { clean: false, budget: { isSpent: false } } },
    { failures: [0, 4_999], expected: { clean: true, budget: { isSpent: false } } },
  ])('after failures at $failures: $expected', ({ failures, expected }) => {
    expect(failing(failures)).toMatchObject({ isNews: true, ...expected });
  });

  it('lets what must go on be tried again about as late as it may be', () => {
    const { afterMs } = failing([0, 1, 2, 3]);
    expect(afterMs).toBeGreaterThanOrEqual(7_500);
    expect(afterMs).toBeLessThanOrEqual(15_000);
  });

  it('leaves a spent budget spent, however long the waits are, and that is no news', () => {
    const { budget } = failing([0, 1, 2, 3]);
    const later = failing([20_000, 60_000, 3_600_000], budget);
    expect(later).toMatchObject({ isNews: false, clean: true, budget: { isSpent: true } });
    expect(later.budget.failures).toEqual([3_600_000]);
    expect(later.afterMs).toBeGreaterThanOrEqual(7_500);
  });
});

describe('backoffMs', () => {
  it('is the same for the same child, and spreads a hundred of them', () => {
    const delays = Array.from({ length: 100 }, (_, index) =>
      backoffMs(policy, 3, `child ${index}`),
    );
    expect(backoffMs(policy, 3, 'child 7')).toBe(delays[7]);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(200);
    expect(Math.max(...delays)).toBeLessThanOrEqual(400);
    expect(new Set(delays).size).toBeGreaterThan(50);
  });

  it('never grows past the cap', () => {
    expect(backoffMs(policy, 1_000, 'a')).toBeLessThanOrEqual(15_000);
  });
});
