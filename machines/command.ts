/**
 * One delivery: what is typed for one command, what the screen must show before and after, and what
 * is known in the end. The machine only decides: `command-step.ts` reads off it what is to be done
 * now, and what came of that is the next event. Time comes with the events.
 */

import { and, assign, type SnapshotFrom, setup } from 'xstate';
import { fieldOf } from './command-answer.ts';
import {
  type CommandContext,
  type CommandEvent,
  type CommandInput,
  endedByGone,
  failed,
  newDelivery,
  refusedFor,
  sent,
  touched,
  unknown,
} from './command-context.ts';
import { commandGuards } from './command-guards.ts';
import { standing } from './command-screen.ts';
import type { CommandEvidence } from './vocabulary.ts';

const proved = (evidence: CommandEvidence) =>
  ({ target: 'ended', actions: { type: 'succeed', params: { evidence } } }) as const;
const refused = (error: string) =>
  ({ target: 'ended', actions: { type: 'refuse', params: { error } } }) as const;
const NOT_SUBMITTED = { target: 'ended', actions: 'notSubmitted' } as const;
const NOT_SEEN = { target: 'ended', actions: 'notSeen' } as const;
const DIALOG_RACE = { target: 'ended', actions: 'dialogRace' } as const;
const PUT_BACK = { target: 'ended', actions: 'putBack' } as const;
const LOST = { 'keys.unknown': { target: 'ended', actions: 'typingUnknown' } } as const;
const HOOKED = { 'prompt.submitted': proved('hook') } as const;
const GONE = { 'pane.gone': { target: 'ended', actions: 'targetGone' } } as const;

export const commandMachine = setup({
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
}).createMachine({
  id: 'command',
  context: ({ input }) => newDelivery(input),
  initial: 'deciding',
  states: {
    deciding: {
      always: [
        { guard: and(['isInterrupt', 'isQuiet']), ...refused('nothing_running') },
        { guard: 'isInterrupt', target: 'interrupting' },
        { guard: 'isAnswer', target: 'answering' },
        { target: 'pasting' },
      ],
    },

    pasting: {
      on: {
        'keys.typed': [
          { guard: and(['isForced', 'isLeft']), ...proved('pasted') },
          { guard: 'isForced', target: 'pausing', actions: ['startClock', 'noteTyped'] },
          { guard: 'isGeneric', target: 'echoing', actions: ['startClock', 'noteTyped'] },
          { target: 'settling', actions: ['startClock', 'noteTyped'] },
        ],
        'keys.blocked': PUT_BACK,
        ...LOST,
        ...GONE,
      },
    },
    /** The text is on its way into the composer. */
    settling: {
      on: {
        'screen.looked': [
          {
            // It was seen in the composer, and Enter was not pressed.
            guard: and(['seesDialog', 'wasSeen']),
            ...NOT_SUBMITTED,
          },
          { guard: 'seesDialog', ...DIALOG_RACE },
          { guard: and(['seesText', 'isLeft']), ...proved('pasted') },
          { guard: and(['standsTooLate', 'wasSeen']), ...NOT_SUBMITTED },
          { guard: and(['seesText', 'mayEnter']), target: 'entering', actions: 'noteStanding' },
          { guard: 'seesText', actions: 'noteStanding' },
          { guard: 'standsTooLate', ...NOT_SEEN },
          { actions: 'keepSight' },
        ],
        'clock.ticked': [
          { guard: and(['standsTooLate', 'wasSeen']), ...NOT_SUBMITTED },
          { guard: 'standsTooLate', ...NOT_SEEN },
        ],
        ...HOOKED,
        ...GONE,
      },
    },
    entering: {
      on: {
        'keys.typed': { target: 'proving', actions: ['startClock', 'countAttempt'] },
        'keys.blocked': [{ guard: 'wasEntered', target: 'proving' }, { target: 'settling' }],
        ...LOST,
        ...GONE,
      },
    },
    /** Enter was pressed: was the text submitted? */
    proving: {
      on: {
        'screen.looked': [
          { guard: 'seesMenu', ...proved('composer-emptied') },
          { guard: 'seesDialog', ...DIALOG_RACE },
          { guard: 'seesTurn', ...proved('turn-started') },
          { guard: and(['seesEmptied', 'wasEmptied']), ...proved('composer-emptied') },
          { guard: and(['seesTextLeft', 'enteredInVain']), ...NOT_SUBMITTED },
          { guard: and(['seesTextLeft', 'provesTooLate']), ...NOT_SUBMITTED },
          { guard: 'provesTooLate', ...NOT_SEEN },
          {
            guard: and(['seesTextUnchanged', 'mayEnterAgain']),
            target: 'entering',
            actions: 'keepSight',
          },
          { actions: 'keepSight' },
        ],
        'clock.ticked': { guard: 'provesTooLate', ...NOT_SEEN },
        ...HOOKED,
        ...GONE,
      },
    },

    /** A plain shell, or a program nobody knows: what it shows of the text is all there is. */
    echoing: {
      on: {
        'screen.looked': [
          { guard: and(['seesEcho', 'isLeft']), ...proved('pasted') },
          { guard: and(['isUnechoed', 'isLeft']), ...NOT_SEEN },
          {
            guard: and(['seesEcho', 'mayEnter']),
            target: 'enteringBlindly',
            actions: 'noteEcho',
          },
          { guard: 'isUnechoed', target: 'enteringBlindly' },
        ],
        'clock.ticked': [
          { guard: and(['isUnechoed', 'isLeft']), ...NOT_SEEN },
          { guard: 'isUnechoed', target: 'enteringBlindly' },
        ],
        ...GONE,
      },
    },
    pausing: {
      on: { 'clock.ticked': { guard: 'mayEnter', target: 'enteringBlindly' }, ...GONE },
    },
    enteringBlindly: {
      on: {
        'keys.typed': [
          {
            guard: 'isForced',
            target: 'ended',
            actions: ['countAttempt', { type: 'succeed', params: { evidence: 'forced' } }],
          },
          {
            guard: 'wasEchoed',
            target: 'ended',
            actions: ['countAttempt', { type: 'succeed', params: { evidence: 'echo' } }],
          },
          { target: 'seekingEcho', actions: ['startClock', 'countAttempt'] },
        ],
        'keys.blocked': NOT_SUBMITTED,
        ...LOST,
        ...GONE,
      },
    },
    seekingEcho: {
      on: {
        'screen.looked': [
          { guard: 'seesEcho', ...proved('echo') },
          { guard: 'isUnechoed', ...NOT_SEEN },
        ],
        'clock.ticked': { guard: 'isUnechoed', ...NOT_SEEN },
        ...GONE,
      },
    },

    /** Which key answers, as the dialog stands now. */
    answering: {
      always: [
        { guard: 'isUnclear', target: 'aiming' },
        { guard: 'isNew', target: 'aiming' },
        { guard: 'isStale', ...refused('dialog_stale') },
        { guard: 'hasNoChoice', ...refused('choice_unknown') },
        { guard: 'isBeyondReach', ...refused('not_answerable') },
        { guard: 'isToTick', target: 'ticking' },
        { guard: 'isToFill', target: 'filling' },
        { guard: 'hasKey', target: 'choosing' },
        { guard: 'isChosen', target: 'confirming' },
        { target: 'moving' },
      ],
    },
    moving: {
      on: {
        'keys.typed': { target: 'aiming', actions: ['startClock', 'countMove'] },
        'keys.blocked': 'aiming',
        ...LOST,
        ...GONE,
      },
    },
    /** The cursor is on its way, or the dialog is being drawn. */
    aiming: {
      on: {
        'screen.looked': [
          { guard: 'aimsTooLong', ...refused('not_answerable') },
          { guard: 'seesNothing' },
          { guard: 'seesNew' },
          { guard: 'seesNoMove' },
          { target: 'answering', actions: 'keepSight' },
        ],
        'clock.ticked': { guard: 'aimsTooLong', ...refused('not_answerable') },
        ...GONE,
      },
    },
    /** The cursor stands on an option that is to be ticked, or no longer to be. */
    ticking: {
      on: {
        'keys.typed': { target: 'awaitingTick', actions: ['startClock', 'countAttempt'] },
        'keys.blocked': 'aiming',
        ...LOST,
        ...GONE,
      },
    },
    /** The key may yet do something: it is not pressed twice. */
    awaitingTick: {
      on: {
        'screen.looked': [
          { guard: 'seesTicked', target: 'answering', actions: 'noteStep' },
          { guard: 'standsTooLate', ...NOT_SEEN },
        ],
        'clock.ticked': { guard: 'standsTooLate', ...NOT_SEEN },
        ...GONE,
      },
    },
    /** The cursor stands on the option that takes the text. */
    filling: {
      on: {
        'keys.typed': { target: 'awaitingText', actions: ['startClock', 'noteField'] },
        'keys.blocked': 'aiming',
        ...LOST,
        ...GONE,
      },
    },
    awaitingText: {
      on: {
        'screen.looked': [
          { guard: and(['seesFilled', 'mayEnter']), target: 'answering', actions: 'noteStep' },
          { guard: 'standsTooLate', ...NOT_SEEN },
        ],
        'clock.ticked': { guard: 'standsTooLate', ...NOT_SEEN },
        ...GONE,
      },
    },
    choosing: {
      on: {
        'keys.typed': { target: 'closing', actions: ['startClock', 'countAttempt'] },
        'keys.blocked': 'aiming',
        ...LOST,
        ...GONE,
      },
    },
    /** The cursor stands on the option that is meant. */
    confirming: {
      on: {
        'keys.typed': { target: 'closing', actions: ['startClock', 'countAttempt'] },
        'keys.blocked': 'aiming',
        ...LOST,
        ...GONE,
      },
    },
    closing: {
      on: {
        'screen.looked': [
          { guard: and(['seesClosed', 'wasClosed']), ...proved('dialog-closed') },
          {
            guard: and(['closesTooLate', 'seesNoDialog', 'hadNoDialog']),
            ...proved('dialog-closed'),
          },
          { guard: 'closesTooLate', ...NOT_SEEN },
          { actions: 'keepSight' },
        ],
        'clock.ticked': { guard: 'closesTooLate', ...NOT_SEEN },
        // An answer may end the agent, and its pane with it.
        'pane.gone': {
          ...proved('dialog-closed'),
        },
      },
    },

    interrupting: {
      on: {
        'keys.typed': { target: 'ending', actions: ['startClock', 'countAttempt'] },
        'keys.blocked': PUT_BACK,
        ...LOST,
        ...GONE,
      },
    },
    ending: {
      on: {
        'screen.looked': [
          { guard: 'seesEnd', ...proved('turn-ended') },
          { guard: 'endsTooLate', ...NOT_SEEN },
        ],
        'clock.ticked': { guard: 'endsTooLate', ...NOT_SEEN },
        'pane.gone': {
          ...proved('turn-ended'),
        },
      },
    },

    ended: { type: 'final' },
  },
});

export type CommandSnapshot = SnapshotFrom<typeof commandMachine>;
