import { describe, expect, test } from 'vitest';
import { clientBudget } from '../../../src/tmux/budget.ts';

describe('clientBudget', () => {
  test.each([
    { panes: 10, maxFiles: 1024, expected: 80, why: 'the setting' },
    { panes: 10, maxFiles: 256, expected: 64, why: 'four fifths of the files' },
    { panes: 900, maxFiles: 1024, expected: 0, why: 'no files left' },
    { panes: 33, maxFiles: 1e6, expected: 33, why: 'the time of a pass' },
    { panes: 100, maxFiles: 1e6, expected: 11, why: 'the time of a pass' },
    { panes: 5000, maxFiles: 1e6, expected: 0, why: 'the time of a pass' },
    { panes: 0, maxFiles: Number.POSITIVE_INFINITY, expected: 80, why: 'the setting' },
  ])('$panes panes, $maxFiles files: $expected, because of $why', ({ expected, ...size }) => {
    expect(clientBudget(80, size)).toBe(expected);
  });
});
