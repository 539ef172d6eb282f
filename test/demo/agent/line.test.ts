import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, span, textOf, toAnsi, widthOf, wrap } from '../../../demo/agent/line.ts';

const rowsOf = (text: string, width: number, indent = 0): string[] =>
  wrap([span(text)], width, indent).map((row) => textOf(row).trimEnd());

describe('a line', () => {
  it('is as wide as the terminal draws it', () => {
    expect(widthOf('abc')).toBe(3);
    expect(widthOf('漢字')).toBe(4);
    expect(widthOf('é')).toBe(1);
    expect(widthOf('🎉')).toBe(2);
    expect(widthOf('❯ ✻ ⏵⏵')).toBe(6);
  });

  it('wraps between words, the later rows indented', () => {
    expect(rowsOf('one two three', 8, 2)).toEqual(['one two', '  three']);
    expect(rowsOf('unbreakablelong', 6)).toEqual(['unbrea', 'kablel', 'ong']);
    expect(rowsOf('漢字漢字', 5)).toEqual(['漢字', '漢字']);
  });

  it('never has a row that is too wide', () => {
    const word = fc.constantFrom('a', 'word', 'longerword', '漢字', '🎉', ' ', '  ');
    fc.assert(
      fc.property(fc.array(word), fc.integer({ min: 4, max: 20 }), (words, width) => {
        for (const row of rowsOf(words.join(''), width, 1)) {
          expect(widthOf(row)).toBeLessThanOrEqual(width);
        }
      }),
    );
  });

  it('keeps every character when it wraps', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '漢') });
    fc.assert(
      fc.property(letters, (text) => {
        const rows = wrap([span(text)], 5).map(textOf);
        expect(rows.join('')).toBe(text);
      }),
    );
  });

  it('is cut before a wide character that does not fit', () => {
    expect(textOf(cut([span('a漢字')], 4))).toBe('a漢');
    expect(textOf(cut([span('ab'), span('cd')], 3))).toBe('abc');
  });

  it('ends without attributes', () => {
    expect(toAnsi([span('x', { fg: 174, bold: true }), span('y')])).toBe(
      '\x1b[1;38;5;174mx\x1b[0my',
    );
  });
});
