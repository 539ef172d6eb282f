import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Dialog } from '../../../machines/vocabulary.ts';
import { agentPath, get, Problem } from '../monitor/api.ts';
import { rowsAbove } from '../monitor/dialog-text.ts';

/** What stands above the question, such as the command to be approved: without it nobody can tell. */
export const DialogAbout = ({ session, dialog }: { session: string; dialog: Dialog }) => {
  const reading = useSignal<Reading>({ at: 'reading' });
  useEffect(() => {
    const leaving = new AbortController();
    void read(reading, { session, dialog, signal: leaving.signal });
    return () => leaving.abort();
    // Another dialog has another box.
  }, []);
  const { value } = reading;
  if (value.at === 'failed')
    return <p class="hint">What it is about could not be read: look at its terminal first.</p>;
  if (value.at === 'reading' || value.rows.length === 0) return null;
  return <p class="about">{value.rows.join('\n')}</p>;
};

type Reading = { at: 'reading' } | { at: 'read'; rows: readonly string[] } | { at: 'failed' };

interface Look {
  verdict: { dialog: { id: string } | null; dialogRows: string[] };
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
    if (verdict?.dialog?.id === dialog.id) {
      reading.value = { at: 'read', rows: rowsAbove(dialog, verdict.dialogRows) };
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
