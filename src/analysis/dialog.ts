/** Finds the dialog at the bottom of a screen, with what it asks and what can be answered. */

import type { DialogOption, SeenDialog } from '../../machines/vocabulary.ts';
import { identityOf } from './fingerprint.ts';
import { isPointer } from './option.ts';
import { type FoundOptions, hintOptions, readOptions } from './options.ts';
import { type DialogMarks, type DialogRule, SHELL_PROMPT } from './profile.ts';
import { findQuestion, isFrame } from './question.ts';
import { isRule } from './screen.ts';

export interface FoundDialog {
  dialog: SeenDialog;
  rule: string;
  /** First row of the dialog: what is above it is transcript. */
  top: number;
  /** Its last row: below it stands at most the task list. */
  bottom: number;
  /** It says which keys answer. */
  hasHint: boolean;
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
  const outline = outlineOf(lines, marks);
  return isDialog(outline, marks) ? readDialog(outline, marks, hasPendingTool) : null;
};

/** Where the parts of what may be a dialog stand. */
interface Outline {
  lines: readonly string[];
  /** Without the frame that a dialog may have. */
  inner: readonly string[];
  /** The line that says which keys answer. */
  hint: { top: number; bottom: number } | null;
  found: FoundOptions | null;
  /** Between the options and the end nothing stands that is not known to stand there. */
  isListed: boolean;
  /** The row of the first option, or else of the hint. */
  first: number;
  /** The row below the upper edge; null where that is out of sight. */
  edge: number | null;
  bottom: number;
}

const outlineOf = (lines: readonly string[], marks: DialogMarks): Outline => {
  const inner = lines.map((line) => unframed(line, marks));
  const hint = findHint(inner, marks);
  const bottom = hint?.bottom ?? findBottom(lines, inner, marks);
  const end = hint?.top ?? bottom + 1;
  const listed = readOptions(inner, end, hint !== null, marks);
  const found = listed ?? (hint ? null : readUnhinted(lines, inner, bottom, marks));
  const first = found?.first ?? end;
  const edge = findEdge(lines, inner, first, marks);
  return { lines, inner, hint, found, isListed: listed !== null, first, edge, bottom };
};

/**
 * Without a list of options the dialog's top must be there; without the line of keys the options
 * must be indented or in a box, as a prompt that someone typed as a list is not. Where only unknown
 * words stand below them, both are needed.
 */
const isDialog = (outline: Outline, marks: DialogMarks): boolean => {
  const { lines, hint, found, isListed, edge, bottom } = outline;
  const hasEdge = edge !== null;
  const isText = aboveOptions(outline, marks).some((line) => marks.foreign?.test(line));
  if (isText && !(hasEdge && hint)) return false;
  if (hint)
    return found !== null || hasEdge || (marks.foreign !== undefined && isInset(lines, bottom));
  if (!found) return false;
  const isIndented = INDENTED.test(lines[found.first] as string);
  return isListed ? isIndented || hasEdge : isIndented && hasEdge;
};

const readDialog = (
  outline: Outline,
  marks: DialogMarks,
  hasPendingTool: (top: number) => boolean,
): FoundDialog | null => {
  const { inner, hint, found, first, edge, bottom } = outline;
  const options = found?.options ?? hintOptions(inner.slice(first, bottom + 1).join(' '));
  const end = contentStart(outline, marks) ?? first;
  const asked = findQuestion(inner, edge ?? 0, end, marks);
  // Without an edge in sight the dialog begins with what it asks, or is cut off at the top.
  const top = edge ?? (marks.foreign ? 0 : asked.row);
  const parts = { question: asked.text, opening: openingOf(outline, marks), options };
  const rule = marks.rules.find((each) => isMatch(each, parts, () => hasPendingTool(top)));
  if (!rule || (!found && !options.some(({ key }) => key === 'Escape'))) return null;
  const own = (rule.attention === 'question' && found?.own) || [];
  const isAsked = (row: number) => row >= (edge ?? 0) && row <= bottom && !own.includes(row);
  const id = identify(
    rule,
    inner.filter((_, row) => isAsked(row)),
    marks,
  );
  const dialog = { id, attention: rule.attention, question: asked.text, options };
  return { dialog, rule: rule.name, top, bottom, hasHint: hint !== null };
};

const topOf = ({ edge, first }: Outline, { foreign }: DialogMarks): number =>
  edge ?? (foreign ? 0 : Math.max(0, first - MAX_OPENING));

const aboveOptions = (outline: Outline, marks: DialogMarks): readonly string[] =>
  outline.inner.slice(topOf(outline, marks), outline.first);

/** What the dialog says of itself, before it shows what it asks about. */
const openingOf = (outline: Outline, marks: DialogMarks): readonly string[] => {
  const top = topOf(outline, marks);
  const own = outline.inner.slice(top, contentStart(outline, marks) ?? outline.first);
  const frames = own.flatMap((line, row) => (isFrame(line) ? [row] : []));
  // Of a dialog that is cut off in the middle of what it shows, nothing of its own is above that.
  if (outline.edge === null && frames.length % 2 === 1) return [];
  return own.slice(0, frames[0]);
};

/** The row from which on stands what it asks about, where no frame is around that: below a question. */
const contentStart = (outline: Outline, { content, rules }: DialogMarks): number | null => {
  if (!content) return null;
  const { inner, edge, first } = outline;
  const isAsking = (line: string) =>
    rules.some(({ question, opening }) => question?.test(line.trim()) || opening?.test(line));
  const from = edge ?? Math.max(0, first - MAX_CONTENT);
  const asked = inner.findIndex((line, row) => row >= from && row < first && isAsking(line));
  const start = inner.findIndex((line, row) => row > asked && content.test(line));
  return asked >= 0 && start >= 0 && start < first ? start : null;
};

const unframed = (line: string, { border }: DialogMarks): string => {
  if (!border || line === '') return line;
  const inner = border.right.includes(line.at(-1) as string) ? line.slice(0, -1).trimEnd() : line;
  return inner.replace(border.left, '');
};

/** The last row that is not drawn below dialogs. A box ends its dialog, though a footer follows. */
const findBottom = (
  lines: readonly string[],
  inner: readonly string[],
  { border, below }: DialogMarks,
): number => {
  const last = inner.findLastIndex((line) => !below.test(line));
  const closing = border ? lines.findLastIndex((line) => BOX_BOTTOM.test(line)) : -1;
  const isFooter =
    closing >= 0 &&
    last > closing &&
    last - closing <= MAX_FOOTER &&
    !lines.slice(closing + 1).some((line) => SHELL_PROMPT.test(line));
  return isFooter ? inner.findLastIndex((line, row) => row < closing && line !== '') : last;
};

const BOX_BOTTOM = /^ {0,2}╰─{8,}╯$/u;
const MAX_FOOTER = 6;

/** Options that end the screen, or have below them a few words that are not known to tell keys. */
const readUnhinted = (
  lines: readonly string[],
  inner: readonly string[],
  bottom: number,
  marks: DialogMarks,
) => {
  for (let top = bottom + 1; top > 0 && bottom - top < MAX_UNHINTED; top -= 1) {
    const isEnd = top === bottom + 1 || inner[top] === '';
    const options = isEnd ? readOptions(inner, top, true, marks) : null;
    if (options) return options;
    if (!INDENTED.test(lines[top - 1] || ' ')) return null;
  }
  return null;
};

const MAX_UNHINTED = 6;
const INDENTED = /^[\s│]/u;

/** A dialog may be taller than the pane: then nothing but its own indented lines are to be seen. */
const isInset = (lines: readonly string[], bottom: number): boolean => {
  const written = lines.slice(0, bottom + 1).filter((line) => line !== '');
  const isInside = (line: string) => line.startsWith(' ') && !line.startsWith(QUOTED);
  return (
    written.length >= MIN_INSET &&
    written.every((line) => line.startsWith(' ')) &&
    isInside(written.at(-1) ?? '')
  );
};

const MIN_INSET = 4;
/** How far above its options a dialog without an edge may begin. */
const MAX_OPENING = 12;
const MAX_CONTENT = 30;
/** What is quoted in a tool's output stands this far in. */
const QUOTED = '     ';

/** The line that says which keys answer, down to its last wrapped row. */
const findHint = (lines: readonly string[], { hint, below }: DialogMarks) => {
  const last = lines.findLastIndex((line) => hint.test(line));
  if (last < 0) return null;
  let bottom = last;
  let isBelow = false;
  for (let row = last + 1; row < lines.length; row += 1) {
    const line = lines[row] as string;
    if (line === '') continue;
    if (below.test(line)) isBelow = true;
    else if (!isBelow && row === bottom + 1 && row <= last + MAX_WRAPPED && isWrapped(lines, row))
      bottom = row;
    else if (!isBelow || !line.startsWith('   ')) return null;
  }
  let top = last;
  while (top > 0 && last - top < MAX_WRAPPED && hint.test(lines[top - 1] as string)) top -= 1;
  return { top, bottom };
};

const MAX_WRAPPED = 2;

/** The row goes on with what did not fit on the one above. Nothing shows the pane's width but the longest line. */
const isWrapped = (lines: readonly string[], row: number): boolean => {
  const line = lines[row] as string;
  const above = lines[row - 1] as string;
  if (SHELL_PROMPT.test(line) || indentOf(line) < indentOf(above)) return false;
  const [word = ''] = line.trim().split(' ', 1);
  const width = Math.max(...lines.map(({ length }) => length));
  return above.length + 1 + word.length > width - FRAME;
};

const indentOf = (line: string): number => line.search(/\S/);
/** What a box takes of the width. */
const FRAME = 8;

/** The row below the dialog's upper edge; null where that is out of sight. */
const findEdge = (
  lines: readonly string[],
  inner: readonly string[],
  first: number,
  { border }: DialogMarks,
): number | null => {
  const isBoxed = border?.left.test(lines[first] ?? '');
  for (let row = first - 1; row >= 0; row -= 1) {
    if (!isBoxed && isRule(inner[row] as string)) return row + 1;
    if (isBoxed && !border?.left.test(lines[row] as string)) return row + 1;
  }
  return null;
};

interface DialogParts {
  question: string;
  opening: readonly string[];
  options: readonly DialogOption[];
}

const isMatch = (
  rule: DialogRule,
  { question, opening, options }: DialogParts,
  hasPendingTool: () => boolean,
): boolean =>
  (!rule.opening || opening.some((line) => rule.opening?.test(line))) &&
  (!rule.question || rule.question.test(question)) &&
  (!rule.option || options.some(({ label }) => rule.option?.test(label))) &&
  (!rule.pending || hasPendingTool());

/**
 * The same text and options, the same id, wherever the cursor stands, whatever is ticked or typed,
 * and however it is wrapped.
 */
const identify = (
  { attention }: DialogRule,
  lines: readonly string[],
  marks: DialogMarks,
): string => {
  const told = lines.filter((line) => !marks.below.test(line) && !isRule(line) && !isFrame(line));
  const volatile = (attention === 'question' && marks.answered?.volatile) || [];
  const rows = told.map((line) =>
    volatile.reduce<string>(
      (text, each) => text.replace(each, ''),
      withoutPointer(line.trimStart(), marks),
    ),
  );
  return identityOf([attention, ...rows.map((row) => row.trim())]);
};

const withoutPointer = (line: string, marks: DialogMarks): string =>
  isPointer(line[0], marks) ? line.slice(1) : line;
