/** What is drawn of what an agent printed: text and colours, and nothing that a terminal would obey. Pure. */

import type { Screen } from './messages.ts';

const CSI = '\x1b[';

/** The row without all but text and colours (SGR). The monitor has taken the rest out already: this is the second lock. */
export const onlyColours = (row: string): string =>
  row.replace(OBEYED, (_, sgr: string | undefined) => sgr ?? '');

/** Escape sequences, whole or broken off, controls, and what reorders or hides text; an SGR one as a group. */
const OBEYED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what this is for
  /(\x1b\[[\d;:]{0,200}m)|\x1b(?:\[[^@-~]*[@-~]?|[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)?|[\s\S])?|[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** What a terminal of the screen's size is told so that it shows the screen, and nothing else. */
export const drawScreen = ({ rows, cursor }: Pick<Screen, 'rows' | 'cursor'>): string =>
  `${CSI}0m${CSI}2J${NO_WRAP}${drawChanges({ rows: { ...rows }, cursor })}`;

/** A row that is wider than the grid is cut off, so that it never pushes the others up. */
const NO_WRAP = `${CSI}?7l`;

/** What it is told where only these rows changed, by their number from the top. */
export const drawChanges = (changes: {
  rows: Record<number, string>;
  cursor: Screen['cursor'];
}): string => {
  const { x, y, visible } = changes.cursor;
  const rows = Object.entries(changes.rows).map(
    ([index, row]) => `${CSI}${Number(index) + 1};1H${CSI}0m${CSI}2K${onlyColours(row)}`,
  );
  return `${rows.join('')}${CSI}0m${CSI}${y + 1};${x + 1}H${CSI}?25${visible ? 'h' : 'l'}`;
};

/** How many characters of it are seen: its width, where none is a wide one. */
export const widthOf = (row: string): number => onlyColours(row).replace(SGR, '').length;

// biome-ignore lint/suspicious/noControlCharactersInRegex: it reads escape sequences
const SGR = /\x1b\[[\d;:]*m/g;
