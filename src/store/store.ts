import type { Check, Clock, InteractionHistory, Log, Outbox } from '../../actors/ports.ts';
import { checkAsides } from './asides.ts';
import { startBackups } from './backup.ts';
import { checkLoss, together } from './checks.ts';
import type { CommitTold } from './commit-time.ts';
import { openDatabase } from './database.ts';
import { createEvents, type Events } from './events.ts';
import { watchFile } from './file-watch.ts';
import { createGroupCommit } from './group-commit.ts';
import { createInteractionLog } from './interaction-log.ts';
import { type AgentJournal, createJournal } from './journal.ts';
import { createOutbox } from './outbox.ts';
import { forgetAgents, startRetention } from './retention.ts';

export interface Store {
  readonly journal: AgentJournal;
  readonly events: Events;
  readonly outbox: Outbox;
  readonly interactions: InteractionHistory;
  /** Where the damaged database was put that lay there before this start, or null. */
  readonly aside: string | null;
  health(): Check;
  /** Commits what waits and closes the database. Answers false where the last commit failed. */
  close(): boolean;
}

/**
 * Opens the store of a data folder and begins its upkeep. Whoever calls it holds the folder's lock.
 * @throws {StoreFailed}
 */
export const openStore = (options: {
  dataDir: string;
  host: string;
  clock: Clock;
  log: Log;
  newId: () => string;
  snapshotVersion: number;
  commitTold?: CommitTold;
}): Store => {
  const { clock, log, snapshotVersion, commitTold } = options;
  const database = openDatabase(options);
  const { sql } = database;
  const commits = createGroupCommit({ sql, clock, log, commitTold });
  const events = createEvents(database);
  const journal = createJournal({ database, commits, clock, log, snapshotVersion });
  const outbox = createOutbox({ database, commits, events, journal });
  const interactions = createInteractionLog({ database, commits });
  const stopRetention = startRetention({ forget: forgetAgents(sql), clock, log });
  const backups = startBackups({ sql, clock, log });
  const file = watchFile({ path: sql.name, clock, log });
  const losses = checkLoss(database.loss);

  return {
    journal,
    events,
    outbox,
    interactions,
    aside: database.aside,
    health: () =>
      together([commits.health(), file.check(), backups.check(), losses, checkAsides(sql.name)]),
    close: () => {
      stopRetention();
      backups.stop();
      file.stop();
      const written = commits.close();
      database.close();
      return written;
    },
  };
};
