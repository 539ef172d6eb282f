import { type Signal, useSignal } from '@preact/signals';
import type { Dialog } from '../../../machines/vocabulary.ts';
import { agentPath, Problem, post } from '../monitor/api.ts';
import { describeEnd, waitForEnd } from '../monitor/commands.ts';
import { WANTS } from '../monitor/needs.ts';

/**
 * What an agent asks, with its own options as buttons. An answer is bound to this very dialog: where
 * another one is open by then, the monitor refuses it. The box goes when the monitor says that the
 * dialog is gone, not before.
 */
export const DialogBox = ({ session, dialog }: { session: string; dialog: Dialog }) => (
  // The same question asked again is another dialog.
  <Answerable key={`${dialog.id} ${dialog.since}`} session={session} dialog={dialog} />
);

const Answerable = ({ session, dialog }: { session: string; dialog: Dialog }) => {
  const answering = useSignal<Answering>({ chosen: null, problem: '' });
  const { chosen, problem } = answering.value;
  const { attention, question, options } = dialog;
  return (
    <fieldset class="dialog">
      <legend class="sr-only">
        {session} waits for {WANTS[attention]}
      </legend>
      <p class="question">{question}</p>
      {attention === 'other-dialog' || options.length === 0 ? (
        <p class="hint">This is to be answered in its terminal.</p>
      ) : (
        <div class="options">
          {options.map(({ id, label, preselected }) => (
            <button
              key={id}
              type="button"
              class={preselected ? 'main' : ''}
              disabled={chosen !== null}
              aria-label={`${label} (${session})`}
              onClick={() => void answer(answering, { session, dialog: dialog.id, choice: id })}
            >
              {label}
              {chosen === id && ' …'}
            </button>
          ))}
        </div>
      )}
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
};

interface Answering {
  /** The option that was chosen and is on its way, or has arrived; null where none is. */
  chosen: string | null;
  problem: string;
}

const answer = async (
  answering: Signal<Answering>,
  { session, dialog, choice }: { session: string; dialog: string; choice: string },
): Promise<void> => {
  answering.value = { chosen: choice, problem: '' };
  try {
    const body = { dialog, choice, source: 'dashboard' };
    const { id } = await post<{ id: string }>(`${agentPath(session)}/answer`, body);
    const command = await waitForEnd(id);
    // Where it arrived the dialog goes, and this box with it. All else is to be told.
    if (command.status !== 'sent')
      answering.value = { chosen: null, problem: describeEnd(command) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const problem =
      error.code === 'dialog_stale'
        ? 'Not sent: the agent no longer shows this question.'
        : error.message;
    answering.value = { chosen: null, problem };
  }
};
