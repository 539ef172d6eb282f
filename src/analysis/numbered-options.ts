/** Options with numbers, their ticks, what submits these, and the field for a text of one's own. */

import type { DialogOption } from '../../machines/vocabulary.ts';
import { boxOf, describedOption, isPointer, KEY_NAMES } from './option.ts';
import type { DialogMarks } from './profile.ts';
import { isRule } from './screen.ts';

/**
 * Options with numbers, read upwards until number one. In a small pane the first of them may have
 * gone beyond the top of the screen, with the cursor: then the line of keys must vouch for the rest.
 * `own` are the rows of the field.
 */
export const readNumbered = (
  lines: readonly string[],
  end: number,
  hasHint: boolean,
  marks: DialogMarks,
): { options: DialogOption[]; first: number; own: number[] } | null => {
  const { rows, isToTop } = numberedRows(lines, end, marks);
  const isMarked =
    marks.cursor === null || rows.some((each) => each.isMarked || each.submit?.isMarked);
  const isInset = rows.every((each) => (lines[each.row] as string).search(/\d/) <= MAX_NUMBER);
  const isCut = hasHint && isToTop && rows.length > 0 && isInset;
  if (!isCut && (rows.length < 2 || !isMarked)) return null;
  const field = rows.findLast(({ submit, isLastAbove }) => submit || isLastAbove);
  // A box that only one of them has is a word of its label.
  const hasTicks = rows
    .slice(0, field ? rows.indexOf(field) + 1 : rows.length)
    .every(({ label }) => boxOf(label, marks));
  const options = rows.flatMap((each) =>
    numberedOptions(each, each === field, hasTicks || !marks.answered, marks),
  );
  const own = marks.answered && field ? rowsBetween(field.row, field.end) : [];
  return { options: withOneCursor(options), first: rows[0]?.row ?? 0, own };
};

interface NumberedRow {
  row: number;
  number: number;
  label: string;
  isMarked: boolean;
  /** What else stands below it, line by line. */
  described: string[];
  /** The row below all that belongs to it. */
  end: number;
  /** It stands above a rule line, below which others follow. */
  isLastAbove: boolean;
  /** The row without a number, below tick boxes, that submits them. */
  submit: { label: string; isMarked: boolean } | null;
}

/** From the first one on; `isToTop`: nothing else stands above them on the screen. */
const numberedRows = (lines: readonly string[], end: number, marks: DialogMarks) => {
  const rows: NumberedRow[] = [];
  /** What stands below the next option without a gap; and the last row that may belong to it. */
  let below: number[] = [];
  let lowest: number | null = null;
  let edge = end;
  let isAboveRule = false;
  let row = end - 1;
  for (; row >= 0 && end - row < MAX_OPTION_ROWS; row -= 1) {
    const line = lines[row] as string;
    const option = NUMBERED.exec(line);
    if (!option && rows.length === 0 && end - row > MAX_DESCRIPTION) break;
    const isNext = option && (rows.length === 0 || Number(option[2]) === topmost(rows) - 1);
    if (isNext) {
      const [, mark, number, label = ''] = option;
      // Above another tick box it is a description that says so.
      const isLowestTick = boxOf(label, marks) && !rows.some((each) => boxOf(each.label, marks));
      const submit = isLowestTick && lowest !== null ? submitIn(lines[lowest], marks) : null;
      const last = submit ? lowest : null;
      const isLastAbove = isAboveRule && rows.length > 0;
      const to = last ?? edge;
      // A text may have gaps between its lines.
      const isField = marks.answered && (submit || isLastAbove);
      const told = (isField ? rowsBetween(row + 1, to) : below)
        .map((each) => lines[each] as string)
        .filter((each) => each !== '');
      const rest = wrapped(line, label, told, lines, marks);
      rows.unshift({
        ...{ row, number: Number(number), label: [label, ...rest].join(' '), end: to, submit },
        ...{ described: told.slice(rest.length).map((each) => each.trim()), isLastAbove },
        isMarked: isPointer(mark, marks) && line.search(/\S/) <= MAX_INDENT,
      });
      [below, lowest, edge, isAboveRule] = [[], null, row, false];
      if (number === '1') break;
    } else if (isRule(line)) [below, lowest, edge, isAboveRule] = [[], null, row, true];
    else if (line === '' || marks.below.test(line)) below = [];
    else if (line.startsWith(' ') || submitIn(line, marks)) {
      below.unshift(row);
      lowest ??= row;
    } else break;
  }
  return { rows, isToTop: row < 0 };
};

const topmost = (rows: readonly NumberedRow[]): number => rows[0]?.number ?? 0;

const MAX_OPTION_ROWS = 60;
/** Below the last option stands at most what describes it. */
const MAX_DESCRIPTION = 8;
/** What is quoted in a tool's output stands further in. */
const MAX_INDENT = 3;
const MAX_NUMBER = 4;
// Claude Code 2.1.20 leaves no blank before a tick box that holds a text.
const NUMBERED =
  /^\s{0,6}([^\s\p{L}\p{N}([{"'`│┃]?)\s*\(?(\d{1,2})[.)](?:\s+|(?=\[[✔ ]\]))(\S.*)$/u;

/** What submits the ticks, where this line is that. */
const submitIn = (line: string | undefined, marks: DialogMarks): NumberedRow['submit'] => {
  const text = line?.trim() ?? '';
  const isMarked = isPointer(text[0], marks);
  const label = isMarked ? text.slice(1).trim() : text;
  return marks.answered?.submit.test(label) ? { label, isMarked } : null;
};

const rowsBetween = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => from + at);

/** With two cursors one of them is a word of the model's, and nobody knows which. */
const withOneCursor = (options: DialogOption[]): DialogOption[] =>
  options.filter(({ preselected }) => preselected).length > 1
    ? options.map((option) => ({ ...option, inTerminal: true }))
    : options;

/** The option, and below the last one with a tick box the row that submits what is ticked. */
const numberedOptions = (
  row: NumberedRow,
  isField: boolean,
  hasTicks: boolean,
  marks: DialogMarks,
): DialogOption[] => {
  const box = hasTicks ? boxOf(row.label, marks) : null;
  const [label = '', ...beside] = (box?.text ?? row.label).split(/\s{2,}/);
  const option = describedOption(
    {
      ...{ id: String(row.number), label, key: box ? null : keyOf(row, marks) },
      ...{ preselected: row.isMarked, ...(box ? { ticked: box.tick !== ' ' } : {}) },
    },
    [...beside, ...row.described],
    marks,
    isField,
  );
  if (!box || row.submit === null) return [option];
  const { label: submit, isMarked: preselected } = row.submit;
  return [option, { id: SUBMIT, label: submit, key: null, preselected }];
};

/** What submits the ticked options, among the options' numbers. */
const SUBMIT = 'submit';

const keyOf = ({ number: own, label }: NumberedRow, { keys }: DialogMarks): string => {
  if (keys === 'number') return String(own);
  const bracket = /\((\w+)\)$/.exec(firstColumn(label))?.[1];
  return bracket ? (KEY_NAMES.get(bracket.toLowerCase()) ?? bracket) : String(own);
};

/** A description may stand beside the label, in a column of its own. */
const firstColumn = (label: string): string => label.split(/\s{2,}/, 1).join('');

/**
 * The lines on which a label goes on: in its own column, and only where the line above had no
 * room for their first word. What else stands below an option describes it.
 */
const wrapped = (
  option: string,
  label: string,
  below: readonly string[],
  lines: readonly string[],
  marks: DialogMarks,
): string[] => {
  if (below.length === 0) return [];
  const width = lines.reduce((longest, { length }) => Math.max(longest, length), 0);
  // Below a tick box a text goes on below the text; while the cursor is elsewhere, one column before that.
  const box = boxOf(label, marks) ? TICK_WIDTH : 0;
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
