/**
 * One delivery: what is typed for one command, what the screen must show before and after, and what
 * is known in the end. The machine only decides: `command-step.ts` reads off it what is to be done
 * now, and what came of that is the next event. Time comes with the events.
 */

import { and, type SnapshotFrom } from 'xstate';
import { newDelivery } from './command-context.ts';
import {
  commandSetup,
  DIALOG_RACE,
  GONE,
  HOOKED,
  LOST,
  NOT_SEEN,
  NOT_SUBMITTED,
  PUT_BACK,
  proved,
  refused,
} from './command-setup.ts';

/** Keys for the dialog: typed once, or the dialog is looked at again. */
const pressing = <const Target extends string, const Note extends string>(
  target: Target,
  note: Note,
) =>
  ({
    on: {
      'keys.typed': { target, actions: ['startClock', note] },
      'keys.blocked': 'aiming',
      ...LOST,
      ...GONE,
    },
  }) as const;
/** What was pressed may yet do something: it is not pressed twice. */
const awaiting = <const Guard extends string>(guard: Guard) =>
  ({
    on: {
      'screen.looked': [
        { guard, target: 'answering', actions: 'noteStep' },
        { guard: 'standsTooLate', ...NOT_SEEN },
      ],
      'clock.ticked': { guard: 'standsTooLate', ...NOT_SEEN },
      ...GONE,
    },
  }) as const;

export const commandMachine = commandSetup.createMachine({
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
    moving: pressing('aiming', 'countMove'),
    /** The cursor is on its way, or the dialog is being drawn. */
    aiming: {
      on: {
        'screen.looked': [
          { guard: 'aimsTooLong', ...refused('not_answerable') },
          { guard: 'seesNothing' },
          { guard: 'seesNew' },
          { guard: 'seesOther', target: 'doubting' },
          { guard: 'seesNoMove' },
          { target: 'answering', actions: 'keepSight' },
        ],
        'clock.ticked': { guard: 'aimsTooLong', ...refused('not_answerable') },
        ...GONE,
      },
    },
    /** A half-drawn screen may show another dialog, or half of the text, for one look. */
    doubting: {
      on: {
        'screen.looked': [
          { guard: 'aimsTooLong', ...refused('not_answerable') },
          { guard: 'seesNothing' },
          { guard: 'seesOther', target: 'answering', actions: 'keepSight' },
          { target: 'aiming' },
        ],
        'clock.ticked': { guard: 'aimsTooLong', ...refused('not_answerable') },
        ...GONE,
      },
    },
    /** The cursor stands on an option that is to be ticked, or no longer to be. */
    ticking: pressing('awaitingTick', 'countAttempt'),
    awaitingTick: awaiting('seesTicked'),
    /** The cursor stands on the option that takes the text. */
    filling: pressing('awaitingText', 'noteField'),
    awaitingText: awaiting('seesFilled'),
    choosing: pressing('closing', 'countAttempt'),
    /** The cursor stands on the option that is meant. */
    confirming: pressing('closing', 'countAttempt'),
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
