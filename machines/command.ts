/**
 * One delivery: what is typed for one command, what the screen must show before and after, and what
 * is known in the end. The machine only decides: `command-step.ts` reads off it what is to be done
 * now, and what came of that is the next event. Time comes with the events.
 */

import { and, assign, type SnapshotFrom, setup } from 'xstate';
import {
  answerStep,
  type CommandContext,
  type CommandEvent,
  type CommandInput,
  chooses,
  dialogIsOpen,
  echoed,
  endedByGone,
  failed,
  holdsText,
  isEmptied,
  isRunning,
  newDelivery,
  opensMenu,
  sent,
  standing,
  stands,
  unknown,
} from './command-context.ts';
import type { CommandEvidence } from './vocabulary.ts';

/** Agents swallow an Enter that follows the text faster than this. */
export const ENTER_AFTER_MS = 150;
/** How long the text, or its placeholder, may take to stand in the composer. */
const STAND_WITHIN_MS = 5_000;
/** A program that shows nothing of what it is sent gets its Enter after this. */
const ECHO_WITHIN_MS = 500;
/** After each Enter, how long it may take to have an effect before it is pressed again. */
const ENTER_PAUSES_MS = [500, 1_000, 2_000, 4_000];
const PROVE_WITHIN_MS = 8_000;
const AIM_WITHIN_MS = 5_000;
const MOVE_AGAIN_MS = 500;
const CLOSE_WITHIN_MS = 5_000;
const END_WITHIN_MS = 5_000;

const passed = (context: CommandContext, event: CommandEvent, ms: number): boolean =>
  event.at - context.since >= ms;

const canPressAgain = ({ attempts }: CommandContext): boolean => attempts < ENTER_PAUSES_MS.length;

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
  guards: {
    isForced: ({ context }) => context.order.when === 'force',
    isGeneric: ({ context }) => context.kind === 'generic',
    isLeft: ({ context: { order } }) => order.act.action === 'text' && !order.act.submit,
    isAnswer: ({ context }) => context.order.act.action === 'answer',
    isInterrupt: ({ context }) => context.order.act.action === 'interrupt',
    /** Nothing is running that could be interrupted. */
    isQuiet: ({ context: { first } }) =>
      first.verdict.activity === 'complete' && !dialogIsOpen(first),
    seesDialog: ({ event }) => 'sight' in event && dialogIsOpen(event.sight),
    wasEntered: ({ context }) => context.attempts > 0,
    wasSeen: ({ context }) => context.standing !== null,
    seesMenu: ({ context, event }) => 'sight' in event && opensMenu(context, event.sight),
    seesText: ({ context, event }) => 'sight' in event && stands(context, event.sight),
    seesTextLeft: ({ context, event }) => 'sight' in event && holdsText(context, event.sight),
    seesTextUnchanged: ({ context, event }) =>
      'sight' in event && standing(event.sight) === context.standing,
    seesEmptied: ({ context, event }) => 'sight' in event && isEmptied(context, event.sight),
    /** A half-drawn screen may lack the text for one look. */
    wasEmptied: ({ context }) => isEmptied(context, context.last),
    seesTurn: ({ context, event }) =>
      'sight' in event &&
      !isRunning(context.first) &&
      isRunning(event.sight) &&
      !stands(context, event.sight),
    seesEcho: ({ context, event }) => 'sight' in event && echoed(context, event.sight),
    mayEnter: ({ context, event }) => passed(context, event, ENTER_AFTER_MS),
    isUnechoed: ({ context, event }) => passed(context, event, ECHO_WITHIN_MS),
    standsTooLate: ({ context, event }) => passed(context, event, STAND_WITHIN_MS),
    mayEnterAgain: ({ context, event }) =>
      passed(context, event, ENTER_PAUSES_MS[context.attempts - 1] ?? 0) && canPressAgain(context),
    enteredInVain: ({ context, event }) =>
      passed(context, event, ENTER_PAUSES_MS[context.attempts - 1] ?? 0) && !canPressAgain(context),
    provesTooLate: ({ context, event }) => passed(context, event, PROVE_WITHIN_MS),
    isStale: ({ context }) => answerStep(context) === 'stale',
    hasNoChoice: ({ context }) => answerStep(context) === 'no-choice',
    isBeyondReach: ({ context }) => answerStep(context) === 'beyond-reach',
    hasKey: ({ context }) => answerStep(context) === 'key',
    isChosen: ({ context }) => answerStep(context) === 'enter',
    seesNoMove: ({ context, event }) =>
      'sight' in event &&
      chooses(context, event.sight) === 'other' &&
      context.moves > 0 &&
      !passed(context, event, MOVE_AGAIN_MS),
    aimsTooLong: ({ context, event }) => event.at - context.begunAt >= AIM_WITHIN_MS,
    seesClosed: ({ context, event }) =>
      'sight' in event &&
      chooses(context, event.sight) === 'gone' &&
      (event.sight.verdict.dialog !== null || event.sight.verdict.activity !== 'unknown'),
    seesNoDialog: ({ context, event }) =>
      'sight' in event && chooses(context, event.sight) === 'gone',
    closesTooLate: ({ context, event }) => passed(context, event, CLOSE_WITHIN_MS),
    seesEnd: ({ event }) =>
      'sight' in event &&
      !isRunning(event.sight) &&
      !dialogIsOpen(event.sight) &&
      event.sight.verdict.activity !== 'unknown',
    endsTooLate: ({ context, event }) => passed(context, event, END_WITHIN_MS),
  },
  actions: {
    startClock: assign(({ event }) => ({ since: event.at })),
    noteTyped: assign({ typed: true }),
    countAttempt: assign(({ context }) => ({ attempts: context.attempts + 1, typed: true })),
    countMove: assign(({ context }) => ({ moves: context.moves + 1, typed: true })),
    keepSight: assign(({ event }) => ('sight' in event ? { last: event.sight } : {})),
    noteStanding: assign(({ event }) =>
      'sight' in event ? { last: event.sight, standing: standing(event.sight) } : {},
    ),
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
      outcome: failed(context, 'not-typed', error),
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
            actions: 'noteStanding',
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
            guard: 'wasSeen',
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
        { guard: 'isStale', ...refused('dialog_stale') },
        { guard: 'hasNoChoice', ...refused('choice_unknown') },
        { guard: 'isBeyondReach', ...refused('not_answerable') },
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
    /** The cursor is on its way, or the dialog was drawn anew. */
    aiming: {
      on: {
        'screen.looked': [
          { guard: 'aimsTooLong', ...refused('not_answerable') },
          { guard: 'seesNoMove' },
          { target: 'answering', actions: 'keepSight' },
        ],
        'clock.ticked': { guard: 'aimsTooLong', ...refused('not_answerable') },
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
          { guard: 'seesClosed', ...proved('dialog-closed') },
          { guard: and(['closesTooLate', 'seesNoDialog']), ...proved('dialog-closed') },
          { guard: 'closesTooLate', ...NOT_SEEN },
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
