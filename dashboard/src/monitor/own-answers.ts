/** What a person has begun to answer, by session: it outlives a reload, and goes with the tab. */

import type { Dialog, DialogOption } from '../../../machines/vocabulary.ts';
import type { OwnTexts } from './own-texts.ts';

export interface OwnAnswer {
  text: string;
  /** The boxes that this person has ticked, or no longer, by their options. All else is as in the terminal. */
  ticks: Readonly<Record<string, boolean>>;
}

export interface OwnAnswers {
  of(session: string, dialog: Dialog): OwnAnswer;
  keep(session: string, dialog: Dialog, answer: OwnAnswer): void;
  forget(session: string): void;
  /** The session has another name now. */
  rename(from: string, to: string): void;
}

export const NO_ANSWER: OwnAnswer = { text: '', ticks: {} };

export const createOwnAnswers = (texts: OwnTexts): OwnAnswers => ({
  of: (session, dialog) => parse(texts.of(session), nameOf(dialog)),
  keep: (session, dialog, { text, ticks }) => {
    const isBegun = text !== '' || Object.keys(ticks).length > 0;
    texts.keep(session, isBegun ? [nameOf(dialog), text, JSON.stringify(ticks)] : []);
  },
  forget: (session) => texts.keep(session, []),
  rename: texts.rename,
});

/** Whether its box is to be shown as ticked. */
export const isTicked = ({ ticks }: OwnAnswer, { id, ticked }: DialogOption): boolean =>
  ticks[id] ?? ticked ?? false;

/** A box that stands again as in the terminal is left to the terminal. */
export const withTick = (
  { text, ticks }: OwnAnswer,
  { id, ticked }: DialogOption,
  isWanted: boolean,
): OwnAnswer => {
  const { [id]: _, ...others } = ticks;
  return { text, ticks: isWanted === ticked ? others : { ...others, [id]: isWanted } };
};

/** The same question asked again is another one. */
const nameOf = ({ id, since }: Dialog): string => `${id} ${since}`;

/** What is stored may be of another question, of an older page, or somebody else's. */
const parse = ([of, text = '', stored = '']: readonly string[], wanted: string): OwnAnswer => {
  if (of !== wanted) return NO_ANSWER;
  try {
    const ticks: unknown = JSON.parse(stored);
    return { text, ticks: isTicks(ticks) ? ticks : {} };
  } catch {
    return { text, ticks: {} }; // Nothing is lost but a convenience.
  }
};

const isTicks = (value: unknown): value is OwnAnswer['ticks'] =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((tick) => typeof tick === 'boolean');
