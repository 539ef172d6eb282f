/**
 * Paints on the terminals of all panes, in place of as many agents: one process needs little CPU,
 * and knows to the microsecond when which byte was written.
 */

import { constants, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { frameOf, type Scene } from './frames.ts';
import { givenOptions, now, serve } from './program.ts';

export interface LoadOptions {
  panes: { session: string; tty: string }[];
  /** How a frame is written: null for one write, as most agents do. */
  pieces: { bytes: number; gapMs: number } | null;
}

/** Each phase lasts for a random time from the first to the second number of ms. */
export interface Pace {
  busyMs: readonly [number, number];
  promptMs: readonly [number, number];
}

/** A turn began: its first byte was written at `at`, on the clock of `now`. */
export interface Begun {
  session: string;
  turn: number;
  at: number;
}

export interface LoadCalls {
  /** From now on turns begin and end, in each session on its own. */
  turns(pace: Pace): void;
  /** From now on every session is in a turn, and stays in it. */
  hold(): void;
  /** The turns that began since the last call. */
  take(): Begun[];
}

const FRAME_MS = 100;

const { panes, pieces } = givenOptions<LoadOptions>();
let begun: Begun[] = [];

const startAgent = ({ session, tty }: LoadOptions['panes'][number]) => {
  const terminal = openSync(tty, constants.O_WRONLY | constants.O_NOCTTY);
  const scene: Scene = { turn: 0, busy: false, frame: 0 };
  let shown: Scene | null = null;
  let told = 0;
  let painting: 'no' | 'yes' | 'again' = 'no';
  let timer: NodeJS.Timeout | undefined;

  const paint = async (): Promise<void> => {
    if (painting !== 'no') {
      painting = 'again';
      return;
    }
    do {
      painting = 'yes';
      scene.frame += 1;
      const frame = frameOf(scene, shown);
      shown = { ...scene };
      if (scene.turn > told) begun.push({ session, turn: ++told, at: now() });
      if (pieces === null) writeSync(terminal, frame);
      else await writePieces(terminal, frame, pieces);
    } while (isAgain());
    painting = 'no';
  };
  const isAgain = (): boolean => painting === 'again';

  const flip = (): void => {
    scene.busy = !scene.busy;
    if (scene.busy) scene.turn += 1;
    void paint();
  };

  const plan = (pace: Pace): void => {
    clearTimeout(timer);
    const flipAndPlan = (): void => {
      flip();
      plan(pace);
    };
    timer = setTimeout(flipAndPlan, between(scene.busy ? pace.busyMs : pace.promptMs));
  };

  setTimeout(() => setInterval(paint, FRAME_MS), between([0, FRAME_MS]));
  return {
    plan,
    hold: (): void => {
      clearTimeout(timer);
      if (!scene.busy) flip();
    },
  };
};

const writePieces = async (
  terminal: number,
  frame: Buffer,
  { bytes, gapMs }: NonNullable<LoadOptions['pieces']>,
): Promise<void> => {
  for (let from = 0; from < frame.length; from += bytes) {
    if (from > 0) await delay(gapMs);
    writeSync(terminal, frame.subarray(from, from + bytes));
  }
};

const between = ([from, to]: readonly [number, number]): number =>
  from + Math.random() * (to - from);

const agents = panes.map(startAgent);

serve<LoadCalls>({
  turns: (pace: Pace) => {
    for (const agent of agents) agent.plan(pace);
  },
  hold: () => {
    for (const agent of agents) agent.hold();
  },
  take: () => {
    const taken = begun;
    begun = [];
    return taken;
  },
});
