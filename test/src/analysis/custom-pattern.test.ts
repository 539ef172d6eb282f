import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../src/analysis/custom-pattern.ts';

describe('compilePattern', () => {
  it.each([
    ['^» \\S', '» rename', true],
    ['^» \\S', 'a » rename', false],
    ['\\u2713 done', '✓ done', true],
    ['(?i)allow', 'ALLOW once', true],
    ['^[⠀-⣿] ', '⠋ thinking', true],
    ['^\\p{L}+$', 'größe', true],
    ['^\\d{1,3}\\.$', '1234.', false],
  ])('%s in %j: %j', (source, text, expected) => {
    expect(compilePattern(source).test(text)).toBe(expected);
    expect(compilePattern(source).exec(text) !== null).toBe(expected);
  });

  it('finds what JavaScript’s own engine finds', () => {
    const source = '^(?<lead>[a-c ]*)=(?<target>[^ ]+)?( x)?';
    const own = compilePattern(source);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abc= xé») ') }), (text) => {
        const expected = new RegExp(source, 'u').exec(text);
        const found = own.exec(text);
        expect(found && [...(found as unknown as string[])]).toEqual(expected && [...expected]);
        expect({ ...found?.groups }).toEqual({ ...expected?.groups });
      }),
    );
  });

  it('knows its groups', () => {
    expect(compilePattern('(a)(?<name>b)(?:c)').groups).toEqual({ count: 2, names: ['name'] });
  });

  it('replaces the first match, or all of them, by the text as it is', () => {
    expect('1 and 22'.replace(compilePattern('\\d+'), '$&')).toBe('$& and 22');
    expect('1 and 22'.replace(compilePattern('\\d+', { all: true }), '')).toBe(' and ');
  });

  it.each([
    ['(a', 'missing closing )'],
    ['a(?=b)', '(?='],
    ['(?<!a)b', '(?<!a)b'],
    ['(a)\\1', '\\1'],
    ['[b-a]', 'b-a'],
    ['(?:a{500}){500}', '500'],
    ['(?:ab?){900}(?:cd?){900}(?:ef?){900}', 'too large'],
  ])('refuses %s, saying why', (source, why) => {
    expect(() => compilePattern(source)).toThrow(why);
  });

  it('takes what would keep a backtracking engine busy for longer than anyone waits', () => {
    const pattern = compilePattern('^(\\s*[│|>]\\s*)+$');
    expect(pattern.test(`${'  |'.repeat(330)}  x`)).toBe(false);
  });
});
