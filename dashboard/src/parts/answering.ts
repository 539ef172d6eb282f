/** What a person answers an agent's question with, and how that is sent. */

import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Dialog, DialogOption } from '../../../machines/vocabulary.ts';
import { agents, readDialog } from '../monitor/agents.ts';
import { agentPath, Problem, postOnce } from '../monitor/api.ts';
import { hasSameOptions, isSameDialog } from '../monitor/apply.ts';
import { describeEnd, waitForEnd } from '../monitor/commands.ts';
import { hear } from '../monitor/feed.ts';
import { createOwnAnswers, isTicked, type OwnAnswer } from '../monitor/own-answers.ts';
import { createOwnTexts } from '../monitor/own-texts.ts';

/** As the API takes it. */
export type Wanted = ({ choice: string } | { choices: string[] }) & { text?: string };

export type Tell = (problem: string, isAbout: 'this dialog' | 'a dialog that has gone') => void;

const begun = createOwnAnswers(createOwnTexts(sessionStorage, 'agent-monitor.answers'));

/** What was begun goes along with a session to its new name. */
export const followAnswers = (): void => {
  hear((message) => {
    if (message.type === 'event' && message.event === 'session_renamed')
      begun.rename(String(message.previousSession), message.session);
  });
};

/** What was begun before, on this page or another one of this tab; and keeps what is begun. */
export const useOwnAnswer = (session: string, dialog: Dialog): Signal<OwnAnswer> => {
  const answer = useSignal(begun.of(session, dialog));
  // Another dialog has another box.
  useEffect(() => answer.subscribe((next) => begun.keep(session, dialog, next)), []);
  return answer;
};

/** What was written to a question that is no longer asked; empty where it still is, or nothing was. */
export const textLostWith = (session: string, dialog: Dialog): string => {
  const agent = agents.peek()?.get(session);
  // It is only shown no longer: on this page, or under this name.
  if (!agent || (agent.dialog !== null && isSameDialog(agent.dialog, dialog))) return '';
  const { text } = begun.of(session, dialog);
  begun.forget(session);
  return text.trim();
};

/** All that is ticked, and the text where there is one. */
export const submitted = (options: readonly DialogOption[], answer: OwnAnswer): Wanted => {
  const own = answer.text.trim();
  const field = options.find(({ takesText }) => takesText && own !== '');
  const ticked = options.filter((option) => !option.takesText && isTicked(answer, option));
  const choices = [...ticked, ...(field ? [field] : [])].map(({ id }) => id);
  return { choices, ...(field ? { text: own } : {}) };
};

/** Sends it, and tells what is to be told of that: where it arrived, the dialog goes. */
export const answer = async (
  session: string,
  dialog: Dialog,
  wanted: Wanted,
  tell: Tell,
): Promise<void> => {
  try {
    const why = 'choices' in wanted ? await whyNotYet(session, dialog) : null;
    if (why !== null) return tell(why, 'this dialog');
    const body = { dialog: dialog.id, ...wanted, source: 'dashboard' };
    const { id } = await postOnce<{ id: string }>(`${agentPath(session)}/answer`, body);
    const command = await waitForEnd(id);
    if (command.status === 'sent') begun.forget(session);
    else if (command.error === STALE) tell(GONE, 'a dialog that has gone');
    else tell(describeEnd(command), 'this dialog');
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === STALE) tell(GONE, 'a dialog that has gone');
    else tell(error.message, 'this dialog');
  }
};

const STALE = 'dialog_stale';
const GONE = 'Not sent: the agent no longer shows this question.';

/**
 * Nobody's ticks are undone unseen: what is submitted is what was shown.
 * @throws {Problem}
 */
const whyNotYet = async (session: string, shown: Dialog): Promise<string | null> => {
  const now = await readDialog(session);
  // That it has gone the monitor says itself.
  if (now === null || !isSameDialog(shown, now) || hasSameOptions(shown, now)) return null;
  return 'Not submitted: it was ticked otherwise meanwhile, as it is shown now. Submit it again if that is right.';
};
