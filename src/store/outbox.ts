import type { Outbox } from '../../actors/ports.ts';
import type { AgentDatabase } from './database.ts';
import type { Events } from './events.ts';
import type { GroupCommit } from './group-commit.ts';
import type { AgentJournal } from './journal.ts';

/**
 * The committed events for those who tell them elsewhere. Cursors are stored with the next commit,
 * within a second: after a crash a consumer may find itself that far back, never ahead.
 */
export const createOutbox = (options: {
  database: AgentDatabase;
  commits: GroupCommit;
  events: Events;
  journal: AgentJournal;
}): Outbox => {
  const { database, commits, events, journal } = options;
  const { sql } = database;
  const stored = sql.prepare<[], [string, number]>('SELECT consumer, seq FROM cursors').raw();
  const upsert = sql.prepare<[string, number]>('INSERT OR REPLACE INTO cursors VALUES (?, ?)');
  const cursors = new Map(stored.all());
  const moved = new Set<string>();

  commits.join({
    write: () => {
      for (const consumer of moved) upsert.run(consumer, cursors.get(consumer) ?? 0);
    },
    committed: () => moved.clear(),
    waiting: () => '',
  });

  return {
    get epoch() {
      return database.epoch;
    },
    last: events.last,
    after: events.after,
    onCommit: journal.onCommit,
    renewEpoch: database.renewEpoch,
    cursor: (consumer) => cursors.get(consumer) ?? 0,
    moveCursor: (consumer, seq) => {
      cursors.set(consumer, seq);
      moved.add(consumer);
      commits.ask('soon');
    },
  };
};
