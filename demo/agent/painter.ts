/** Frames → the bytes that turn what a terminal shows into them. */

import type { Frame } from './frame.ts';
import { textOf, toAnsi, widthOf } from './line.ts';

export interface Painter {
  /** Only what differs from the last frame, or every row where `whole`; empty where nothing does. */
  paint(frame: Frame, size: { columns: number; rows: number }, whole?: boolean): string;
  /** Forgets what is shown: the next frame is drawn from nothing, as after a resize. */
  forget(): void;
  /** Leaves the screen as it was before, the cursor below what was drawn on the main one. */
  leave(): string;
}

export const createPainter = (): Painter => {
  let shown: Shown | null = null;
  let title: string | null = null;

  const paint: Painter['paint'] = (frame, size, whole = false) => {
    const rows = frame.lines.map((line) =>
      // After a full row the cursor still stands on its last cell, which would be erased.
      widthOf(textOf(line)) < size.columns ? `${toAnsi(line)}${ESC}[K` : toAnsi(line),
    );
    const entering = frame.screen === 'alternate' && shown?.screen !== 'alternate';
    const before = entering ? null : shown;
    const body =
      frame.screen === 'alternate'
        ? alternateBody(before, rows, frame, whole)
        : mainBody(before, rows, frame, size.rows, whole);
    const renamed = frame.title !== null && frame.title !== title ? titled(frame.title) : '';
    title = frame.title ?? title;
    shown = { screen: frame.screen, rows, cursor: frame.cursor };
    return `${renamed}${entering ? ENTER_ALTERNATE : ''}${body}`;
  };

  return {
    paint,
    forget: () => {
      if (shown !== null) shown = { ...shown, rows: null };
    },
    leave: () => {
      const below = (shown?.rows?.length ?? 0) - 1 - (shown?.cursor.row ?? 0);
      const home = shown?.screen === 'alternate' ? LEAVE_ALTERNATE : down(below);
      return `${home}${titled('')}`;
    },
  };
};

interface Shown {
  screen: Frame['screen'];
  /** The rows as drawn, or null where the terminal may have changed them. */
  rows: string[] | null;
  cursor: Frame['cursor'];
}

const alternateBody = (
  before: Shown | null,
  rows: string[],
  { cursor }: Frame,
  whole: boolean,
): string => {
  const old = whole ? null : (before?.rows ?? null);
  const clear = before?.rows == null ? `${ESC}[2J` : '';
  const drawn = rows.map((row, i) => (old?.[i] === row ? '' : `${at(i, 0)}${row}`)).join('');
  const moved = before?.cursor.row !== cursor.row || before.cursor.column !== cursor.column;
  return drawn === '' && !moved ? '' : `${clear}${drawn}${at(cursor.row, cursor.column)}`;
};

/**
 * The main screen scrolls: rows that left it cannot be changed any more, so drawing begins at the
 * first row that differs and is still there, or at the top where too much is gone.
 */
const mainBody = (
  before: Shown | null,
  rows: string[],
  { cursor }: Frame,
  height: number,
  whole: boolean,
): string => {
  const place = `${up(rows.length - 1 - cursor.row)}\r${right(cursor.column)}`;
  if (before === null) return `${rows.join('\r\n')}${place}`;
  const old = before.rows;
  if (old === null) return `${ESC}[2J${ESC}[3J${ESC}[H${rows.join('\r\n')}${place}`;
  const top = Math.max(0, old.length - height);
  const changed = rows.findIndex((row, i) => row !== old[i]);
  const same = changed < 0 && rows.length === old.length;
  const moved = before.cursor.row !== cursor.row || before.cursor.column !== cursor.column;
  if (same && !whole && !moved) return '';
  const first = Math.max(
    top,
    whole ? top : changed < 0 ? Math.min(rows.length, old.length) : changed,
  );
  const visible = rows.length <= top ? rows.slice(-height) : rows.slice(first);
  const start = rows.length <= top ? top : first;
  const toStart = `${down(old.length - 1 - before.cursor.row)}${up(old.length - 1 - start)}\r`;
  const beyond = start >= old.length ? '\r\n' : '';
  return `${toStart}${beyond}${ESC}[J${visible.join('\r\n')}${place}`;
};

const ESC = '\x1b';
const ENTER_ALTERNATE = `${ESC}[?1049h${ESC}[2J${ESC}[H${ESC}[?1000h${ESC}[?1002h${ESC}[?1003h${ESC}[?1006h${ESC}[?7l`;
const LEAVE_ALTERNATE = `${ESC}[?7h${ESC}[?1006l${ESC}[?1003l${ESC}[?1002l${ESC}[?1000l${ESC}[?1049l`;

const titled = (title: string): string => `${ESC}]0;${title}\x07`;
const at = (row: number, column: number): string => `${ESC}[${row + 1};${column + 1}H`;
const up = (rows: number): string => (rows > 0 ? `${ESC}[${rows}A` : '');
const down = (rows: number): string => (rows > 0 ? `${ESC}[${rows}B` : '');
const right = (columns: number): string => (columns > 0 ? `${ESC}[${columns}C` : '');
