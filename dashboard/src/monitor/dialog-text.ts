/** What a dialog is about. Pure. */

import type { Dialog } from '../../../machines/vocabulary.ts';

/** Its rows above the question, such as the command to be approved, as far left as they go; `rows` are all that it shows. */
export const rowsAbove = (
  { question, options }: Pick<Dialog, 'question' | 'options'>,
  rows: readonly string[],
): string[] => {
  const asked = question.split('\n')[0]?.trim() ?? '';
  const chosen = options[0]?.label ?? '';
  const end = rows.findIndex(
    (row) => (asked !== '' && row.includes(asked)) || (chosen !== '' && row.includes(chosen)),
  );
  const above = rows.slice(0, Math.max(0, end));
  const indents = above.filter((row) => row.trim() !== '').map((row) => row.search(/\S/));
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return above.map((row) => row.slice(indent).trimEnd());
};
