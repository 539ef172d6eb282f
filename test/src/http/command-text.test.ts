import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOfText, normalizeText } from '../../../src/http/command-text.ts';

const BLANK = 'must hold something that can be seen';

describe('a text', () => {
  it.each(['x', ' x', 'a\tb\nc', '-x', '#{pane_id};$HOME', '👩‍👩‍👧 ﷽ \u202e', '\ufffe'])(
    'may be %j',
    (text) => {
      expect(faultOfText(text, false)).toBeNull();
    },
  );

  it.each<[string, string]>([
    ['', 'must not be empty'],
    ...[' ', '\n', '\u00a0', '\u200b', '\u3000\u2060'].map((blank): [string, string] => [
      blank,
      BLANK,
    ]),
    ['a\u001b[31m', 'has U+001B as its character 2, a control character: see raw'],
    ['🧪\r', 'has U+000D as its character 2, a control character: see raw'],
    ['\u007f', 'has U+007F as its character 1, a control character: see raw'],
    ['ab\u0085', 'has U+0085 as its character 3, a control character: see raw'],
    ['\u0000', 'has U+0000 as its character 1, which tmux cannot type'],
    ['a\ud83e', 'has U+D83E as its character 2, half of a character'],
    ['\uddea\ud83e', 'has U+DDEA as its character 1, half of a character'],
  ])('may not be %j', (text, fault) => {
    expect(faultOfText(text, false)).toBe(fault);
  });

  it('may have 64 KB of UTF-8 and no more', () => {
    expect(faultOfText('x'.repeat(65_536), false)).toBeNull();
    expect(faultOfText('🧪'.repeat(16_384), false)).toBeNull();
    expect(faultOfText(`${'🧪'.repeat(16_384)}x`, false)).toMatch(/at most 65536 bytes/);
  });

  it('may have control characters where it is raw, all but the one that tmux cannot type', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        expect(faultOfText(text, true) === null).toBe(!text.includes('\0'));
      }),
    );
  });

  it('has one kind of line end, unless it is raw', () => {
    expect(normalizeText('a\r\nb\n\r\n', false)).toBe('a\nb\n\n');
    expect(normalizeText('a\r\nb', true)).toBe('a\r\nb');
    expect(normalizeText('a\rb', false)).toBe('a\rb');
  });
});
