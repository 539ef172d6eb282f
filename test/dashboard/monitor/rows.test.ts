import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawChanges,
  drawScreen,
  onlyColours,
  widthOf,
} from '../../../dashboard/src/monitor/rows.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: it reads escape sequences
const SGR = /\x1b\[[\d;:]{0,200}m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what this is for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/;

describe('onlyColours', () => {
  it('keeps text and colours as they are', () => {
    const row =
      '\x1b[38;5;114m● \x1b[1m\x1b[39mUpdate\x1b[0m\x1b[4:3;58:2::255:0:0m(src/é 漢字 🙂.ts)';
    expect(onlyColours(row)).toBe(row);
  });

  it.each([
    ['a link', 'a\x1b]8;;javascript:alert(1)\x1b\\b\x1b]8;;\x1b\\c', 'abc'],
    ['a write to the clipboard', 'a\x1b]52;c;ZXZpbA==\x07b', 'ab'],
    ['a title', 'a\x1b]0;owned\x07b', 'ab'],
    ['a request that a terminal answers', 'a\x1b[6nb\x1b[cc\x1bZd', 'abcd'],
    ['a device control string', 'a\x1bP$q"p\x1b\\b', 'ab'],
    ['a movement of the cursor', 'a\x1b[2Jb\x1b[10;10Hc', 'abc'],
    ['a private mode', 'a\x1b[?1049hb', 'ab'],
    ['a reset of the terminal', 'a\x1bcb', 'ab'],
    ['a sequence that is broken off', 'a\x1b[38;5', 'a'],
    ['a string that is never ended', 'a\x1b]52;c;ZXZp', 'a'],
    ['line feeds and bells', 'a\r\nb\x07c\x08d', 'abcd'],
    ['C1 controls', 'a\x9b2Jb\x9dc', 'a2Jbc'],
    ['what turns the direction of text', 'a\u202eb\u2066c\u200f', 'abc'],
    ['an escape within an escape', 'a\x1b\x1b[31mb', 'a[31mb'],
    ['a colour of endless parameters', `a\x1b[${'1;'.repeat(500)}mb`, 'ab'],
  ])('takes out %s', (_, row, expected) => {
    expect(onlyColours(row)).toBe(expected);
  });

  it('leaves nothing that is obeyed of any text, whatever is beside it', () => {
    const piece = fc.constantFrom(
      ...['\x1b', '\x1b[', '\x1b]', '\x1bP', '\x9b', '[', ']', '8;;', '52;c;', '31', 'm', 'n', 'H'],
      ...['\x07', '\\', '?', ';', ':', 'a', '\n', '\u202e', '🙂'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(onlyColours(pieces.join('')).replace(SGR, '')).not.toMatch(CONTROL);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('drawing', () => {
  const cursor = { x: 2, y: 1, visible: true };

  it('puts each row of a screen into its place, cut off at the edge', () => {
    expect(drawScreen({ rows: ['one', '\x1b[31mtwo'], cursor })).toBe(
      '\x1b[0m\x1b[2J\x1b[?7l' +
        '\x1b[1;1H\x1b[0m\x1b[2Kone\x1b[2;1H\x1b[0m\x1b[2K\x1b[31mtwo' +
        '\x1b[0m\x1b[2;3H\x1b[?25h',
    );
  });

  it('draws only the rows that changed, and hides the cursor where it is hidden', () => {
    const drawn = drawChanges({ rows: { 7: 'x\x1b[2Jy' }, cursor: { ...cursor, visible: false } });
    expect(drawn).toBe('\x1b[8;1H\x1b[0m\x1b[2Kxy\x1b[0m\x1b[2;3H\x1b[?25l');
  });

  it('measures what is seen of a row', () => {
    expect(widthOf('\x1b[1mab\x1b[0m\x1b]0;title\x07c')).toBe(3);
  });
});
