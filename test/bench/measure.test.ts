import { describe, expect, it } from 'vitest';
import { compare } from '../../bench/measure.ts';

const turn = (session: string, number: number, at: number) => ({ session, turn: number, at });

describe('compare', () => {
  it('takes each turn by its number', () => {
    const begun = [turn('a', 1, 100), turn('b', 1, 200), turn('a', 2, 300)];
    const seen = [turn('b', 1, 210), turn('a', 2, 330), turn('a', 1, 105)];
    expect(compare(begun, seen)).toEqual({
      latency: { count: 3, p50: 10, p99: 30, max: 30 },
      missed: 0,
      repeated: 0,
    });
  });

  it('finds out a turn that nobody noticed', () => {
    const result = compare([turn('a', 1, 100), turn('a', 2, 300)], [turn('a', 2, 330)]);
    expect(result).toMatchObject({ latency: { count: 1, max: 30 }, missed: 1 });
  });

  it('finds out a turn that was told twice, and takes the first', () => {
    const result = compare([turn('a', 1, 100)], [turn('a', 1, 110), turn('a', 1, 150)]);
    expect(result).toMatchObject({ latency: { count: 1, max: 10 }, missed: 0, repeated: 1 });
  });

  it('leaves out what began before or after', () => {
    const result = compare(
      [turn('a', 2, 100)],
      [turn('a', 1, 90), turn('a', 2, 105), turn('a', 3, 400)],
    );
    expect(result).toMatchObject({ latency: { count: 1, max: 5 }, missed: 0, repeated: 0 });
  });
});
