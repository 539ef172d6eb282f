/** Tools print anything, other agents' screens too; models quote them. None of it is the agent's own. */

import { describe, expect, it } from 'vitest';
import { judge, type RecordedScreen, recordedScreens } from '../../../accuracy/screens.ts';
import type { AgentKind } from '../../../machines/vocabulary.ts';
import { boxed } from './redraw.ts';

interface Drawing {
  /** The user's own prompt. */
  prompt: RegExp;
  output(lines: readonly string[]): string[];
  answer(lines: readonly string[]): string[];
}

const indented = (lines: readonly string[], first: string, rest: string): string[] =>
  lines.map((line, row) => (row === 0 ? first : rest) + line);

const DRAWINGS: Record<string, Drawing> = {
  codex: {
    prompt: /^› (?!\d+\.)\S/u,
    output: (lines) => ['', '• Ran cat notes.txt', ...indented(lines, '  └ ', '    '), ''],
    answer: (lines) => ['', '• It looks like this:', '', ...indented(lines, '  ', '  '), ''],
  },
  'gemini-cli': {
    prompt: /^ > {1,3}\S/,
    output: (lines) => ['', ...boxed(['✓  Shell cat notes.txt', ...lines], 130), ''],
    answer: (lines) => ['', '✦ It looks like this:', '', ...indented(lines, '  ', '  '), ''],
  },
  'qwen-code': {
    prompt: /^ {2}> \S/,
    output: (lines) => ['', '  ✓ Shell cat notes.txt', ...indented(lines, '    ', '    '), ''],
    answer: (lines) => ['', '  ◆ It looks like this:', '', ...indented(lines, '    ', '    '), ''],
  },
  opencode: {
    prompt: /^ {2}┃ {2}(?!Build ·)[A-Z]/u,
    // The first and the last bar are the prompt's own.
    output: (lines) => [
      '  ┃',
      '',
      '  ┃',
      '  ┃  $ cat notes.txt',
      ...indented(lines, '  ┃  ', '  ┃  '),
    ],
    answer: (lines) => [
      '  ┃',
      '',
      '     It looks like this:',
      '',
      ...indented(lines, '     ', '     '),
    ],
  },
  copilot: {
    prompt: /^ ❯ (?!Th(?:ink|ought))\S/u,
    output: (lines) => ['', ' $ Shell Show notes', ...indented(lines, '   │ ', '   │ '), ''],
    answer: (lines) => ['', ' ● It looks like this:', '', ...indented(lines, '   ', '   '), ''],
  },
};

const quoted = recordedScreens()
  .filter(({ state, file }) => state.startsWith('waiting') || /(?:72|77|91)-api|46-int/.test(file))
  .map(({ text }) => text.replaceAll('\u00a0', ' ').split('\n'))
  .map((lines) => lines.map((line) => line.trimEnd()).filter((line) => line !== ''));

/** Below the first prompt of a turn that has something below it. */
const insert = ({ text }: RecordedScreen, prompt: RegExp, block: string[]): string | null => {
  const rows = text.split('\n');
  const row = rows.findIndex((line) => prompt.test(line));
  const input = rows.findLastIndex((line) => /^[❯›>] ?|^ >|╹▀/u.test(line));
  return row < 0 || row >= input ? null : rows.toSpliced(row + 1, 0, ...block).join('\n');
};

// Where a turn was interrupted without a word, an answer below its prompt would be its end.
const isTold = ({ file }: RecordedScreen): boolean =>
  !/qwen-code.*(?:after-question-esc|slash-menu)/.test(file);

describe.each(Object.entries(DRAWINGS))('on a screen of %s', (kind, { prompt, ...forms }) => {
  const screens = recordedScreens(kind as AgentKind).filter(isTold);

  it.each(Object.entries(forms))('nothing in an %s is a verdict', (_, form) => {
    let tried = 0;
    for (const screen of screens)
      for (const lines of quoted) {
        const text = insert(screen, prompt, form(lines));
        if (text === null) continue;
        tried += 1;
        const [before, after] = [judge(screen), judge({ ...screen, text })];
        expect(after.attention, `${screen.file} by ${after.rule}`).toBe(before.attention);
        const isLevel = before.activity === 'reading' && after.activity === 'working';
        if (!isLevel)
          expect(after.activity, `${screen.file} by ${after.rule}`).toBe(before.activity);
      }
    expect(tried).toBeGreaterThan(200);
  });
});
