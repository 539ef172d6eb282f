/** What a delivery wants done next, read off its snapshot. */

import type { CommandSnapshot } from './command.ts';
import { answerKeys } from './command-answer.ts';
import type { Order, Outcome } from './command-context.ts';
import { ENTER_AFTER_MS } from './command-guards.ts';
import { answerGuard, enterGuard, pasteGuard, UNGUARDED } from './typing-guard.ts';
import type { TypingGuard } from './vocabulary.ts';

const LOOK_EVERY_MS = 30;
/** Once it takes this long, there is no hurry. */
const HURRY_MS = 1_000;
const LOOK_SLOWLY_MS = 100;

/** What is to be done now; what comes of it is the machine's next event. */
export type Step =
  | { do: 'paste'; text: string; guard: TypingGuard }
  | { do: 'press'; keys: readonly string[]; guard: TypingGuard }
  /** `awaitsPrompt`: that the agent itself says to have been given the text is as good as a look. */
  | { do: 'look'; afterMs: number; awaitsPrompt: boolean }
  | { do: 'wait'; ms: number }
  /** Null: nothing was typed, and the command may wait for its turn again. */
  | { do: 'end'; outcome: Outcome | null };

/** What is to be done now. `now` is on the clock of the events. */
export const nextStep = ({ value, context }: CommandSnapshot, now: number): Step => {
  const { order, last } = context;
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
    case 'filling':
      return { do: 'paste', text: textOf(order), guard: answerGuard(last) };
    case 'ticking':
    case 'choosing':
    case 'moving':
    case 'confirming':
      return { do: 'press', keys: answerKeys(context), guard: answerGuard(last) };
    case 'interrupting':
      return { do: 'press', keys: last.interruptKeys, guard: UNGUARDED };
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

const textOf = ({ act }: Order): string => (act.action === 'answer' ? (act.text ?? '') : '');
