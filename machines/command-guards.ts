/** What the delivery's next state hangs on. */

import {
  answerStep,
  chooses,
  isAltered,
  isFilled,
  isMoved,
  isNew,
  isQuestion,
  isTicked,
  lacksDialog,
} from './command-answer.ts';
import type { CommandContext, CommandEvent, Reading } from './command-context.ts';
import {
  dialogIsOpen,
  echoed,
  holdsRest,
  holdsText,
  isAtRest,
  isEmptied,
  isRunning,
  opensMenu,
  standing,
  stands,
} from './command-screen.ts';

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
const TAKES_KEYS_AFTER_MS = 500;
const CLOSE_WITHIN_MS = 5_000;
const END_WITHIN_MS = 5_000;

interface Given {
  context: CommandContext;
  event: CommandEvent;
}
type Guard = (given: Given) => boolean;

const sees =
  (holds: (reading: Reading, context: CommandContext) => boolean): Guard =>
  ({ context, event }) =>
    'sight' in event && holds(event.sight, context);

const passed =
  (ms: number): Guard =>
  ({ context, event }) =>
    event.at - context.since >= ms;

const enterHadTime: Guard = (given) =>
  passed(ENTER_PAUSES_MS[given.context.attempts - 1] ?? 0)(given);

const canPressAgain = ({ attempts }: CommandContext): boolean => attempts < ENTER_PAUSES_MS.length;

const answers =
  (step: ReturnType<typeof answerStep>): Guard =>
  ({ context }) =>
    answerStep(context) === step;

export const commandGuards = {
  isForced: ({ context }) => context.order.when === 'force',
  isGeneric: ({ context }) => context.kind === 'generic',
  isLeft: ({ context: { order } }) => order.act.action === 'text' && !order.act.submit,
  isAnswer: ({ context }) => context.order.act.action === 'answer',
  isInterrupt: ({ context }) => context.order.act.action === 'interrupt',
  /** It is known that nothing is running that could be interrupted. */
  isQuiet: ({ context }) => isAtRest(context.first),

  seesDialog: sees(dialogIsOpen),
  wasEntered: ({ context }) => context.attempts > 0,
  wasSeen: ({ context }) => context.progress.at === 'standing',
  wasEchoed: ({ context }) => context.progress.at === 'echoed',
  seesMenu: sees((reading, context) => opensMenu(context, reading)),
  seesText: sees((reading, context) => stands(context, reading)),
  seesTextLeft: sees((reading, context) => holdsText(context, reading)),
  seesTextUnchanged: sees(
    (reading, { progress }) =>
      progress.at === 'standing' && standing(reading) === progress.standing,
  ),
  seesEmptied: sees((reading, context) => isEmptied(context, reading)),
  /** A half-drawn screen may lack the text for one look. */
  wasEmptied: ({ context }) => isEmptied(context, context.last),
  seesTurn: sees(
    (reading, context) =>
      !isRunning(context.first) && isRunning(reading) && !holdsRest(context, reading),
  ),
  seesEcho: sees((reading, context) => echoed(context, reading)),
  mayEnter: passed(ENTER_AFTER_MS),
  isUnechoed: passed(ECHO_WITHIN_MS),
  standsTooLate: passed(STAND_WITHIN_MS),
  mayEnterAgain: (given) => enterHadTime(given) && canPressAgain(given.context),
  enteredInVain: (given) => enterHadTime(given) && !canPressAgain(given.context),
  provesTooLate: passed(PROVE_WITHIN_MS),

  isUnclear: answers('unclear'),
  isNew: ({ context }) => isNew(context),
  seesNew: (given) =>
    given.context.progress.at === 'untouched' &&
    sees(isQuestion)(given) &&
    !passed(TAKES_KEYS_AFTER_MS)(given),
  isStale: answers('stale'),
  hasNoChoice: answers('no-choice'),
  isBeyondReach: answers('beyond-reach'),
  isToTick: answers('tick'),
  isToFill: answers('fill'),
  hasKey: answers('key'),
  isChosen: answers('enter'),
  seesOther: sees(
    (reading, context) => chooses(context, reading) === 'gone' || isAltered(context, reading),
  ),
  seesNothing: sees((reading, context) => chooses(context, reading) === 'unclear'),
  seesNoMove: (given) =>
    given.context.moves > 0 &&
    !passed(MOVE_AGAIN_MS)(given) &&
    seesItElsewhere(given) &&
    !seesMoved(given),
  aimsTooLong: ({ context, event }) => event.at - context.begunAt >= AIM_WITHIN_MS,
  seesTicked: sees((reading, context) => isTicked(context, reading)),
  seesFilled: (given) => seesWhole(given) && passed(ENTER_AFTER_MS)(given),
  seesClosed: sees((reading, context) => chooses(context, reading) === 'gone'),
  /** A half-drawn screen may lack the dialog for one look. */
  wasClosed: ({ context }) => chooses(context, context.last) === 'gone',
  seesNoDialog: sees((reading, context) => lacksDialog(context, reading)),
  hadNoDialog: ({ context }) => lacksDialog(context, context.last),
  closesTooLate: passed(CLOSE_WITHIN_MS),
  seesEnd: sees(isAtRest),
  endsTooLate: passed(END_WITHIN_MS),
} satisfies Record<string, Guard>;

const seesWhole = sees((reading, context) => isFilled(context, reading));
const seesMoved = sees((reading, context) => isMoved(context, reading));
const seesItElsewhere = sees((reading, context) => chooses(context, reading) === 'other');
