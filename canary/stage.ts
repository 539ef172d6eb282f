/** One agent in its pane, and what the walk's steps are made of. */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cli, Place } from './cli.ts';
import type { Judged, Want } from './judging.ts';
import { judge } from './judging.ts';
import type { ModelServer, Question, Turn } from './model/server.ts';
import type { Wish } from './model/tool-call.ts';
import { callFor } from './model/tool-call.ts';
import type { Capture, Pane } from './pane.ts';

/** How long the walk waits, in milliseconds. */
export interface Pace {
  /** Each state is looked at so often, so far apart: spinners turn. */
  looks: number;
  lookMs: number;
  /** For what the agent does by itself. */
  answerMs: number;
  /** For what it must not do without being allowed. */
  askedMs: number;
  /** A screen that stands still for so long is at rest: agents draw nothing while they wait. */
  quietMs: number;
}

export const USUAL_PACE: Pace = {
  looks: 4,
  lookMs: 350,
  answerMs: 30_000,
  askedMs: 3000,
  quietMs: 1200,
};

export interface StageOptions {
  cli: Cli;
  pane: Pane;
  model: ModelServer;
  place: Place;
  pace: Pace;
  signal: AbortSignal;
}

export interface Stage {
  cli: Cli;
  pane: Pane;
  /** Paths in the agent's project. */
  path(file: string): string;
  pause(ms: number): Promise<void>;
  /** Looks at the screen some times and keeps the first look that is not as wanted, else the last. */
  look(state: string, want: Want): Promise<void>;
  /** Whether the screen is judged as wanted now; it is not kept. */
  shows(want: Want): Promise<boolean>;
  /** Submits a prompt and answers its turn with what the agent first asks its model. */
  prompt(text: string): Promise<{ turn: Turn; first: Question }>;
  /** Has the model call the tool that the agent offers for it. */
  call(question: Question, wish: Wish): void;
  /** What the agent asks next, by itself. */
  next(turn: Turn): Promise<Question>;
  /** What the agent asks next, or null where it asks nothing more. */
  nextIfAny(turn: Turn): Promise<Question | null>;
  /** Waits until it is clear that the agent waits for a person's consent. */
  untilAsked(turn: Turn): Promise<void>;
  /** Waits until the screen stands still, and answers what is on it. */
  untilQuiet(): Promise<Capture>;
  /** Moves a dialog's cursor to the option and chooses it. */
  choose(option: RegExp): Promise<void>;
  judged: Judged[];
}

/** The agent does not do what a state needs. */
export class NotReached extends Error {}

export const createStage = (options: StageOptions): Stage => {
  const { cli, pane, model, place, pace, signal } = options;
  const judged: Judged[] = [];
  let prompts = 0;

  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal });
  const ask = async (turn: Turn, ms: number): Promise<Question | null> => {
    const question = await turn.next(ms);
    signal.throwIfAborted();
    return question;
  };

  return {
    cli,
    pane,
    judged,
    pause,
    path: (file) => join(place.project, file),
    look: async (state, want) => {
      for (let count = 1; count <= pace.looks; count += 1) {
        await pause(pace.lookMs);
        const seen = judge(cli.kind, state, want, await pane.capture());
        if (count < pace.looks && seen.faults.length === 0) continue;
        judged.push(seen);
        return;
      }
    },
    shows: async (want) => judge(cli.kind, '', want, await pane.capture()).faults.length === 0,
    prompt: async (text) => {
      prompts += 1;
      const marker = `canary-${prompts}`;
      const turn = model.turn(marker);
      await pane.submit(`${text} (${marker})`);
      for (let count = 0; count < MAX_ENTERS; count += 1) {
        const first = await ask(turn, pace.answerMs / MAX_ENTERS);
        if (first !== null) return { turn, first };
        await pane.press('Enter'); // A busy one took the first for a part of the text.
      }
      throw new NotReached('the prompt does not come to the model');
    },
    call: (question, wish) => {
      const made = callFor(wish, question.tools);
      if (made === null) question.say('There is no tool for that.');
      else question.call(made);
      question.end();
      const offered = question.tools.map(({ name }) => name).join(', ');
      if (made === null) throw new NotReached(`no tool to ${wish.want} among ${offered}`);
    },
    next: async (turn) => {
      const question = await ask(turn, pace.answerMs);
      if (question === null) throw new NotReached('nothing comes of the call');
      return question;
    },
    nextIfAny: (turn) => ask(turn, pace.askedMs),
    untilAsked: async (turn) => {
      const early = await ask(turn, pace.askedMs);
      if (early === null) return;
      early.say('Nobody was asked.');
      early.end();
      throw new NotReached('the agent does not ask');
    },
    untilQuiet: () => untilQuiet(pane, pace, pause),
    choose: async (option) => {
      for (let count = 0; count < MAX_MOVES; count += 1) {
        const lines = (await pane.capture()).text.split('\n');
        const wanted = lines.findLastIndex((line) => option.test(line));
        const at = lines.findLastIndex((line) => cli.cursor.test(line));
        if (wanted === -1 || at === -1) throw new NotReached(`no option ${option} to choose`);
        await pane.press(wanted === at ? 'Enter' : wanted > at ? 'Down' : 'Up');
        if (wanted === at) return;
        await pause(pace.lookMs);
      }
      throw new NotReached(`the cursor does not come to ${option}`);
    },
  };
};

const MAX_ENTERS = 3;
const MAX_MOVES = 6;

const untilQuiet = async (
  pane: Pane,
  { quietMs }: Pace,
  pause: Stage['pause'],
): Promise<Capture> => {
  const end = Date.now() + LONGEST_MS;
  let last = await pane.capture();
  for (let since = Date.now(); Date.now() < end; ) {
    await pause(QUIET_STEP_MS);
    const next = await pane.capture();
    const isStill = next.ansi === last.ansi && next.title === last.title;
    if (!isStill || next.text.trim() === '') since = Date.now();
    else if (Date.now() - since >= quietMs) return next;
    last = next;
  }
  return last;
};

/** Some try for a minute to reach their maker before they draw anything. */
const LONGEST_MS = 100_000;
const QUIET_STEP_MS = 200;
