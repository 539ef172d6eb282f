/** What a dialog is about. Pure. */

import type { Dialog } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';

/**
 * Its rows above the question, such as the command to be approved, as far left as they go; `rows` are
 * all that it shows. What is to be approved may itself hold the question's words or an option's, so
 * only the last place counts; where none is found, nothing is left out.
 */
export const rowsAbove = (
  { question, options }: Pick<Dialog, 'question' | 'options'>,
  rows: readonly string[],
): string[] => {
  const asked = question.split('\n')[0]?.trim() ?? '';
  const chosen = options[0]?.label ?? '';
  const end =
    asked === ''
      ? rows.findLastIndex((row) => chosen !== '' && row.replace(MARKS, '').startsWith(chosen))
      : rows.findLastIndex((row) => row.includes(asked));
  const above = end < 0 ? rows : rows.slice(0, end);
  const indents = above.filter((row) => row.trim() !== '').map((row) => row.search(/\S/));
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return above.map((row) => plain(row.slice(indent).trimEnd()));
};

/** What stands before an option's label: the cursor, its number, the frame. */
const MARKS = /^[^\p{L}]*/u;
