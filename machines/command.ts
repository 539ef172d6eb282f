/**
 * One delivery: what is typed for one command, what the screen must show before and after, and what
 * is known in the end. The machine only decides: `nextStep` tells what is to be done now, and what
 * came of it is the next event. Time comes with the events.
 */

import { and, assign, type SnapshotFrom, setup } from 'xstate';
import {
  answerKeys,
  answerStep,
  type CommandContext,
  type CommandEvent,
  type CommandInput,
  chooses,
  dialogIsOpen,
  echoed,
  endedByGone,
  enterGuard,
  failed,
  holdsText,
  isEmptied,
  isRunning,
  newDelivery,
  type Outcome,
  opensMenu,
  pasteGuard,
  sent,
  standing,
  stands,
  unknown,
} from './command-context.ts';
import type { CommandEvidence } from './vocabulary.ts';

/** Agents swallow an Enter that follows the text faster than this. */
const ENTER_AFTER_MS = 150;
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

const LOOK_EVERY_MS = 30;
/** Once it takes this long, there is no hurry. */
const HURRY_MS = 1_000;
const LOOK_SLOWLY_MS = 100;

/** What is to be done now; what comes of it is the machine's next event. */
export type Step =
  | { do: 'paste'; text: string; guard: Guard }
  | { do: 'press'; keys: readonly string[]; guard: Guard }
  | { do: 'look'; afterMs: number }
  | { do: 'wait'; ms: number }
  /** Null: nothing was typed, and the command may wait for its turn again. */
  | { do: 'end'; outcome: Outcome | null };

interface Guard {
  absent: readonly string[];
  present: readonly string[];
}

const passed = (context: CommandContext, event: CommandEvent, ms: number): boolean =>
  event.at - context.since >= ms;

const canPressAgain = ({ attempts }: CommandContext): boolean => attempts < ENTER_PAUSES_MS.length;

const LOST = { 'keys.unknown': { target: 'ended', actions: 'typingUnknown' } } as const;
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
        {
          guard: and(['isInterrupt', 'isQuiet']),
          target: 'ended',
          actions: { type: 'refuse', params: { error: 'nothing_running' } },
        },
        { guard: 'isInterrupt', target: 'interrupting' },
        { guard: 'isAnswer', target: 'answering' },
        { target: 'pasting' },
      ],
    },

    pasting: {
      on: {
        'keys.typed': [
          {
            guard: and(['isForced', 'isLeft']),
            target: 'ended',
            actions: { type: 'succeed', params: { evidence: 'pasted' } },
          },
          { guard: 'isForced', target: 'pausing', actions: ['startClock', 'noteTyped'] },
          { guard: 'isGeneric', target: 'echoing', actions: ['startClock', 'noteTyped'] },
          { target: 'settling', actions: ['startClock', 'noteTyped'] },
        ],
        'keys.blocked': { target: 'ended', actions: 'putBack' },
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
            target: 'ended',
            actions: 'notSubmitted',
          },
          { guard: 'seesDialog', target: 'ended', actions: 'dialogRace' },
          {
            guard: and(['seesText', 'isLeft']),
            target: 'ended',
            actions: { type: 'succeed', params: { evidence: 'pasted' } },
          },
          { guard: and(['standsTooLate', 'wasSeen']), target: 'ended', actions: 'notSubmitted' },
          { guard: and(['seesText', 'mayEnter']), target: 'entering', actions: 'noteStanding' },
          { guard: 'seesText', actions: 'noteStanding' },
          { guard: 'standsTooLate', target: 'ended', actions: 'notSeen' },
          { actions: 'keepSight' },
        ],
        'clock.ticked': [
          { guard: and(['standsTooLate', 'wasSeen']), target: 'ended', actions: 'notSubmitted' },
          { guard: 'standsTooLate', target: 'ended', actions: 'notSeen' },
        ],
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
          {
            guard: 'seesMenu',
            target: 'ended',
            actions: { type: 'succeed', params: { evidence: 'composer-emptied' } },
          },
          { guard: 'seesDialog', target: 'ended', actions: 'dialogRace' },
          {
            guard: 'seesTurn',
            target: 'ended',
            actions: { type: 'succeed', params: { evidence: 'turn-started' } },
          },
          {
            guard: and(['seesEmptied', 'wasEmptied']),
            target: 'ended',
            actions: { type: 'succeed', params: { evidence: 'composer-emptied' } },
          },
          {
            guard: and(['seesTextLeft', 'enteredInVain']),
            target: 'ended',
            actions: 'notSubmitted',
          },
          {
            guard: and(['seesTextLeft', 'provesTooLate']),
            target: 'ended',
            actions: 'notSubmitted',
          },
          { guard: 'provesTooLate', target: 'ended', actions: 'notSeen' },
          {
            guard: and(['seesTextUnchanged', 'mayEnterAgain']),
            target: 'entering',
            actions: 'keepSight',
          },
          { actions: 'keepSight' },
        ],
        'clock.ticked': { guard: 'provesTooLate', target: 'ended', actions: 'notSeen' },
        ...GONE,
      },
    },

    /** A plain shell, or a program nobody knows: what it shows of the text is all there is. */
    echoing: {
      on: {
        'screen.looked': [
          {
            guard: and(['seesEcho', 'isLeft']),
            target: 'ended',
            actions: { type: 'succeed', params: { evidence: 'pasted' } },
          },
          { guard: and(['isUnechoed', 'isLeft']), target: 'ended', actions: 'notSeen' },
          {
            guard: and(['seesEcho', 'mayEnter']),
            target: 'enteringBlindly',
            actions: 'noteStanding',
          },
          { guard: 'isUnechoed', target: 'enteringBlindly' },
        ],
        'clock.ticked': [
          { guard: and(['isUnechoed', 'isLeft']), target: 'ended', actions: 'notSeen' },
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
        'keys.blocked': { target: 'ended', actions: 'notSubmitted' },
        ...LOST,
        ...GONE,
      },
    },
    seekingEcho: {
      on: {
        'screen.looked': [
          {
            guard: 'seesEcho',
            target: 'ended',
            actions: { type: 'succeed', params: { evidence: 'echo' } },
          },
          { guard: 'isUnechoed', target: 'ended', actions: 'notSeen' },
        ],
        'clock.ticked': { guard: 'isUnechoed', target: 'ended', actions: 'notSeen' },
        ...GONE,
      },
    },

    /** Which key answers, as the dialog stands now. */
    answering: {
      always: [
        {
          guard: 'isStale',
          target: 'ended',
          actions: { type: 'refuse', params: { error: 'dialog_stale' } },
        },
        {
          guard: 'hasNoChoice',
          target: 'ended',
          actions: { type: 'refuse', params: { error: 'choice_unknown' } },
        },
        {
          guard: 'isBeyondReach',
          target: 'ended',
          actions: { type: 'refuse', params: { error: 'not_answerable' } },
        },
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
          {
            guard: 'aimsTooLong',
            target: 'ended',
            actions: { type: 'refuse', params: { error: 'not_answerable' } },
          },
          { guard: 'seesNoMove' },
          { target: 'answering', actions: 'keepSight' },
        ],
        'clock.ticked': {
          guard: 'aimsTooLong',
          target: 'ended',
          actions: { type: 'refuse', params: { error: 'not_answerable' } },
        },
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
          {
            guard: 'seesClosed',
            target: 'ended',
            actions: { type: 'succeed', params: { evidence: 'dialog-closed' } },
          },
          {
            guard: and(['closesTooLate', 'seesNoDialog']),
            target: 'ended',
            actions: { type: 'succeed', params: { evidence: 'dialog-closed' } },
          },
          { guard: 'closesTooLate', target: 'ended', actions: 'notSeen' },
        ],
        'clock.ticked': { guard: 'closesTooLate', target: 'ended', actions: 'notSeen' },
        // An answer may end the agent, and its pane with it.
        'pane.gone': {
          target: 'ended',
          actions: { type: 'succeed', params: { evidence: 'dialog-closed' } },
        },
      },
    },

    interrupting: {
      on: {
        'keys.typed': { target: 'ending', actions: ['startClock', 'countAttempt'] },
        'keys.blocked': { target: 'ended', actions: 'putBack' },
        ...LOST,
        ...GONE,
      },
    },
    ending: {
      on: {
        'screen.looked': [
          {
            guard: 'seesEnd',
            target: 'ended',
            actions: { type: 'succeed', params: { evidence: 'turn-ended' } },
          },
          { guard: 'endsTooLate', target: 'ended', actions: 'notSeen' },
        ],
        'clock.ticked': { guard: 'endsTooLate', target: 'ended', actions: 'notSeen' },
        'pane.gone': {
          target: 'ended',
          actions: { type: 'succeed', params: { evidence: 'turn-ended' } },
        },
      },
    },

    ended: { type: 'final' },
  },
});

export type CommandSnapshot = SnapshotFrom<typeof commandMachine>;

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
      };
  }
};

const ESCAPE = ['Escape'];
const ESCAPE_TWICE = ['Escape', 'Escape'];
