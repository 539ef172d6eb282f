/** What a dialog offers to choose from. */

import type { DialogOption } from '../../machines/vocabulary.ts';
import type { DialogMarks } from './profile.ts';
import { isRule } from './screen.ts';

export interface FoundOptions {
  options: DialogOption[];
  /** The row of the first option. */
  first: number;
  /** The rows in which a text of one's own stands, or may; empty where none is taken. */
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
      const key = KEYS.get(part?.[1]?.toLowerCase() ?? '');
      return key ? [{ label: part?.[2]?.trim().replace(/\s+/g, ' ') ?? '', key }] : [];
    })
    .map(({ label, key }, index) => ({ id: String(index + 1), label, key, preselected: false }));

/** As tmux names them. */
const KEYS = new Map([
  ['enter', 'Enter'],
  ['esc', 'Escape'],
  ['tab', 'Tab'],
  ['shift+tab', 'BTab'],
  ['space', 'Space'],
]);

interface NumberedRow {
  row: number;
  number: number;
  label: string;
  isMarked: boolean;
  /** What else stands below it, line by line. */
  described: string[];
  /** How many rows its label takes. */
  height: number;
  /** It stands above a rule line, below which others follow. */
  isLastAbove: boolean;
  /** The row without a number, below tick boxes, that submits them. */
  submit: { label: string; isMarked: boolean } | null;
}

/**
 * Options with numbers, read upwards until number one. In a small pane the first of them may have
 * gone beyond the top of the screen, with the cursor: then the line of keys must vouch for the rest.
 */
const readNumbered = (
  lines: readonly string[],
  end: number,
  hasHint: boolean,
  marks: DialogMarks,
): FoundOptions | null => {
  const rows: NumberedRow[] = [];
  let below: string[] = [];
  let isAboveRule = false;
  let row = end - 1;
  for (; row >= 0 && end - row < MAX_OPTION_ROWS; row -= 1) {
    const line = lines[row] as string;
    const option = NUMBERED.exec(line);
    if (!option && rows.length === 0 && end - row > MAX_DESCRIPTION) break;
    const isNext = option && (rows.length === 0 || Number(option[2]) === topmost(rows) - 1);
    if (isNext) {
      const isMarked = isPointer(option[1], marks) && line.search(/\S/) <= MAX_INDENT;
      const submit = TICKED.test(option[3] as string) ? submitIn(below, marks) : null;
      const told = submit ? below.slice(0, -1) : below;
      const label = wrapped(line, option[3] as string, told, lines);
      const described = told.slice(label.length).map((each) => each.trim());
      const text = [option[3], ...label].join(' ');
      const isLastAbove = isAboveRule && rows.length > 0;
      rows.push({
        row,
        number: Number(option[2]),
        label: text,
        isMarked,
        described,
        submit,
        height: 1 + label.length,
        isLastAbove,
      });
      isAboveRule = false;
      below = [];
      if (option[2] === '1') break;
    } else if (line === '' || isRule(line) || marks.below.test(line)) {
      below = [];
      isAboveRule ||= isRule(line);
    } else if (line.startsWith(' ') || submitIn([line], marks)) below.unshift(line);
    else break;
  }
  const isMarked =
    marks.cursor === null || rows.some((each) => each.isMarked || each.submit?.isMarked);
  const isInset = rows.every((each) => (lines[each.row] as string).search(/\d/) <= MAX_NUMBER);
  const isCut = hasHint && row < 0 && rows.length > 0 && isInset;
  if (!isCut && (rows.length < 2 || !isMarked)) return null;
  const options = rows.reverse().flatMap((each) => numberedOptions(each, marks));
  return { options, first: rows[0]?.row ?? 0, own: ownRows(rows, marks) };
};

/** A text of one's own stands last, above what submits it or the agent's own options; nothing describes it. */
const ownRows = (rows: readonly NumberedRow[], { answered }: DialogMarks): number[] => {
  const field = rows.find(
    ({ submit, isLastAbove, described }) => (submit || isLastAbove) && described.length === 0,
  );
  return answered && field ? Array.from({ length: field.height }, (_, at) => field.row + at) : [];
};

/** The option, and below the last one with a tick box the row that submits what is ticked. */
const numberedOptions = (row: NumberedRow, marks: DialogMarks): DialogOption[] => {
  const [, tick, text = ''] = TICKED.exec(row.label) ?? [null, undefined, row.label];
  const [label = '', ...beside] = text.split(/\s{2,}/);
  const option = describedOption(
    {
      ...{ id: String(row.number), label, key: tick === undefined ? keyOf(row, marks) : null },
      ...{ preselected: row.isMarked, ...(tick === undefined ? {} : { ticked: tick !== ' ' }) },
    },
    [...beside, ...row.described],
    marks,
    row.isLastAbove && row.described.length === 0,
  );
  if (row.submit === null) return [option];
  const { label: submit, isMarked: preselected } = row.submit;
  return [option, { id: SUBMIT, label: submit, key: null, preselected }];
};

/** What submits the ticked options, among the options' numbers. */
const SUBMIT = 'submit';

const TICKED = /^\[(.)\]\s*(.*)$/u;

/**
 * Whether ticks and texts of one's own can be given from afar is known of the agents whose marks say
 * how; elsewhere such an option waits for its terminal.
 */
const describedOption = (
  option: DialogOption,
  described: readonly string[],
  { answered }: DialogMarks,
  isLast = false,
): DialogOption => {
  const description = described.join(' ');
  const takesText = answered?.text.test(option.label) ?? false;
  // Where a text is taken and another one stands, somebody is writing it.
  const isWritten = isLast && !takesText && option.ticked === undefined;
  const isUnknown = answered
    ? isWritten
    : option.ticked !== undefined || TICKED.test(option.label) || WANTS_TEXT.test(option.label);
  return {
    ...option,
    ...(description === '' ? {} : { description }),
    ...(takesText ? { takesText } : {}),
    ...(isUnknown ? { inTerminal: true } : {}),
  };
};

const WANTS_TEXT =
  /^(?:Type (?:something|your own|here)\b|Enter (?:a|your) (?:custom|own)\b|Other\b)/i;

/** A description may stand beside the label, in a column of its own. */
const firstColumn = (label: string): string => label.split(/\s{2,}/, 1).join('');

/** The last of these rows, where it is the one that submits. */
const submitIn = (rows: readonly string[], marks: DialogMarks): NumberedRow['submit'] => {
  const text = rows.at(-1)?.trim() ?? '';
  const isMarked = isPointer(text[0], marks);
  const label = isMarked ? text.slice(1).trim() : text;
  return marks.answered?.submit.test(label) ? { label, isMarked } : null;
};

const topmost = (rows: readonly NumberedRow[]): number => rows.at(-1)?.number ?? 0;

const MAX_OPTION_ROWS = 60;
/** Below the last option stands at most what describes it. */
const MAX_DESCRIPTION = 8;
/** What is quoted in a tool's output stands further in. */
const MAX_INDENT = 3;
const MAX_NUMBER = 4;
// Claude Code 2.1.20 leaves no blank before a tick box that holds a text.
const NUMBERED =
  /^\s{0,6}([^\s\p{L}\p{N}([{"'`│┃]?)\s*\(?(\d{1,2})[.)](?:\s+|(?=\[[✔ ]\]))(\S.*)$/u;

/** The agent's own cursor, or one that no list in a text begins with. */
export const isPointer = (mark = '', { cursor }: DialogMarks): boolean =>
  mark !== '' && (cursor?.includes(mark) || POINTERS.includes(mark));

const POINTERS = '❯›>▶▸►→⏵➤➜▷»';

/**
 * The lines on which a label goes on: in its own column, and only where the line above had no
 * room for their first word. What else stands below an option describes it.
 */
const wrapped = (
  option: string,
  label: string,
  below: readonly string[],
  lines: readonly string[],
): string[] => {
  if (below.length === 0) return [];
  const width = lines.reduce((longest, { length }) => Math.max(longest, length), 0);
  // Below a tick box a text goes on below the text; while the cursor is elsewhere, one column before that.
  const box = TICKED.test(label) ? TICK_WIDTH : 0;
  const columns = [option.length - label.length + box, option.length - label.length + box - 1];
  const rest: string[] = [];
  let room = width - option.length;
  for (const line of below) {
    const text = line.trim();
    const column = line.length - line.trimStart().length;
    const isInColumn = columns.slice(0, box === 0 ? 1 : 2).includes(column);
    if (!isInColumn || text.split(' ', 1).join('').length + 1 + MARGIN < room) break;
    rest.push(text);
    room = width - line.length;
  }
  return rest;
};

const TICK_WIDTH = 4;
/** Labels are wrapped a little before the edge. */
const MARGIN = 4;

const keyOf = ({ number: own, label }: NumberedRow, { keys }: DialogMarks): string => {
  if (keys === 'number') return String(own);
  const bracket = /\((\w+)\)$/.exec(firstColumn(label))?.[1];
  return bracket ? (KEYS.get(bracket.toLowerCase()) ?? bracket) : String(own);
};

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
