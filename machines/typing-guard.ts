/** What the screen must show, and must not show, in the very step that types. */

import type { Reading } from './command-context.ts';
import { bare } from './command-screen.ts';
import type { TypingGuard } from './vocabulary.ts';

export const UNGUARDED: TypingGuard = { absent: [], present: [] };

export const pasteGuard = (reading: Reading): TypingGuard => ({
  absent: marksToMiss(reading),
  present: [],
});

/** A dialog takes the place of the composer: where the text can be seen, Enter goes to it. */
export const enterGuard = (reading: Reading): TypingGuard => ({
  absent: marksToMiss(reading),
  present: composerLines(reading).flatMap((line) => rowsOf(line, reading.width)),
});

/** All of the dialog that is written: another one differs in a row, or its cursor does. */
export const answerGuard = ({ verdict: { dialogRows }, text, width }: Reading): TypingGuard => {
  const lines = text.split('\n');
  const drawn = (row: string) => lines.findLast((line) => asRead(line) === row) ?? row;
  const present = dialogRows.flatMap((row) => rowsOf(drawn(row), width));
  // Without a row there is nothing to know it by, and nothing may be pressed.
  return { absent: [], present: present.length === 0 ? [''] : present };
};

/** Dialog marks that are on the screen though no dialog is open are only quoted there. */
const marksToMiss = ({ dialogMarks, text }: Reading): string[] => {
  const shown = asRead(text);
  return dialogMarks.filter((mark) => !shown.includes(mark.trim()));
};

/**
 * The row with the beginning of what stands in the composer, and its prompt. Where the same was said
 * before, that row may stay when a dialog opens; the last one on the screen does not.
 */
const composerLines = ({ verdict: { composer }, text }: Reading): string[] => {
  const typed = composer.text.split('\n').find((line) => bare(line) !== '') ?? '';
  const lines = text.split('\n').filter((line) => bare(line) !== '');
  // A prompt may be a word of its own; where one without words is to be had, that is the composer.
  const row =
    lines.findLast((line) => isFramed(bare(line), bare(typed))) ??
    lines.findLast((line) => bare(line).endsWith(bare(typed)));
  if (row === undefined) return [typed];
  const isTwice = lines.filter((line) => bare(line) === bare(row)).length > 1;
  return isTwice ? [row, lines.at(-1) ?? ''] : [row];
};

/** Around what was typed is at most a prompt and the edges of a box. */
const isFramed = (line: string, typed: string): boolean => {
  const at = line.lastIndexOf(typed);
  return at >= 0 && !WRITTEN.test(line.slice(0, at) + line.slice(at + typed.length));
};

const WRITTEN = /[\p{L}\p{N}]/u;

/** A line as the terminal has wrapped it. */
const rowsOf = (line: string, width: number): string[] => {
  const rows = [''];
  let columns = 0;
  for (const character of line) {
    const wide = columnsOf(character);
    if (columns + wide > width) {
      rows.push('');
      columns = 0;
    }
    rows[rows.length - 1] += character;
    columns += wide;
  }
  return rows.filter((row) => row.trim() !== '');
};

const columnsOf = (character: string): number => {
  if (NARROWEST.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
};

const NARROWEST = /[\p{M}\p{Cf}]/u;
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]/u;

/** As rows are told in a verdict. */
const asRead = (drawn: string): string =>
  drawn
    .replace(/[\u00a0\u2007\u202f\t]/g, ' ')
    .replace(/\u200b|\u200c|\u200d|\ufe0e|\ufe0f/g, '')
    .replace(/ +$/gm, '');
