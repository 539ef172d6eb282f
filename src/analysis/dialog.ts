/** Finds the dialog at the bottom of a screen, with what it asks and what can be answered. */

import type { DialogOption, SeenDialog } from '../../machines/vocabulary.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { DialogMarks, DialogRule } from './profile.ts';
import { isRule } from './screen.ts';

export interface FoundDialog {
  dialog: SeenDialog;
  rule: string;
  /** First row of the dialog: what is above it is transcript. */
  top: number;
  /** Its last row: below it stands at most the task list. */
  bottom: number;
}

/**
 * A dialog is what a person must answer at the bottom of the screen: options of which one is
 * marked, or a line that says which keys answer, with nothing below but the task list. The same
 * drawing higher up is only a text about dialogs.
 */
export const findDialog = (
  lines: readonly string[],
  marks: DialogMarks,
  hasPendingTool: (top: number) => boolean,
): FoundDialog | null => {
  const inner = lines.map((line) => unframed(line, marks));
  const bottom = inner.findLastIndex((line) => line !== '' && !marks.below.test(line));
  if (bottom < 0) return null;
  const hasHint = marks.hint.test(inner[bottom] as string);
  const options = readOptions(inner, hasHint ? bottom : bottom + 1, marks);
  if (!options && !hasHint) return null;
  const top = findTop(lines, inner, options?.first ?? bottom, marks);
  if (top === null) return null;
  const chosen = options?.options ?? hintOptions(inner[bottom] as string);
  if (chosen.length === 0) return null;
  const question = findQuestion(inner, top, options?.first ?? bottom);
  const opening = inner.slice(top, options?.first ?? bottom);
  const rule = marks.rules.find((each) =>
    matches(each, question, opening, chosen, () => hasPendingTool(top)),
  );
  if (!rule) return null;
  const text = inner.slice(top, bottom + 1).map((line) => line.replace(marks.cursor, ' '));
  const id = fingerprintOf([rule.attention, ...text.filter((line) => !marks.below.test(line))]);
  const dialog = { id, attention: rule.attention, question, options: chosen };
  return { dialog, rule: rule.name, top, bottom };
};

const matches = (
  rule: DialogRule,
  question: string,
  opening: readonly string[],
  options: readonly DialogOption[],
  hasPendingTool: () => boolean,
): boolean =>
  (!rule.opening || opening.some((line) => rule.opening?.test(line))) &&
  (!rule.question || rule.question.test(question)) &&
  (!rule.option || options.some(({ label }) => rule.option?.test(label))) &&
  (!rule.pending || hasPendingTool());

const unframed = (line: string, { border }: DialogMarks): string => {
  if (!border) return line;
  return line.replace(border.left, '').replace(border.right, '').trimEnd();
};

interface FoundOptions {
  options: DialogOption[];
  first: number;
}

const readOptions = (
  lines: readonly string[],
  end: number,
  marks: DialogMarks,
): FoundOptions | null =>
  readNumbered(lines, end, marks) ?? readMarked(lines, end, marks) ?? readInline(lines, end, marks);

/** Options with numbers, read upwards until number one. */
const readNumbered = (
  lines: readonly string[],
  end: number,
  marks: DialogMarks,
): FoundOptions | null => {
  const rows: { row: number; number: number; label: string; marked: boolean }[] = [];
  let wrapped: string[] = [];
  for (let row = end - 1; row >= 0 && end - row < MAX_OPTION_ROWS; row -= 1) {
    const line = lines[row] as string;
    const option = NUMBERED.exec(line);
    const expected = (rows.at(-1)?.number ?? 0) - 1;
    if (option && (rows.length === 0 || Number(option[2]) === expected)) {
      const first = option[3] as string;
      const label = [first, ...wrapped.filter((each) => continues(each, line, first))];
      wrapped = [];
      const marked = option[1] === marks.cursor;
      rows.push({
        row,
        number: Number(option[2]),
        label: label.map((l) => l.trim()).join(' '),
        marked,
      });
      if (option[2] === '1') break;
    } else if (line === '' || isRule(line) || marks.below.test(line)) wrapped = [];
    else if (line.startsWith(' ')) wrapped.unshift(line);
    else return null;
  }
  const isCursorNeeded = end === lines.length;
  if (rows.length < 2 || (isCursorNeeded && !rows.some(({ marked }) => marked))) return null;
  const options = rows.reverse().map(({ number, label, marked }) => ({
    id: String(number),
    label,
    key: keyOf(number, label, marks),
    preselected: marked,
  }));
  return { options, first: (rows[0] as { row: number }).row };
};

const MAX_OPTION_ROWS = 60;
const NUMBERED = /^\s{0,6}([❯›>●▶]?)\s*(\d{1,2})\.\s+(\S.*)$/u;

/** A label that is wrapped goes on at its own column; a description stands deeper or is its own. */
const continues = (line: string, option: string, label: string): boolean => {
  const column = option.indexOf(label);
  return line.search(/\S/) === column && !label.startsWith('[');
};

/** A tick box is not answered by its key: it has yet to be submitted. */
const keyOf = (number: number, label: string, { keys }: DialogMarks): string | null => {
  if (/^\[.\]/u.test(label)) return null;
  if (keys === 'number') return String(number);
  const bracket = /\((\w+)\)$/.exec(label)?.[1];
  return bracket ? (KEYS[bracket.toLowerCase()] ?? bracket) : String(number);
};

/** Options without numbers: one line each, one of them under the cursor, all in one column. */
const readMarked = (
  lines: readonly string[],
  end: number,
  marks: DialogMarks,
): FoundOptions | null => {
  let last = end - 1;
  while (last >= 0 && (lines[last] === '' || marks.below.test(lines[last] as string))) last -= 1;
  let first = last;
  while (first > 0 && lines[first - 1] !== '' && !isRule(lines[first - 1] as string)) first -= 1;
  const rows = lines.slice(first, last + 1).map((line) => {
    const marked = line.trimStart().startsWith(`${marks.cursor} `);
    const label = marked ? line.trimStart().slice(marks.cursor.length).trim() : line.trim();
    return { label, marked, column: line.indexOf(label) };
  });
  const cursor = rows.find(({ marked }) => marked);
  if (!cursor || rows.length < 2 || rows.some(({ column }) => column !== cursor.column))
    return null;
  const options = rows.map(({ label, marked }, index) => ({
    id: String(index + 1),
    label,
    key: null,
    preselected: marked,
  }));
  return { options, first };
};

/** Options side by side on the line of the hint. Which one is chosen only the colours tell. */
const readInline = (
  lines: readonly string[],
  end: number,
  { inline }: DialogMarks,
): FoundOptions | null => {
  const found = inline?.exec(lines[end] ?? '');
  if (!found) return null;
  const labels = (found[1] as string).trim().split(/\s{2,}/);
  const options = labels.map((label, index) => ({
    id: String(index + 1),
    label,
    key: null,
    preselected: false,
  }));
  return { options, first: end };
};

/** `Enter to stay · Esc to cancel`: what can be answered where nothing is listed. */
const hintOptions = (hint: string): DialogOption[] =>
  hint
    .split(' · ')
    .map((part) => /^\s*(\S+) to (\S.*)$/.exec(part))
    .filter((part) => part !== null)
    .map(([, key = '', label = ''], index) => ({
      id: String(index + 1),
      label: label.trim(),
      key: KEYS[key.toLowerCase()] ?? null,
      preselected: false,
    }))
    .filter(({ key }) => key !== null);

/** As tmux names them. */
const KEYS: Record<string, string> = {
  enter: 'Enter',
  esc: 'Escape',
  tab: 'Tab',
  'shift+tab': 'BTab',
  space: 'Space',
};

/** The row below the dialog's upper edge; what is cut off at the top begins with the screen. */
const findTop = (
  lines: readonly string[],
  inner: readonly string[],
  first: number,
  { border }: DialogMarks,
): number | null => {
  for (let row = first - 1; row >= 0; row -= 1) {
    if (isRule(inner[row] as string)) return row + 1;
    if (border && !border.left.test(lines[row] as string)) return row + 1;
  }
  return 0;
};

/** The paragraph nearest above the options that asks something, else the dialog's first line. */
const findQuestion = (lines: readonly string[], top: number, end: number): string => {
  let paragraph: string[] = [];
  for (let row = end - 1; row >= top - 1; row -= 1) {
    const line = row >= top ? (lines[row] as string).trim() : '';
    const isContentFrame = /^[╌┄-]{4,}/.test(line) || /^[╭╰]/.test(line);
    if (line !== '' && !isContentFrame) {
      paragraph.unshift(line);
      continue;
    }
    const text = paragraph.join(' ');
    if (text.includes('?')) return text;
    if (isContentFrame) break;
    paragraph = [];
  }
  return (
    lines
      .slice(top, end)
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
};
