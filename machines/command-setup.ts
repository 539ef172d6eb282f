/** What a delivery notes, and how it can end: the parts that its states are put together from. */

import { assign, setup } from 'xstate';
import { fieldOf } from './command-answer.ts';
import {
  type CommandContext,
  type CommandEvent,
  type CommandInput,
  endedByGone,
  failed,
  refusedFor,
  sent,
  touched,
  unknown,
} from './command-context.ts';
import { commandGuards } from './command-guards.ts';
import { standing } from './command-screen.ts';
import type { CommandEvidence } from './vocabulary.ts';

export const proved = (evidence: CommandEvidence) =>
  ({ target: 'ended', actions: { type: 'succeed', params: { evidence } } }) as const;
export const refused = (error: string) =>
  ({ target: 'ended', actions: { type: 'refuse', params: { error } } }) as const;
export const NOT_SUBMITTED = { target: 'ended', actions: 'notSubmitted' } as const;
export const NOT_SEEN = { target: 'ended', actions: 'notSeen' } as const;
export const DIALOG_RACE = { target: 'ended', actions: 'dialogRace' } as const;
export const PUT_BACK = { target: 'ended', actions: 'putBack' } as const;
export const LOST = { 'keys.unknown': { target: 'ended', actions: 'typingUnknown' } } as const;
export const HOOKED = { 'prompt.submitted': proved('hook') } as const;
export const GONE = { 'pane.gone': { target: 'ended', actions: 'targetGone' } } as const;

export const commandSetup = setup({
  types: {
    context: {} as CommandContext,
    events: {} as CommandEvent,
    input: {} as CommandInput,
  },
  guards: commandGuards,
  actions: {
    startClock: assign(({ event }) => ({ since: event.at })),
    noteTyped: assign(({ context }) => ({ progress: touched(context) })),
    countAttempt: assign(({ context }) => ({
      attempts: context.attempts + 1,
      progress: touched(context),
    })),
    countMove: assign(({ context }) => ({
      moves: context.moves + 1,
      progress: touched(context),
    })),
    keepSight: assign(({ event }) => ('sight' in event ? { last: event.sight } : {})),
    noteStanding: assign(({ event }) =>
      'sight' in event
        ? {
            last: event.sight,
            progress: { at: 'standing' as const, standing: standing(event.sight) },
          }
        : {},
    ),
    /** The next thing to be done has all its time, and all its tries. */
    noteStep: assign(({ context, event }) => ({
      begunAt: event.at,
      moves: 0,
      last: 'sight' in event ? event.sight : context.last,
    })),
    noteField: assign(({ context }) => ({
      field: fieldOf(context),
      progress: touched(context),
    })),
    noteEcho: assign({ progress: { at: 'echoed' as const } }),
    succeed: assign(({ context }, { evidence }: { evidence: CommandEvidence }) => ({
      outcome: sent(context, evidence),
    })),
    putBack: assign({ outcome: null }),
    targetGone: assign(({ context }) => ({ outcome: endedByGone(context) })),
    typingUnknown: assign(({ context }) => ({
      outcome: unknown(context, 'none', 'typing_unknown'),
    })),
    notSubmitted: assign(({ context }) => ({
      outcome: failed(context, 'left-in-composer', 'not_submitted'),
    })),
    notSeen: assign(({ context }) => ({ outcome: unknown(context, 'none', 'not_proved') })),
    dialogRace: assign(({ context }) => ({
      outcome: unknown(context, 'dialog-race', 'dialog_opened'),
    })),
    refuse: assign(({ context }, { error }: { error: string }) => ({
      outcome: refusedFor(context, error),
    })),
  },
});
