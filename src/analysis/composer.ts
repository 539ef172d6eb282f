/** What stands in the agent's input box. */

import type { Composer } from '../../machines/vocabulary.ts';
import type { ComposerMarks } from './profile.ts';
import type { Box } from './regions.ts';
import type { Screen } from './screen.ts';

const MAX_TEXT = 2000;

export const readComposer = (
  screen: Screen,
  box: Box | null,
  marks: ComposerMarks | undefined,
): Composer => {
  if (!box || !marks) return { content: 'absent', text: '' };
  if (box.text === '') return { content: 'empty', text: '' };
  if (isPlaceholder(screen, box, marks)) return { content: 'placeholder', text: '' };
  const text = box.text.slice(0, MAX_TEXT);
  return { content: marks.paste.test(text) ? 'paste' : 'draft', text };
};

/** Most agents draw it faint; where they do not, or the colours are not known, the words tell. */
const isPlaceholder = (
  { faint, lines }: Screen,
  box: Box,
  { placeholder, untouched }: ComposerMarks,
): boolean =>
  faint?.[box.prompt] === true ||
  placeholder.test(box.text) ||
  (untouched !== undefined && lines.slice(box.bottom).some((line) => untouched.test(line)));
