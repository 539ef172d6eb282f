/** What is being written to a session, and how it is sent. */

import { type Signal, signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { When } from '../../../machines/vocabulary.ts';
import { agentPath, Problem, postOnce } from '../monitor/api.ts';
import { hear } from '../monitor/feed.ts';
import { type Recall, recall, tooLong, withSent } from '../monitor/own-commands.ts';
import { createOwnTexts } from '../monitor/own-texts.ts';

export interface Writing {
  session: string;
  text: Signal<string>;
  when: Signal<When>;
  step: Signal<Step>;
  /** Where the arrow keys have led to; null at what is being written. */
  recalled: Signal<Recall | null>;
}

export type Step =
  | { at: 'writing' }
  | { at: 'confirming' }
  | { at: 'sending' }
  /** It is on the monitor's disk. */
  | { at: 'accepted'; id: string }
  | { at: 'refused'; problem: string }
  /** Nobody answered: it may have arrived. */
  | { at: 'unanswered'; problem: string };

const drafts = createOwnTexts(sessionStorage, 'agent-monitor.drafts');
const sent = createOwnTexts(sessionStorage, 'agent-monitor.sent');

const texts = new Map<string, Signal<string>>();

/** The same wherever it is shown, so that no look at another page loses it. */
const textOf = (session: string): Signal<string> => {
  const text = texts.get(session) ?? signal(drafts.of(session)[0] ?? '');
  texts.set(session, text);
  return text;
};

/** What was written to a session goes along with it to its new name. */
export const followOwnTexts = (from: string, to: string): void => {
  drafts.rename(from, to);
  sent.rename(from, to);
  texts.delete(from);
  texts.delete(to);
};

export const useWriting = (session: string): Writing => {
  const step = useSignal<Step>({ at: 'writing' });
  useEffect(() => followReturn(step), []);
  return {
    ...{ session, step, text: textOf(session) },
    ...{ when: useSignal<When>('safe'), recalled: useSignal<Recall | null>(null) },
  };
};

export const write = ({ session, text, recalled }: Writing, next: string): void => {
  text.value = next;
  recalled.value = null;
  drafts.keep(session, [next]);
};

/** Answers whether there was something further back, or forth. */
export const bringBack = ({ session, text, recalled }: Writing, step: -1 | 1): boolean => {
  const from = { from: recalled.peek(), text: text.peek(), step };
  const found = recall(sent.of(session), from);
  if (!found) return false;
  text.value = found.text;
  recalled.value = found.to;
  return true;
};

/** Asks first where it is forced. */
export const ask = (writing: Writing): void => {
  const { text, when, step } = writing;
  const { at } = step.peek();
  if (text.peek() === '' || at === 'sending' || at === 'confirming') return;
  if (when.peek() === 'force') step.value = { at: 'confirming' };
  else void send(writing);
};

/** The text goes from the box when the monitor has it, not before. */
export const send = async (writing: Writing): Promise<void> => {
  const { session, text, when, step } = writing;
  const body = { command: text.peek(), when: when.peek(), source: 'dashboard' };
  const problem = tooLong(body.command);
  if (problem !== null) {
    step.value = { at: 'refused', problem };
    return;
  }
  step.value = { at: 'sending' };
  try {
    const { id } = await postOnce<{ id: string }>(`${agentPath(session)}/command`, body);
    sent.keep(session, withSent(sent.of(session), body.command));
    write(writing, '');
    step.value = { at: 'accepted', id };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { status, message } = error;
    step.value =
      status === 0
        ? { at: 'unanswered', problem: `${message} It may have the text all the same: ${AGAIN}` }
        : { at: 'refused', problem: message };
  }
};

const AGAIN = 'send it again as it is, and it is typed once.';
const BACK = `The monitor is back, and did not say whether it has the text: ${AGAIN}`;
const NEW =
  'The monitor has begun anew, and cannot say whether the text was typed: look at the terminal before you send it again.';

/** What was said when nobody answered does not stand for ever. */
const followReturn = (step: Signal<Step>): (() => void) =>
  hear(({ type }) => {
    if (step.peek().at !== 'unanswered') return;
    if (type === 'connected') step.value = { at: 'unanswered', problem: BACK };
    if (type === 'reset') step.value = { at: 'unanswered', problem: NEW };
  });
