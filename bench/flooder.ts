/** Writes on one pane's terminal what hurts, and afterwards an agent's screen. */

import { constants, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { HOSTILE, type HostileName } from '../test/support/hostile-output.ts';
import { paint, writeAll } from '../test/support/painted-agent.ts';
import { givenOptions, now, serve } from './program.ts';

export interface FlooderOptions {
  tty: string;
}

export interface FlooderCalls {
  /** Answers how many bytes the terminal took. */
  flood(options: { kind: HostileName; seconds: number }): Promise<number>;
  /** A screen in the middle of that turn, on a terminal in its senses. Answers when it was written. */
  paint(turn: number): number;
  /** The same, at the prompt after it. */
  rest(turn: number): number;
}

const { tty } = givenOptions<FlooderOptions>();
const terminal = openSync(tty, constants.O_WRONLY | constants.O_NOCTTY);

const show = (turn: number, busy: boolean): number => {
  paint(terminal, { turn, busy });
  return now();
};

serve<FlooderCalls>({
  flood: async ({ kind, seconds }) => {
    const { pieces, gapMs } = HOSTILE[kind];
    const until = now() + seconds * 1000;
    let bytes = 0;
    for (const piece of pieces()) {
      writeAll(terminal, piece);
      bytes += piece.length;
      if (now() >= until) break;
      if (gapMs > 0) await delay(gapMs);
    }
    return bytes;
  },
  paint: (turn) => show(turn, true),
  rest: (turn) => show(turn, false),
});
