import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRows } from '../../../src/tmux/screen.ts';

const ESC = '\x1b';

describe('the rows of a screen', () => {
  it('are as many as it is high, whatever was captured', () => {
    expect(readRows('one\ntwo', 3)).toEqual(['one', 'two', '']);
    expect(readRows('one\ntwo\n\n', 1)).toEqual(['one']);
  });

  it('keep their colours, each row by itself', () => {
    const captured = `${ESC}[1m${ESC}[31mred\nstill red${ESC}[39m plain\n${ESC}[0mnothing\nhere`;
    expect(readRows(captured, 4)).toEqual([
      `${ESC}[1m${ESC}[31mred`,
      `${ESC}[1;31mstill red${ESC}[39m plain`,
      `${ESC}[1m${ESC}[0mnothing`,
      'here',
    ]);
  });

  it('carry on whole colours, however they are written', () => {
    const rows = readRows(
      `${ESC}[38;5;208;48;2;1;2;3m${ESC}[58;5;9;4:3ma\nb${ESC}[38:2::9:8:7m\nc`,
      3,
    );
    expect(rows[1]).toContain(`${ESC}[38;5;208;48;2;1;2;3;58;5;9;4:3mb`);
    expect(rows[2]).toBe(`${ESC}[38:2::9:8:7;48;2;1;2;3;58;5;9;4:3mc`);
  });

  it.each([
    ['1', '22'],
    ['2', '22'],
    ['3', '23'],
    ['4:3', '24'],
    ['21', '24'],
    ['5', '25'],
    ['7', '27'],
    ['8', '28'],
    ['9', '29'],
    ['53', '55'],
    ['58;5;9', '59'],
  ])('carry on what was begun with %s, ended with %s and begun again', (on, off) => {
    const rows = readRows(`${ESC}[${on}ma${ESC}[${off}mb${ESC}[${on}mc\nd${ESC}[${off}m\ne`, 3);
    expect(rows.slice(1)).toEqual([`${ESC}[${on}md${ESC}[${off}m`, 'e']);
  });

  it('carry on no more than there can be', () => {
    const colours = Array.from({ length: 500 }, (_, index) => `${ESC}[3${index % 8}mx`).join('');
    expect(readRows(`${colours}\ny`, 2)[1]).toBe(`${ESC}[33my`);
  });

  it('draw lines that a program drew with the letters of a VT100', () => {
    expect(readRows('\x0elqqk\x0f x\n\x0ex\x0f', 2)).toEqual(['┌──┐ x', '│']);
  });

  it.each([
    ['a link', `${ESC}]8;;javascript:alert(1)${ESC}\\click${ESC}]8;;${ESC}\\`, 'click'],
    ['a title', `${ESC}]0;title\x07text`, 'text'],
    ['the clipboard', `${ESC}]52;c;aGk=\x07text`, 'text'],
    ['a question to the terminal', `${ESC}[6n${ESC}[c${ESC}P+q544e${ESC}\\text`, 'text'],
    ['what moves the cursor', `${ESC}[2J${ESC}[Htext`, 'text'],
    ['what is broken off', `text${ESC}]0;endless`, 'text'],
    ['what reorders', 'a\u202eb\u2066c', 'abc'],
    ['controls', 'a\x08b\x9bc\x7fd', 'abcd'],
  ])('keep nothing of %s', (_name, captured, expected) => {
    expect(readRows(captured, 1)).toEqual([expected]);
  });

  it('hold text and colours only, whatever was captured', () => {
    const pieces = fc.constantFrom(
      ESC,
      '[',
      ']',
      'm',
      '8',
      ';',
      '\\',
      '\x07',
      '\n',
      'a',
      '\x0e',
      'q',
      '\x9b',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (captured) => {
        const rows = readRows(captured.join(''), 5);
        expect(rows).toHaveLength(5);
        for (const row of rows) {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what may stand here
          expect(row.replace(/\x1b\[[\d;:]*m/g, '')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
        }
      }),
    );
  });
});
