import { expect, it } from 'vitest';
import { createBounded } from '../../../src/hooks/bounded.ts';

it('makes room for what is new, by what was set longest ago', () => {
  const bounded = createBounded<number>(2);
  expect(bounded.set('a', 1)).toBeUndefined();
  bounded.set('b', 2);
  expect(bounded.set('a', 3)).toBeUndefined();
  expect(bounded.set('c', 4)).toBe(2);
  expect([bounded.get('a'), bounded.get('b'), bounded.get('c')]).toEqual([3, undefined, 4]);
  expect([...bounded.values()]).toEqual([3, 4]);
  bounded.delete('a');
  expect(bounded.set('d', 5)).toBeUndefined();
});
