import { describe, expect, it } from 'vitest';
import { backoffMs, onCrash, type RestartPolicy } from '../../machines/restart.ts';

const policy: RestartPolicy = { maxRestarts: 3, withinMs: 5_000, baseMs: 100, capMs: 15_000 };

describe('onCrash', () => {
  it.each([
    { crashes: [0], expected: { kind: 'restart', clean: false } },
    { crashes: [0, 1_000], expected: { kind: 'restart', clean: true } },
    { crashes: [0, 1_000, 2_000], expected: { kind: 'restart', clean: true } },
    { crashes: [0, 1_000, 2_000, 3_000], expected: { kind: 'spent' } },
    { crashes: [0, 5_000], expected: { kind: 'restart', clean: false } },
    { crashes: [0, 4_999], expected: { kind: 'restart', clean: true } },
  ])('after crashes at $crashes: $expected', ({ crashes, expected }) => {
    expect(onCrash(policy, crashes, crashes.at(-1) ?? 0, 'a')).toMatchObject(expected);
  });

  it('lets what must go on be tried again about as late as it may be', () => {
    const { afterMs } = onCrash(policy, [0, 1, 2, 3], 3, 'a');
    expect(afterMs).toBeGreaterThanOrEqual(7_500);
    expect(afterMs).toBeLessThanOrEqual(15_000);
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
