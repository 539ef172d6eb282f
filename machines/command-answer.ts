/** How the dialog that is to be answered stands, and which keys answer it. */

import type { CommandContext, Reading } from './command-context.ts';
import type { DialogOption } from './vocabulary.ts';

/**
 * Where the cursor stands in the dialog that is to be answered, or that it is no longer open;
 * `unclear`: the look tells nothing of any dialog, nor that there is none.
 */
export const chooses = (
  context: CommandContext,
  reading: Reading,
): 'unclear' | 'gone' | 'chosen' | 'other' => {
  const { act } = context.order;
  const { dialog, activity } = reading.verdict;
  if (dialog === null && activity === 'unknown') return 'unclear';
  if (act.action !== 'answer' || dialog?.id !== act.dialog) return 'gone';
  return optionOf(context, reading)?.preselected ? 'chosen' : 'other';
};

/** Whatever is to be seen, it is not that dialog. */
export const lacksDialog = (context: CommandContext, reading: Reading): boolean => {
  const chosen = chooses(context, reading);
  return chosen === 'gone' || chosen === 'unclear';
};

/** How the dialog on the last look is answered, or why it cannot be. */
export const answerStep = (
  context: CommandContext,
): 'unclear' | 'stale' | 'no-choice' | 'beyond-reach' | 'key' | 'enter' | 'move' => {
  const { last, moves } = context;
  const chosen = chooses(context, last);
  if (chosen === 'unclear') return 'unclear';
  if (chosen === 'gone') return 'stale';
  const option = optionOf(context, last);
  if (!option) return 'no-choice';
  if (isOneKey(option.key)) return 'key';
  if (option.preselected) return 'enter';
  const hasCursor = last.verdict.dialog?.options.some(({ preselected }) => preselected);
  return hasCursor && moves < MAX_MOVES ? 'move' : 'beyond-reach';
};

const MAX_MOVES = 3;

/** The keys that come next: the option's own, Enter where the cursor stands on it, or arrows. */
export const answerKeys = (context: CommandContext): string[] => {
  const { last } = context;
  const option = optionOf(context, last);
  if (!option) return [];
  if (isOneKey(option.key)) return [option.key];
  if (option.preselected) return ['Enter'];
  const options = last.verdict.dialog?.options ?? [];
  const by = options.indexOf(option) - options.findIndex(({ preselected }) => preselected);
  return Array.from({ length: Math.abs(by) }, () => (by > 0 ? 'Down' : 'Up'));
};

const optionOf = (
  { order: { act } }: CommandContext,
  reading: Reading,
): DialogOption | undefined =>
  act.action === 'answer'
    ? reading.verdict.dialog?.options.find(({ id }) => id === act.choice)
    : undefined;

/** `10` would be the key `1` and then another. */
const isOneKey = (key: string | null): key is string =>
  key !== null && ([...key].length === 1 || NAMED_KEYS.has(key));

const NAMED_KEYS = new Set(['Enter', 'Escape', 'Tab', 'BTab', 'Space']);
