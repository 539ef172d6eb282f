import type Database from 'better-sqlite3';
import type { EventName } from '../../machines/vocabulary.ts';
import type { GroupCommit } from './group-commit.ts';
import type { AgentJournal } from './journal.ts';

const STEP_EVENTS = 500;

export interface CommandMover {
  /** There is something new to be moved. */
  wake(): void;
  stop(): void;
}

/**
 * Moves what is to be told of commands from their database into the journal. The two cannot commit
 * together, so an event is first committed there, under its origin, and only then deleted here: one
 * that is found here again after a crash is known there already.
 */
export const startMover = (options: {
  sql: Database.Database;
  commits: GroupCommit;
  journal: Pick<AgentJournal, 'takeFrom'>;
}): CommandMover => {
  const { sql, commits, journal } = options;
  const select = sql.prepare<[number, number], PendingColumns>(
    'SELECT * FROM pending_events WHERE position > ? ORDER BY position LIMIT ?',
  );
  const remove = sql.prepare<[number]>('DELETE FROM pending_events WHERE position <= ?');
  let offered = 0;
  let moved = 0;
  let removed = 0;

  const intake = journal.takeFrom({
    pending: () => {
      const pending = select.all(moved, STEP_EVENTS);
      offered = pending.at(-1)?.position ?? moved;
      return pending.map(toOriginal);
    },
    committed: () => {
      if (offered === moved) return;
      moved = offered;
      commits.ask('soon');
      intake.ask();
    },
  });

  commits.join({
    write: () => {
      if (removed < moved) remove.run(moved);
    },
    committed: () => {
      removed = moved;
    },
    waiting: () => '',
  });

  intake.ask();
  return { wake: intake.ask, stop: intake.stop };
};

interface PendingColumns {
  position: number;
  command_id: string;
  occasion: string;
  at: number;
  event: string;
  session: string;
  body: string;
}

const toOriginal = ({ command_id, occasion, at, event, session, body }: PendingColumns) => ({
  origin: `command/${command_id}/${occasion}`,
  draft: { event: event as EventName, session, timestamp: at, ...JSON.parse(body) },
});
