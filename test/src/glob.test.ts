import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../src/glob.ts';

describe('matchesGlob', () => {
  it.each([
    { pattern: 'shop-api', text: 'shop-api', expected: true },
    { pattern: 'shop-api', text: 'shop-api2', expected: false },
    { pattern: 'shop-api', text: 'my-shop-api', expected: false },
    { pattern: 'shop-*', text: 'shop-', expected: true },
    { pattern: '*-api', text: 'shop-web-api', expected: true },
    { pattern: '*a*b*', text: 'xxaxxbxx', expected: true },
    { pattern: '*a*b*', text: 'xxbxxaxx', expected: false },
    { pattern: '*ab', text: 'aab', expected: true },
    { pattern: '**', text: '', expected: true },
    { pattern: '', text: '', expected: true },
    { pattern: '', text: 'a', expected: false },
    { pattern: 'agent-?', text: 'agent-1', expected: true },
    { pattern: 'agent-?', text: 'agent-', expected: false },
    { pattern: 'agent-?', text: 'agent-🚀', expected: true },
    { pattern: 'a.c', text: 'abc', expected: false },
    { pattern: '[ab]', text: 'a', expected: false },
    { pattern: '$(x)', text: '$(x)', expected: true },
    { pattern: 'a\\*', text: 'a*', expected: false },
  ])('"$pattern" on "$text": $expected', ({ pattern, text, expected }) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  it('agrees with the regular expression of the same meaning', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const given = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    fc.assert(
      fc.property(letters, given, (pattern, text) => {
        const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
        expect(matchesGlob(pattern, text)).toBe(new RegExp(`^${source}$`).test(text));
      }),
    );
  });

  it('answers patterns that would make a backtracking matcher hang', () => {
    expect(matchesGlob(`${'*a'.repeat(100)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});
