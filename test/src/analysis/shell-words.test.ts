import { describe, expect, it } from 'vitest';
import { simpleCommands } from '../../../src/analysis/shell-words.ts';

describe('simpleCommands', () => {
  it.each([
    ['ls -la', [['ls', '-la']]],
    ['  ls  ', [['ls']]],
    ['', []],
    ['a; b && c | d & e\nf', [['a'], ['b'], ['c'], ['d'], ['e'], ['f']]],
    ['a \'b c\' "d e" f\\ g', [['a', 'b c', 'd e', 'f g']]],
    ['a "" \'\'', [['a', '', '']]],
    ['a "b\\"c" "\\d"', [['a', 'b"c', '\\d']]],
    ["a $'b\\'c' d", [['a', "b\\'c", 'd']]],
    ['a b"c"\'d\'e', [['a', 'bcde']]],
    ['a # b; c\nd', [['a'], ['d']]],
    ['a b#c', [['a', 'b#c']]],
    ['a \\\n b', [['a', 'b']]],
    ['a 2>/dev/null b', [['a', 'b']]],
    ['a b2>/dev/null', [['a', 'b2']]],
    ['a >&2 2>&1 &>/dev/null', [['a']]],
    ['a < b', [['a', 'b']]],
    ['(a; b) c', [['a'], ['b'], ['c']]],
    ['a $((1 + (2 * 3))) b', [['a', '$((1 + (2 * 3)))', 'b']]],
    [
      'a $(b "c d") e',
      [
        ['b', 'c d'],
        ['a', '$(…)', 'e'],
      ],
    ],
    ['a "x $(b) y" c', [['b'], ['a', 'x $(…) y', 'c']]],
    ['a $(b $(c))', [['c'], ['b', '$(…)'], ['a', '$(…)']]],
    ['case a in b) c;; esac', [['case', 'a', 'in', 'b'], ['c'], ['esac']]],
  ])('reads %j', (line, commands) => {
    expect(simpleCommands(line)).toEqual(commands);
  });

  it.each([
    'a > b',
    'a >> b',
    'a >| b',
    'a <> b',
    'a << b',
    'a <(b)',
    'a `b`',
    'a "`b`"',
    'a "b',
    "a 'b",
    'a $(b',
    'a (b',
    'a \\',
  ])('does not claim to know %j', (line) => {
    expect(simpleCommands(line)).toBeNull();
  });
});
