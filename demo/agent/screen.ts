/** The terminal's output side: frames go out one after the other, in pieces where the script says so. */

import type { WriteStream } from 'node:tty';
import { drawFrame } from './frame.ts';
import { createPainter } from './painter.ts';
import type { AgentState } from './state.ts';

export interface Screen {
  /** Puts the terminal into the modes the agent needs. */
  enter(): void;
  /** Draws what changed; does nothing while the last frame is still going out. */
  draw(state: AgentState): void;
  /** The frames that changed something, counted from 1, and when the last one's first byte went out. */
  last(): { number: number; at: number };
  /** A frame is still going out, piece by piece. */
  busy(): boolean;
  /** Leaves the terminal as it was found. Calling it twice is harmless. */
  leave(farewell?: string): void;
}

/** `free` is called when a frame that went out in pieces is complete. */
export const createScreen = (
  stdout: WriteStream,
  probe: boolean,
  clock: () => number,
  free: () => void,
): Screen => {
  const painter = createPainter();
  let number = 0;
  let at = 0;
  let writing = false;
  let left = false;

  const writePieces = ([piece, ...rest]: Buffer[], gapMs: number): void => {
    if (piece !== undefined) stdout.write(piece);
    if (rest.length === 0) {
      writing = false;
      return;
    }
    writing = true;
    setTimeout(() => {
      writePieces(rest, gapMs);
      if (!writing) free();
    }, gapMs);
  };

  stdout.on('resize', () => painter.forget());
  return {
    enter: () => {
      stdout.write(`${PREPARE}${probe ? PROBE : ''}`);
    },
    draw: (state) => {
      if (writing || left) return;
      const { frames } = state.script;
      const size = { columns: stdout.columns || 80, rows: stdout.rows || 24 };
      const frame = drawFrame(state, size.columns, size.rows, number + 1);
      const bytes = Buffer.from(painter.paint(frame, size, frames.whole));
      at = clock();
      if (bytes.length === 0) return;
      number += 1;
      writePieces(cutInPieces(bytes, frames.pieces), frames.pieceGapMs);
    },
    last: () => ({ number, at }),
    busy: () => writing,
    leave: (farewell = '') => {
      if (left) return;
      left = true;
      stdout.write(`${painter.leave()}${RESTORE}${farewell}`);
    },
  };
};

const cutInPieces = (bytes: Buffer, pieces: number): Buffer[] => {
  const length = Math.ceil(bytes.length / pieces);
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * length, (i + 1) * length));
};

/** Bracketed paste, colour scheme reports and focus events on; the cursor is drawn, not shown. */
const PREPARE = '\x1b[?2004h\x1b[?2031h\x1b[?1004h\x1b[?25l';
const RESTORE = '\x1b[?25h\x1b[?1004l\x1b[?2031l\x1b[?2004l';
const PROBE = '\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\';
