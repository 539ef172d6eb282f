/** What is being written to a session, and how it is sent. */

import { type Signal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { When } from '../../../machines/vocabulary.ts';
import { agentPath, Problem, postOnce } from '../monitor/api.ts';
import { hear } from '../monitor/feed.ts';
import { type Recall, recall, tooLong, withSent } from '../monitor/own-commands.ts';
import { createOwnTexts } from '../monitor/own-texts.ts';

export interface Writing {
  /** Its name now. */
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

/** Those that are shown, or are on their way. */
const writings = new Map<string, Writing>();

const writingTo = (session: string): Writing => {
  const writing = writings.get(session) ?? begin(session);
  writings.set(session, writing);
  return writing;
};

const begin = (session: string): Writing => ({
  ...{ session, text: signal(drafts.of(session)[0] ?? '') },
  ...{ when: signal<When>('safe'), step: signal<Step>({ at: 'writing' }) },
  recalled: signal<Recall | null>(null),
});

export const useWriting = (session: string): Writing => {
  const writing = writingTo(session);
  useEffect(() => () => leave(writing, session), []);
  return writing;
};

/** The draft is kept; all else but what may have been sent begins anew with the next look. */
const leave = (writing: Writing, session: string): void => {
  const { at } = writing.step.peek();
  const isRenamed = writing.session !== session;
  if (!isRenamed && at !== 'sending' && at !== 'unanswered') writings.delete(session);
};

/** What is written to a session goes along with it, and what was said when nobody answered does not stand for ever. */
export const followWriting = (): void => {
  hear((message) => {
    if (message.type === 'event' && message.event === 'session_renamed')
      rename(String(message.previousSession), message.session);
    if (message.type === 'connected') tellUnanswered(BACK);
    if (message.type === 'reset') tellUnanswered(NEW);
  });
};

const rename = (from: string, to: string): void => {
  drafts.rename(from, to);
  sent.rename(from, to);
  const writing = writings.get(from);
  writings.delete(from);
  writings.delete(to);
  if (!writing) return;
  writings.set(to, writing);
  writing.session = to;
  if (writing.step.peek().at === 'unanswered') writing.step.value = RENAMED;
};

const tellUnanswered = (problem: string): void => {
  for (const { step } of writings.values())
    if (step.peek().at === 'unanswered') step.value = { at: 'unanswered', problem };
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
    sent.keep(writing.session, withSent(sent.of(writing.session), body.command));
    write(writing, '');
    step.value = { at: 'accepted', id };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    step.value = writing.session === session ? refusal(error) : RENAMED;
  }
};

const refusal = ({ status, message }: Problem): Step =>
  status === 0
    ? { at: 'unanswered', problem: `${message} It may have the text all the same: ${AGAIN}` }
    : { at: 'refused', problem: message };

const AGAIN = 'send it again as it is, and it is typed once.';
const BACK = `The monitor is back, and did not say whether it has the text: ${AGAIN}`;
const NEW =
  'The monitor has begun anew, and cannot say whether the text was typed: look at the terminal before you send it again.';

/** Under another name it is another request. */
const RENAMED: Step = {
  at: 'refused',
  problem:
    'The session has another name since, and nobody can say whether the text was typed: look at the terminal before you send it again.',
};
