import { describe, expect, test } from 'vitest';
import { clientBudget } from '../../../src/tmux/budget.ts';

describe('clientBudget', () => {
  test.each([
    { panes: 10, maxFiles: 1024, expected: 200, why: 'the setting' },
    { panes: 300, maxFiles: 1024, expected: 173, why: 'four fifths of the files' },
    { panes: 900, maxFiles: 1024, expected: 0, why: 'no files left' },
    { panes: 1000, maxFiles: 1e6, expected: 105, why: 'the time of a pass' },
    { panes: 5000, maxFiles: 1e6, expected: 0, why: 'no time left' },
    { panes: 0, maxFiles: Number.POSITIVE_INFINITY, expected: 200, why: 'the setting' },
  ])('$panes panes, $maxFiles files: $expected, because of $why', ({ expected, ...size }) => {
    expect(clientBudget(200, size)).toBe(expected);
  });
});
