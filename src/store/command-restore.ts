import { COMMAND_STATUSES, isFinal } from '../../machines/vocabulary.ts';
import type { CommandChanges } from './command-changes.ts';
import type { CommandRows, Ending } from './command-rows.ts';
import type { AgentJournal } from './journal.ts';

/** It may have been typed: nobody can say. */
export const lost = (error: string): Ending => ({
  status: 'unknown',
  evidence: 'none',
  error,
  attempts: 0,
});

/**
 * A queue that was restored holds commands that have been typed since it was copied. None of them
 * is typed again: what the journal tells of one's end is taken over, any other ends `unknown`.
 */
export const endRestored = (options: {
  rows: CommandRows;
  changes: CommandChanges;
  journal: Pick<AgentJournal, 'told'>;
}): void => {
  const { rows, changes, journal } = options;
  for (const status of ['queued', 'sending'] as const) {
    const ids = rows.ids(status);
    for (const id of ids) {
      const ending = endingIn(journal.told(`command/${id}/final`));
      if (ending !== null) changes.end([id], status, ending);
    }
    changes.end(rows.ids(status), status, lost('queue_restored'));
  }
};

const endingIn = (told: Record<string, unknown> | null): Ending | null => {
  const status = COMMAND_STATUSES.find((one) => one === told?.status);
  if (told === null || status === undefined || !isFinal(status)) return null;
  const { evidence, attempts, error = null } = told;
  return {
    status,
    evidence: evidence as Ending['evidence'],
    attempts: Number(attempts),
    error: error as Ending['error'],
  };
};
