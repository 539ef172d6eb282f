/** One option of a dialog, as agents draw it. */

import type { DialogOption } from '../../machines/vocabulary.ts';
import type { DialogMarks } from './profile.ts';

/** The agent's own cursor, or one that no list in a text begins with. */
export const isPointer = (mark = '', { cursor }: DialogMarks): boolean =>
  mark !== '' && (cursor?.includes(mark) || POINTERS.includes(mark));

const POINTERS = '❯›>▶▸►→⏵➤➜▷»';

/** Keys as dialogs name them, and as tmux does. */
export const KEY_NAMES: ReadonlyMap<string, string> = new Map([
  ['enter', 'Enter'],
  ['esc', 'Escape'],
  ['tab', 'Tab'],
  ['shift+tab', 'BTab'],
  ['space', 'Space'],
]);

/** A label's tick box, what is in it, and the label without it; null where it has none. */
export const boxOf = (
  label: string,
  { answered }: DialogMarks,
): { tick: string; text: string } | null => {
  const [, tick, text = ''] = /^\[(.)\]\s*(.*)$/u.exec(label) ?? [];
  // Where it is known what ticks look like, anything else in brackets is a word.
  return tick === undefined || (answered && !TICKS.includes(tick)) ? null : { tick, text };
};

const TICKS = ' ✔';

/**
 * Whether ticks and texts of one's own can be given from afar is known of the agents whose marks say
 * how; elsewhere such an option waits for its terminal. `isField`: this is where a text goes.
 */
export const describedOption = (
  option: DialogOption,
  described: readonly string[],
  marks: DialogMarks,
  isField = false,
): DialogOption => {
  const { answered } = marks;
  const description = described.join(' ');
  const isBlank = isField && described.length === 0 && answered?.text.test(option.label);
  // Where a text is taken and another one stands, somebody is writing it.
  const isUnknown = answered
    ? isField && !isBlank && option.ticked === undefined
    : option.ticked !== undefined || boxOf(option.label, marks) || WANTS_TEXT.test(option.label);
  return {
    ...option,
    ...(description === '' ? {} : { description }),
    ...(isBlank ? { takesText: true } : {}),
    ...(isUnknown ? { inTerminal: true } : {}),
  };
};

const WANTS_TEXT =
  /^(?:Type (?:something|your own|here)\b|Enter (?:a|your) (?:custom|own)\b|Other\b)/i;
