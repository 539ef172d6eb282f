/** Leads one agent through the main states, and has each of its screens judged. */

import type { AgentKind } from '../machines/vocabulary.ts';
import { kindOf } from '../src/analysis/kinds.ts';
import type { Judged } from './judging.ts';
import type { Capture } from './pane.ts';
import type { Stage, StageOptions } from './stage.ts';
import { createStage, NotReached } from './stage.ts';
import type { Step } from './steps.ts';
import { draft, interruption, open, overload, question, refusal, task } from './steps.ts';

/** A step that did not come to its end: what lies behind it is neither right nor wrong. */
interface Missed {
  step: string;
  why: string;
  capture: Capture;
}

export interface Walked {
  judged: Judged[];
  missed: Missed[];
  /** The kind that the pane's processes were taken for; null where for none. */
  takenFor: AgentKind | null;
}

/** Each of its waits is bounded; the signal ends it sooner, by throwing its reason. */
export const walk = async (options: StageOptions): Promise<Walked> => {
  const stage = createStage(options);
  const missed: Missed[] = [];
  const isReached = async (name: string, step: Step): Promise<boolean> => {
    try {
      await step(stage);
      return true;
    } catch (error) {
      if (!(error instanceof NotReached)) throw error;
      missed.push({ step: name, why: error.message, capture: await stage.pane.capture() });
      return false;
    }
  };

  const isOpen = await isReached('open', open);
  const takenFor = await kindIn(stage);
  if (!isOpen || !(await isReached('task', task))) {
    return { judged: stage.judged, missed, takenFor };
  }
  await isReached('draft', draft);
  const later = { ...(stage.cli.asks ? { question } : {}), interruption, refusal, overload };
  for (const [name, step] of Object.entries(later)) {
    await stage.pane.press('C-u'); // Some put an interrupted prompt back into their composer.
    if (!(await isReached(name, step))) await calmDown(stage);
  }
  return { judged: stage.judged, missed, takenFor };
};

/** Back to the prompt, from wherever the step was left. */
const calmDown = async ({ pane, cli, untilQuiet }: Stage): Promise<void> => {
  await pane.press(...cli.interrupt);
  await untilQuiet();
};

const kindIn = async ({ pane }: Stage): Promise<AgentKind | null> => {
  const processes = await pane.processes();
  const { command, title } = await pane.capture();
  return kindOf({ processes, command, title })?.kind ?? null;
};
