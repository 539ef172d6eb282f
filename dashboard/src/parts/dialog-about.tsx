import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Dialog } from '../../../machines/vocabulary.ts';
import { agentPath, get, Problem } from '../monitor/api.ts';
import { rowsAbove } from '../monitor/dialog-text.ts';

/** What stands above the question, such as the command to be approved: without it nobody can tell. */
export const DialogAbout = ({ session, dialog }: { session: string; dialog: Dialog }) => {
  const rows = useSignal<readonly string[]>([]);
  useEffect(() => {
    let isShown = true;
    void readRows(session, dialog).then((read) => {
      if (isShown) rows.value = read;
    });
    return () => {
      isShown = false;
    };
    // It is read once: another dialog has another box.
  }, []);
  if (rows.value.length === 0) return null;
  return <p class="about">{rows.value.join('\n')}</p>;
};

interface Look {
  verdict: { dialog: { id: string } | null; dialogRows: string[] };
}

/** None where it cannot be read, or another dialog is showing by now. */
const readRows = async (session: string, dialog: Dialog): Promise<string[]> => {
  try {
    const { verdict } = await get<Look>(`${agentPath(session)}/look`);
    return verdict.dialog?.id === dialog.id ? rowsAbove(dialog, verdict.dialogRows) : [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return []; // The question itself is there, and the terminal tells the rest.
  }
};
