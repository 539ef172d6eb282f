import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Dialog, fingerprintOf } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import { agentPath, get, Problem } from '../monitor/api.ts';
import { type DialogText, textOf } from '../monitor/dialog-text.ts';

/** The question, and what stands above it, such as the command to be approved: without it nobody can tell. */
export const DialogAbout = ({ session, dialog }: { session: string; dialog: Dialog }) => {
  const reading = useSignal<Reading>({ at: 'reading' });
  useEffect(() => {
    const leaving = new AbortController();
    void read(reading, { session, dialog, signal: leaving.signal });
    return () => leaving.abort();
    // Another dialog has another box.
  }, []);
  const { value } = reading;
  const { above, question } =
    value.at === 'read' ? value.text : { above: [], question: plain(dialog.question) };
  return (
    <>
      {value.at === 'failed' && (
        <p class="hint">What it is about could not be read: look at its terminal first.</p>
      )}
      {value.at === 'read' && value.isCut && (
        <p class="hint">
          It is longer than the pane: its beginning is only in the terminal, made larger.
        </p>
      )}
      {above.length > 0 && <p class="about">{above.join('\n')}</p>}
      <p class="question">{question}</p>
    </>
  );
};

type Reading =
  | { at: 'reading' }
  | { at: 'read'; text: DialogText; isCut: boolean }
  | { at: 'failed' };

interface Look {
  verdict: { dialog: { id: string } | null; dialogRows: string[]; dialogIsCut: boolean };
}

const MOST_TRIES = 5;
const TRY_AGAIN_MS = 500;

/** Another look may come while the dialog is being drawn. */
const read = async (
  reading: Signal<Reading>,
  { session, dialog, signal }: { session: string; dialog: Dialog; signal: AbortSignal },
): Promise<void> => {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const verdict = await lookAt(session);
    if (signal.aborted) return;
    if (verdict?.dialog?.id === fingerprintOf(dialog.id)) {
      const text = textOf(dialog, verdict.dialogRows);
      reading.value = { at: 'read', text, isCut: verdict.dialogIsCut };
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
  }
  if (!signal.aborted) reading.value = { at: 'failed' };
};

const lookAt = async (session: string): Promise<Look['verdict'] | null> => {
  try {
    return (await get<Look>(`${agentPath(session)}/look`)).verdict;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return null;
  }
};
