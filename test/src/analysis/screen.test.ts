import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnsi } from '../../../src/analysis/ansi.ts';
import { isRule, readScreen } from '../../../src/analysis/screen.ts';

const read = (text: string) => readScreen({ text, title: '', command: '' });

describe('readScreen', () => {
  it('takes blanks off the ends and makes odd spaces ordinary', () => {
    expect(read('❯\u00a0hello  \r\n\tx\u200by\ufe0f\n   \n\n').lines).toEqual(['❯ hello', ' xy']);
  });

  it('cuts what is longer than any pane', () => {
    const { lines } = read(`x\n${'x'.repeat(50_000)}`.repeat(1500));
    expect(lines).toHaveLength(1000);
    expect(Math.max(...lines.map(({ length }) => length))).toBe(1000);
  });

  it('knows faint lines only where there are colours', () => {
    expect(read('❯ draft').faint).toBeNull();
    expect(read('❯ \x1b[7mR\x1b[0;2mesend it\x1b[0m\n❯ mine').faint).toEqual([true, false]);
  });
});

describe('isRule', () => {
  it.each([
    ['─'.repeat(60), true],
    ['▔'.repeat(40), true],
    [`${'─'.repeat(40)} a label ${'─'.repeat(3)}`, true],
    ['─'.repeat(4), false],
    ['╌'.repeat(60), false],
    [`  ${'─'.repeat(60)}`, false],
    [`─────  5 assert(ok);${'─'.repeat(80)}`, false],
    [`╭${'─'.repeat(60)}╮`, false],
    ['', false],
  ])('%s: %s', (line, expected) => {
    expect(isRule(line)).toBe(expected);
  });
});

describe('readAnsi', () => {
  it('leaves nothing of any escape sequence', () => {
    const text = 'a\x1b[1;38;5;246mb\x1b]0;title\x07c\x1b]8;;x\x1b\\d\x1bPq\x1b\\e\x1b(Bf\x1b';
    expect(readAnsi(text).lines).toEqual(['abcde' + 'Bf']);
  });

  it('ends an unterminated string with its line', () => {
    expect(readAnsi('a\x1b]0;never\nb').lines).toEqual(['a', 'b']);
  });

  it('ends a broken-off sequence with its line', () => {
    expect(readAnsi('a\x1b[\nb\x1b[1;\nc\x1b[').lines).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['faint', '\x1b[2mghost', true],
    ['grey by index', '\x1b[38;5;246mghost', true],
    ['grey by colour', '\x1b[38;2;120;120;120mghost', true],
    ['bright black', '\x1b[90mghost', true],
    ['plain', 'mine', false],
    ['coloured', '\x1b[38;5;174mmine', false],
    ['white by colour', '\x1b[38;2;250;250;250mmine', false],
    ['faint and then plain', '\x1b[2mghost\x1b[0m mine', false],
    ['grey background only', '\x1b[48;5;237mmine', false],
  ])('tells %s text from a draft', (_, text, expected) => {
    expect(readAnsi(`❯ ${text}`).faint).toEqual([expected]);
  });

  it.each([
    ['underlined in a colour of the table', '58;5;2'],
    ['underlined in a colour of its own', '58;2;2;90;7'],
    ['on a colour of the table', '48;5;2'],
    ['on a colour of its own', '48;2;2;90;7'],
    ['underlined twice', '4:2'],
    ['waved under in a colour', '4:3;58:2::2:90:7'],
    ['in a colour with parts of its own', '38:2::200:90:7'],
  ])('takes no text for faint that is %s', (_, codes) => {
    const [faint] = readAnsi(`❯ \x1b[${codes}mmine`).faint;
    expect(faint).toBe(false);
  });

  it('reads a colour with parts of its own as any other', () => {
    expect(readAnsi('❯ \x1b[38:2::120:120:120mghost').faint).toEqual([true]);
    expect(readAnsi('❯ \x1b[38:5:246mghost').faint).toEqual([true]);
  });

  it('knows the parts of an underline from what else a number means', () => {
    expect(readAnsi('❯ \x1b[2m\x1b[4:0mghost').faint).toEqual([true]);
    expect(readAnsi('❯ \x1b[4:2m\x1b[24mmine').faint).toEqual([false]);
  });

  it('takes no number of a colour for anything else', () => {
    const byte = fc.nat(255);
    const colour = fc.oneof(
      byte.map((index) => `5;${index}`),
      fc.tuple(byte, byte, byte).map((parts) => `2;${parts.join(';')}`),
    );
    fc.assert(
      fc.property(fc.constantFrom('48', '58'), colour, (ground, each) => {
        expect(readAnsi(`❯ \x1b[${ground};${each}m\x1b[49mmine`).faint).toEqual([false]);
        expect(readAnsi(`❯ \x1b[2;${ground};${each}m\x1b[49mghost`).faint).toEqual([true]);
      }),
    );
  });

  it('gives plain text back as it is, wherever colours are put into it', () => {
    const word = fc.stringMatching(/^[a-z─❯●é思 ]{0,8}$/u);
    const sgr = fc.array(fc.nat(120), { maxLength: 4 }).map((codes) => `\x1b[${codes.join(';')}m`);
    fc.assert(
      fc.property(fc.array(fc.tuple(sgr, word)), (parts) => {
        const plain = parts.map(([, text]) => text).join('');
        expect(readAnsi(parts.flat().join('')).lines).toEqual([plain]);
      }),
    );
  });

  it('reads anything, in one pass', () => {
    const chars = fc.constantFrom('\x1b', '[', ']', 'P', '\\', ';', '2', 'm', '\n', '\x07', 'x');
    fc.assert(
      fc.property(fc.array(chars), (noise) => {
        const text = noise.join('');
        const { lines, faint } = readAnsi(text);
        expect(lines.join('').length).toBeLessThanOrEqual(text.length);
        expect(lines).toHaveLength(text.split('\n').length);
        expect(faint).toHaveLength(lines.length);
      }),
    );
  });
});
