/** What a dialog is about. Pure. */

import type { Dialog } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';

/** Each as it may be shown. */
export interface DialogText {
  /** What stands above the question, such as the command to be approved, as far left as it goes. */
  above: readonly string[];
  question: string;
}

/**
 * Of all rows that a dialog shows. What is to be approved may itself hold the question's words or an
 * option's, so only the last place counts; where none is found, nothing is left out.
 */
export const textOf = (
  { question, options }: Pick<Dialog, 'question' | 'options'>,
  rows: readonly string[],
): DialogText => {
  const asked = question === '' ? null : placeOf(question, rows);
  const end = asked?.from ?? (question === '' ? firstOption(options, rows) : -1);
  const above = leftmost(end < 0 ? rows : rows.slice(0, end)).map(plain);
  const said = asked ? drawn(rows.slice(asked.from, asked.to), question) : question;
  return { above, question: plain(said) };
};

/** The rows that say it, the last not included. It is told in one line, though it may stand in several. */
const placeOf = (question: string, rows: readonly string[]) => {
  const wanted = inOneLine(question);
  for (let from = rows.length - 1; from >= 0; from -= 1) {
    let text = '';
    for (let to = from; to < rows.length; to += 1) {
      const words = inOneLine(rows[to] as string);
      if (words === '') break;
      text += ` ${words}`;
      if (text.includes(wanted)) return { from, to: to + 1 };
      if (text.length > wanted.length + MOST_BESIDE) break;
    }
  }
  return null;
};

/** In characters: what may stand beside it in its rows. */
const MOST_BESIDE = 400;

/** Without the frame that may be around it. */
const inOneLine = (row: string): string =>
  row.replace(/^[\s│┃]+|[\s│┃]+$/gu, '').replace(/\s+/g, ' ');

const firstOption = (options: Dialog['options'], rows: readonly string[]): number => {
  const label = options[0]?.label ?? '';
  return rows.findLastIndex((row) => label !== '' && row.replace(MARKS, '').startsWith(label));
};

/** What stands before an option's label: the cursor, its number, the frame. */
const MARKS = /^[^\p{L}]*/u;

/** A sentence is told as one; rows that are indented among each other, such as answers, as they stand. */
const drawn = (rows: readonly string[], question: string): string => {
  const indents = new Set(rows.map((row) => row.search(/\S/)));
  return indents.size > 1 ? leftmost(rows).join('\n') : question;
};

const leftmost = (rows: readonly string[]): string[] => {
  const indents = rows.filter((row) => row.trim() !== '').map((row) => row.search(/\S/));
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return rows.map((row) => row.slice(indent).trimEnd());
};
