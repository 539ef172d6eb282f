import { expect, it } from 'vitest';
import { rowsAbove } from '../../../dashboard/src/monitor/dialog-text.ts';

const YES = { id: '1', label: 'Yes', key: '1', preselected: true };

it.each([
  {
    of: 'a command, as it stands above the question',
    rows: [' Bash command', ' npm test  ', ' Do you want to proceed?', ' ❯ 1. Yes'],
    question: 'Do you want to proceed?',
    expected: ['Bash command', 'npm test'],
  },
  {
    of: 'a question of many rows',
    rows: [' Plan', ' Is this', ' all right?', ' ❯ 1. Yes'],
    question: 'Is this\nall right?',
    expected: ['Plan'],
  },
  {
    of: 'no question: all above the first option',
    rows: [' Bash command', ' ❯ 1. Yes'],
    question: '',
    expected: ['Bash command'],
  },
  {
    of: 'rows that are indented among each other',
    rows: ['  a.ts', '', '    1 one', '  Go on?'],
    question: 'Go on?',
    expected: ['a.ts', '', '  1 one'],
  },
  { of: 'nothing above', rows: [' Go on?', ' ❯ 1. Yes'], question: 'Go on?', expected: [] },
  { of: 'rows of something else', rows: ['$ ls'], question: 'Go on?', expected: [] },
])('$of', ({ rows, question, expected }) => {
  expect(rowsAbove({ question, options: [YES] }, rows)).toEqual(expected);
});
