/** How the dialog that is to be answered stands, and which keys answer it. */

import type { CommandContext, Reading } from './command-context.ts';
import { showsWhole } from './command-screen.ts';
import {
  type CommandAct,
  type DialogOption,
  fingerprintOf,
  type SeenDialog,
} from './vocabulary.ts';

/**
 * Where the cursor stands in the dialog that is to be answered, or that it is no longer open;
 * `unclear`: the look tells nothing of any dialog, nor that there is none.
 */
export const chooses = (
  context: CommandContext,
  reading: Reading,
): 'unclear' | 'gone' | 'chosen' | 'other' => {
  const { dialog, activity } = reading.verdict;
  if (dialog === null && activity === 'unknown') return 'unclear';
  if (dialog === null || !isAsked(context, dialog)) return 'gone';
  return aimOf(context, dialog)?.option.preselected ? 'chosen' : 'other';
};

/** Whatever is to be seen, it is not that dialog. */
export const lacksDialog = (context: CommandContext, reading: Reading): boolean => {
  const chosen = chooses(context, reading);
  return chosen === 'gone' || chosen === 'unclear';
};

/** How the dialog on the last look is answered, or why it cannot be. */
export const answerStep = (
  context: CommandContext,
):
  | 'unclear'
  | 'stale'
  | 'no-choice'
  | 'beyond-reach'
  | 'tick'
  | 'fill'
  | 'key'
  | 'enter'
  | 'move' => {
  const { last, moves, attempts } = context;
  const chosen = chooses(context, last);
  if (chosen === 'unclear') return 'unclear';
  if (chosen === 'gone') return 'stale';
  const { dialog } = last.verdict;
  const aim = dialog && aimOf(context, dialog);
  if (!aim) return 'no-choice';
  const { option, by } = aim;
  if (isAltered(context, last)) return 'beyond-reach';
  if (by === 'choice' && needsText(context, option)) return 'beyond-reach';
  if (by === 'choice' && keyOf(context, option) !== null) return 'key';
  if (by === 'tick' && attempts >= dialog.options.length + MAX_TRIES) return 'beyond-reach';
  if (option.preselected) return by === 'choice' ? 'enter' : by;
  const hasCursor = dialog.options.some(({ preselected }) => preselected);
  const most = MAX_TRIES + (isStepwise(dialog) ? dialog.options.length : 0);
  return hasCursor && moves < most ? 'move' : 'beyond-reach';
};

/** Tries beyond those that a way, or all ticks, take: somebody else is at it. */
const MAX_TRIES = 3;

/** The keys that come next: the option's own, Enter where the cursor stands on it, or arrows. */
export const answerKeys = (context: CommandContext): string[] => {
  const { dialog } = context.last.verdict;
  const aim = dialog && aimOf(context, dialog);
  if (!aim) return [];
  const { option, by } = aim;
  const key = by === 'choice' ? keyOf(context, option) : null;
  if (key !== null) return [key];
  if (option.preselected) return ['Enter'];
  const from = dialog.options.findIndex(({ preselected }) => preselected);
  const to = dialog.options.findIndex(({ id }) => id === nextStop(dialog, option));
  return Array.from({ length: Math.abs(to - from) }, () => (to > from ? 'Down' : 'Up'));
};

/** The cursor has come to where the last arrows were to bring it. */
export const isMoved = (context: CommandContext, reading: Reading): boolean => {
  const before = context.last.verdict.dialog;
  const aim = before && aimOf(context, before);
  if (!aim || reading.verdict.dialog === null) return true;
  const stop = nextStop(before, aim.option);
  return reading.verdict.dialog.options.find(({ id }) => id === stop)?.preselected ?? true;
};

/** Where the next arrows bring the cursor: to the option, or one row nearer to it. */
const nextStop = (dialog: SeenDialog, option: DialogOption): string => {
  if (!isStepwise(dialog)) return option.id;
  const from = dialog.options.findIndex(({ preselected }) => preselected);
  const step = Math.sign(dialog.options.indexOf(option) - from);
  return dialog.options[from + step]?.id ?? option.id;
};

/** Nothing was pressed yet, and the dialog was not looked at again: it may be too new to take a key. */
export const isNew = ({ progress, first, last }: CommandContext): boolean =>
  progress.at === 'untouched' && last === first && isQuestion(last);

/** What takes ticks or texts. Claude Code 2.1.330 loses keys that come as soon as it is drawn. */
export const isQuestion = ({ verdict: { dialog } }: Reading): boolean =>
  dialog !== null && isStepwise(dialog);

/** Of arrows that come together, Claude Code 2.1.197 loses those that pass a row for texts. */
const isStepwise = ({ options }: SeenDialog): boolean =>
  options.some(
    ({ ticked, takesText, inTerminal }) => ticked !== undefined || takesText || inTerminal,
  );

/** The option that the text of an answer is to be typed into. */
export const fieldOf = ({ order: { act }, last }: CommandContext): string | null => {
  const { dialog } = last.verdict;
  if (act.action !== 'answer' || act.text === undefined || dialog === null) return null;
  return dialog.options.find((each) => each.takesText && isWanted(act, each))?.id ?? null;
};

/** The option that was to be ticked, or no longer to be, is as it was to be. */
export const isTicked = (context: CommandContext, reading: Reading): boolean => {
  const { dialog } = reading.verdict;
  const before = context.last.verdict.dialog;
  const aim = before && aimOf(context, before);
  if (aim?.by !== 'tick' || dialog === null || !isAsked(context, dialog)) return false;
  const now = dialog.options.find(({ id }) => id === aim.option.id);
  return now?.ticked === !aim.option.ticked;
};

/** The text stands in its field, whole, and has ticked itself. */
export const isFilled = (context: CommandContext, reading: Reading): boolean => {
  const { dialog } = reading.verdict;
  if (dialog === null || !isAsked(context, dialog)) return false;
  const option = filledField(context, dialog);
  return option !== null && option.ticked !== false;
};

/** Somebody goes on with the text that was typed: it is no longer what was to be said. */
export const isAltered = (context: CommandContext, { verdict: { dialog } }: Reading): boolean =>
  context.field !== null &&
  dialog !== null &&
  isAsked(context, dialog) &&
  filledField(context, dialog) === null;

/** The field, where the text stands in it. What does not fit into one row is read as a description. */
const filledField = (
  { field, order: { act } }: CommandContext,
  { options }: SeenDialog,
): DialogOption | null => {
  const option = options.find(({ id }) => id === field);
  if (option === undefined || act.action !== 'answer') return null;
  const shown = `${option.label}${option.description ?? ''}`;
  return showsWhole(shown, act.text ?? '') ? option : null;
};

const isAsked = ({ order: { act } }: CommandContext, { id }: SeenDialog): boolean =>
  act.action === 'answer' && id === fingerprintOf(act.dialog);

interface Aim {
  option: DialogOption;
  by: 'tick' | 'fill' | 'choice';
}

/** What is to be done next: the ticks, then the text, and the choice when all else is as wanted. */
const aimOf = (context: CommandContext, { options }: SeenDialog): Aim | null => {
  const { field, order } = context;
  const { act } = order;
  if (act.action !== 'answer') return null;
  const { ticks, text } = act;
  const isThere = (id: string) => options.some((option) => option.id === id);
  if (ticks?.some((id) => !isThere(id))) return null;
  const toFill = text !== undefined && field === null;
  const blank = options.find((option) => toFill && option.takesText && isWanted(act, option));
  const wrong = options.find(
    (option) =>
      option !== blank &&
      option.ticked !== undefined &&
      ticks !== undefined &&
      option.ticked !== ticks.includes(option.id),
  );
  if (wrong) return { option: wrong, by: 'tick' };
  if (toFill) return blank ? { option: blank, by: 'fill' } : null;
  const choice = options.find(({ id }) => id === act.choice);
  return choice ? { option: choice, by: 'choice' } : null;
};

const isWanted = (act: CommandAct & { action: 'answer' }, { id }: DialogOption): boolean =>
  act.ticks === undefined ? id === act.choice : act.ticks.includes(id);

/** Chosen without a text, it would only wait for one. */
const needsText = ({ field }: CommandContext, { id, takesText, inTerminal }: DialogOption) =>
  (takesText || inTerminal) && field !== id;

/**
 * The key that chooses an option at once, where one does. `10` would be the key `1` and then another;
 * and where a text may be typed, so are keys.
 */
const keyOf = ({ field, last }: CommandContext, { key }: DialogOption): string | null => {
  if (key === null || NAMED_KEYS.has(key)) return key;
  const isTyped = last.verdict.dialog?.options.some(
    ({ preselected, ticked, takesText, inTerminal }) =>
      ticked !== undefined || (preselected && (takesText || inTerminal)),
  );
  return [...key].length > 1 || isTyped || field !== null ? null : key;
};

const NAMED_KEYS = new Set(['Enter', 'Escape', 'Tab', 'BTab', 'Space']);
