/** What a dialog offers to choose from. */

import type { DialogOption } from '../../machines/vocabulary.ts';
import { readNumbered } from './numbered-options.ts';
import { describedOption, isPointer, KEY_NAMES } from './option.ts';
import type { DialogMarks } from './profile.ts';
import { isRule } from './screen.ts';

export interface FoundOptions {
  options: DialogOption[];
  /** The row of the first option. */
  first: number;
  /** The rows in which a text of one's own stands, or may; left out where none is taken. */
  own?: readonly number[];
}

/** Options that end above row `end`, where the line with the keys stands if `hasHint`. */
export const readOptions = (
  lines: readonly string[],
  end: number,
  hasHint: boolean,
  marks: DialogMarks,
): FoundOptions | null => {
  const numbered = readNumbered(lines, end, hasHint, marks);
  if (numbered || !hasHint) return numbered;
  return (
    readMarked(lines, end, marks) ??
    readInline(lines, end, end, marks) ??
    readInline(lines, end - 1, end, marks)
  );
};

/** `Enter to stay · Esc to cancel`: what can be answered where nothing is listed. */
export const hintOptions = (hint: string): DialogOption[] =>
  hint
    .split(' · ')
    .map((part) => /^\s*(\S+) (?:to )?(\S.*)$/.exec(part))
    .flatMap((part) => {
      const key = KEY_NAMES.get(part?.[1]?.toLowerCase() ?? '');
      return key ? [{ label: part?.[2]?.trim().replace(/\s+/g, ' ') ?? '', key }] : [];
    })
    .map(({ label, key }, index) => ({ id: String(index + 1), label, key, preselected: false }));

/** Options without numbers: one line each, in one column, one of them under the cursor. */
const readMarked = (
  lines: readonly string[],
  end: number,
  marks: DialogMarks,
): FoundOptions | null => {
  const { below } = marks;
  let last = end - 1;
  while (last >= 0 && below.test(lines[last] as string)) last -= 1;
  let first = last;
  while (first > 0 && lines[first - 1] !== '' && !isRule(lines[first - 1] as string)) first -= 1;
  const rows = lines.slice(Math.max(0, first), last + 1).map((line) => {
    const text = line.trim();
    const [mark = ''] = text;
    const isMarked = text[mark.length] === ' ' && isPointer(mark, marks);
    const label = isMarked ? text.slice(mark.length).trim() : text;
    return { label, isMarked, column: line.length - label.length };
  });
  const column = rows.find(({ isMarked }) => isMarked)?.column;
  if (rows.length < 2 || rows.some((each) => each.column !== column)) return null;
  const options = rows.map(({ label, isMarked }, index) =>
    describedOption({ id: String(index + 1), label, key: null, preselected: isMarked }, [], marks),
  );
  return { options, first };
};

/**
 * Options side by side on the line of the keys, or where that is too short on the line above it.
 * Which one is chosen only the colours tell.
 */
const readInline = (
  lines: readonly string[],
  row: number,
  end: number,
  { inlineKeys }: DialogMarks,
): FoundOptions | null => {
  if (!inlineKeys) return null;
  const parts = (lines[row] ?? '').trim().split(/\s{2,}/);
  const labels = parts.filter((part) => !inlineKeys.test(part));
  if (labels.length < 2 || (row === end && labels.length === parts.length)) return null;
  const options = labels.map((label, index) => ({
    id: String(index + 1),
    label,
    key: null,
    preselected: false,
  }));
  return { options, first: row };
};
