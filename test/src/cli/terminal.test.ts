import { describe, expect, it } from 'vitest';
import { ago, jsonText, printable, table } from '../../../src/cli/terminal.ts';

describe('printable', () => {
  it.each([
    ['a\u001b[31mb', 'a‹1B›[31mb'],
    ['a\u009b2Jb', 'a‹9B›2Jb'],
    ['abc\u202etxt.exe', 'abc‹202E›txt.exe'],
    ['soft\u00adhyphen, vowel\u180emark', 'soft‹AD›hyphen, vowel‹180E›mark'],
    ['zero\u200bwidth, join\u034fer', 'zero‹200B›width, join‹34F›er'],
    ['tagged\u{e0041}\u{e0042}', 'tagged‹E0041›‹E0042›'],
    ['👩\u200d💻 می\u200cروم', '👩\u200d💻 می\u200cروم'],
    ['line\u2028and\u2029paragraph', 'line and paragraph'],
    ['one\r\ntwo\tthree', 'one two three'],
    ['café ☕ 日本', 'café ☕ 日本'],
  ])('%j is told as %j', (text, told) => {
    expect(printable(text)).toBe(told);
  });
});

describe('table', () => {
  it('aligns its columns, wide characters too, and pads no line’s end', () => {
    expect(
      table([
        ['NAME', 'STATE', 'WHY'],
        ['日本', 'working', ''],
        ['shop-api', 'stuck', 'silent'],
      ]),
    ).toBe('NAME      STATE    WHY\n日本      working\nshop-api  stuck    silent\n');
  });

  it('keeps what an agent wrote on its line', () => {
    expect(table([['a\nb', '\u001b[2J']])).toBe('a b  ‹1B›[2J\n');
  });
});

describe('jsonText', () => {
  it('writes out what a terminal would obey or hide, and means the same', () => {
    const value = { 'a\u009b2J': 'b\u202e\u00ad\u{e0041}\u2028\n', c: 'café ☕ 日本' };
    expect(jsonText(value)).toBe(
      '{"a\\u009b2J":"b\\u202e\\u00ad\\udb40\\udc41\\u2028\\n","c":"café ☕ 日本"}',
    );
    expect(JSON.parse(jsonText(value))).toEqual(value);
  });
});

describe('ago', () => {
  it.each([
    [null, '-'],
    [1_000_000, '0s'],
    [955_000, '45s'],
    [880_000, '2m'],
    [2_000_000, '0s'],
    [1_000_000 - 7_300_000, '2h'],
    [1_000_000 - 200_000_000, '2d'],
  ])('of %s is %s', (at, told) => {
    expect(ago(at, 1_000_000)).toBe(told);
  });
});
