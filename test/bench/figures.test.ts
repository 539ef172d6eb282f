import { describe, expect, it } from 'vitest';
import { latencyOf, percentile, table } from '../../bench/figures.ts';

describe('percentile', () => {
  it.each([
    { samples: [5], share: 0.99, expected: 5 },
    { samples: [3, 1, 2], share: 0.5, expected: 2 },
    { samples: [4, 3, 2, 1], share: 0.5, expected: 2 },
    { samples: [10, 9, 100], share: 1, expected: 100 },
  ])('is $expected of $samples at $share', ({ samples, share, expected }) => {
    expect(percentile(samples, share)).toBe(expected);
  });

  it('is the last but one of two hundred at 99 %', () => {
    const samples = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(latencyOf(samples)).toEqual({ count: 200, p50: 100, p99: 198, max: 200 });
  });

  it('is no number where there are no samples', () => {
    expect(latencyOf([])).toEqual({ count: 0, p50: Number.NaN, p99: Number.NaN, max: Number.NaN });
  });
});

describe('table', () => {
  it('aligns numbers to the right', () => {
    expect(
      table(
        ['what', 'ms'],
        [
          ['a', '12.5'],
          ['longer', '3'],
        ],
      ),
    ).toBe(
      ['| what   |   ms |', '| ------ | ---: |', '| a      | 12.5 |', '| longer |    3 |'].join(
        '\n',
      ),
    );
  });
});
