/** What a delivery wants done next, read off its snapshot. */

import { type CommandSnapshot, ENTER_AFTER_MS } from './command.ts';
import { answerKeys, enterGuard, type Outcome, pasteGuard } from './command-context.ts';

const LOOK_EVERY_MS = 30;
/** Once it takes this long, there is no hurry. */
const HURRY_MS = 1_000;
const LOOK_SLOWLY_MS = 100;

/** What is to be done now; what comes of it is the machine's next event. */
export type Step =
  | { do: 'paste'; text: string; guard: Guard }
  | { do: 'press'; keys: readonly string[]; guard: Guard }
  /** `awaitsPrompt`: that the agent itself says to have been given the text is as good as a look. */
  | { do: 'look'; afterMs: number; awaitsPrompt: boolean }
  | { do: 'wait'; ms: number }
  /** Null: nothing was typed, and the command may wait for its turn again. */
  | { do: 'end'; outcome: Outcome | null };

interface Guard {
  absent: readonly string[];
  present: readonly string[];
}

const UNGUARDED: Guard = { absent: [], present: [] };

/** What is to be done now. `now` is on the clock of the events. */
export const nextStep = ({ value, context }: CommandSnapshot, now: number): Step => {
  const { order, kind, last } = context;
  const isForced = order.when === 'force';
  switch (value) {
    case 'pasting':
      return {
        do: 'paste',
        text: order.command,
        guard: isForced ? UNGUARDED : pasteGuard(last),
      };
    case 'entering':
      return { do: 'press', keys: ['Enter'], guard: enterGuard(last) };
    case 'enteringBlindly':
      return { do: 'press', keys: ['Enter'], guard: UNGUARDED };
    case 'choosing':
    case 'moving':
    case 'confirming':
      return {
        do: 'press',
        keys: answerKeys(context),
        guard: { absent: [], present: last.verdict.dialogRows },
      };
    case 'interrupting':
      return { do: 'press', keys: kind === 'copilot' ? ESCAPE_TWICE : ESCAPE, guard: UNGUARDED };
    case 'pausing':
      return { do: 'wait', ms: Math.max(0, context.since + ENTER_AFTER_MS - now) };
    case 'ended':
      return { do: 'end', outcome: context.outcome };
    default:
      return {
        do: 'look',
        afterMs: now - context.since < HURRY_MS ? LOOK_EVERY_MS : LOOK_SLOWLY_MS,
        awaitsPrompt: value === 'settling' || value === 'proving',
      };
  }
};

const ESCAPE = ['Escape'];
const ESCAPE_TWICE = ['Escape', 'Escape'];
