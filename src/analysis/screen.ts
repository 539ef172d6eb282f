/** A captured screen as lines that rules can be matched against. */

import type { JudgeRequest } from '../../actors/ports.ts';
import { readAnsi } from './ansi.ts';

/** Longer lines are cut: rules look at structure, which stands at the beginning of a line. */
const MAX_COLUMNS = 1000;
const MAX_LINES = 1000;

export interface Screen {
  /** Without trailing blanks; no-break spaces are spaces, zero-width characters are gone. */
  lines: string[];
  /** Lines whose text, from the third column on, is drawn faint; null where colours are not known. */
  faint: boolean[] | null;
  title: string;
  /** The pane's foreground program. */
  command: string;
  /** The last line that is not blank, or ''. */
  last: string;
}

type Capture = Pick<JudgeRequest, 'text' | 'title' | 'command'>;

/** Reads a capture, with or without colours. Linear in its size. */
export const readScreen = ({ text, title, command }: Capture): Screen => {
  const coloured = text.includes('\x1b') ? readAnsi(text) : null;
  const raw = coloured ? coloured.lines : text.split('\n');
  const start = Math.max(0, raw.length - MAX_LINES);
  const lines = raw.slice(start).map(plain);
  while (lines.at(-1) === '') lines.pop();
  return {
    lines,
    faint: coloured ? coloured.faint.slice(start) : null,
    title: plain(title).trim(),
    command,
    last: lines.at(-1) ?? '',
  };
};

/**
 * A line drawn from edge to edge to divide the screen: `────`, `▔▔▔▔`, with at most a short label
 * in it. The dashed `╌╌╌╌` around file contents does not count.
 */
export const isRule = (line: string): boolean => {
  const first = line[0];
  if (first !== '─' && first !== '▔' && first !== '━') return false;
  if (line.length < MIN_RULE || line.at(-1) !== first) return false;
  let drawn = 0;
  for (const char of line) if (char === first) drawn += 1;
  return drawn === line.length || (drawn * 2 > line.length && hasSpacedLabel(line, first));
};

const MIN_RULE = 8;

/** `──── label ───`: a torn redraw leaves text in a rule without the spaces around it. */
const hasSpacedLabel = (line: string, mark: string): boolean => {
  let from = 0;
  while (line[from] === mark) from += 1;
  let to = line.length;
  while (line[to - 1] === mark) to -= 1;
  const label = line.slice(from, to);
  return label.startsWith(' ') && label.endsWith(' ') && !label.includes(mark);
};

const plain = (line: string): string => {
  const cut = line.length > MAX_COLUMNS ? line.slice(0, MAX_COLUMNS) : line;
  return cut.replace(ODD_SPACES, ' ').replace(ZERO_WIDTH, '').trimEnd();
};

const ODD_SPACES = /[\u00a0\u2007\u202f\r\t]/g;
// Alternatives, not a class: a class of joiners and selectors would read as one joined character.
const ZERO_WIDTH = /\u200b|\u200c|\u200d|\ufe0e|\ufe0f/g;
