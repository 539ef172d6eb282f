import { describe, expect, it } from 'vitest';
import { textOf } from '../../../dashboard/src/monitor/dialog-text.ts';

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
  {
    of: 'rows in which the question is not found: all of them',
    rows: ['$ ls'],
    question: 'Go on?',
    expected: ['$ ls'],
  },
  {
    of: 'a command that holds the question and the options itself',
    rows: [' Bash command', ' Go on? # Yes', ' 1. Yes; rm -rf ~', ' Go on?', ' ❯ 1. Yes', ' 2. No'],
    question: 'Go on?',
    expected: ['Bash command', 'Go on? # Yes', '1. Yes; rm -rf ~'],
  },
  {
    of: 'a command that holds an option, where there is no question',
    rows: [' echo Yes', ' Yes; rm -rf ~', ' ❯ 1. Yes'],
    question: '',
    expected: ['echo Yes', 'Yes; rm -rf ~'],
  },
  {
    of: 'a question that is told in one line and stands in two',
    rows: [' Plan', '', ' Is this', ' all right?', '', ' ❯ 1. Yes'],
    question: 'Is this all right?',
    expected: ['Plan', ''],
  },
  {
    of: 'a question in a frame',
    rows: ['│ npm test   │', '│ Is this    │', '│ all right? │', '│ ❯ 1. Yes   │'],
    question: 'Is this all right?',
    expected: ['│ npm test   │'],
  },
])('above stands $of', ({ rows, question, expected }) => {
  expect(textOf({ question, options: [YES] }, rows).above).toEqual(expected);
});

describe('the question', () => {
  const textIn = (question: string, rows: string[]) =>
    textOf({ question, options: [YES] }, rows).question;

  it('is a sentence, in however many rows it stands', () => {
    const rows = [' Is this', ' all right?', ' ❯ 1. Yes'];
    expect(textIn('Is this all right?', rows)).toBe('Is this all right?');
  });

  it('of rows that are indented among each other is shown as it stands', () => {
    const rows = ['Review', '', ' ● Which one?', '   → SQLite', '', ' ❯ 1. Submit answers'];
    expect(textIn('● Which one? → SQLite', rows)).toBe('● Which one?\n  → SQLite');
  });

  it('shows what turns the direction by its number', () => {
    expect(textIn('Is \u202ethis?', [' Is \u202ethis?'])).toBe('Is ‹202E›this?');
  });
});
