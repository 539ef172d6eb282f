import type { InteractionLog } from '../../actors/ports.ts';
import type { Interaction } from '../../machines/vocabulary.ts';
import type { AgentDatabase } from './database.ts';
import type { GroupCommit } from './group-commit.ts';
import { createWaiting } from './waiting.ts';

const MAX_WAITING = 10_000;

export interface InteractionHistory extends InteractionLog {
  /** The last `limit` interactions with the sessions that had this name, newest first. */
  recent(session: string, limit: number): Interaction[];
}

/** Who did what to an agent: the audit trail. */
export const createInteractionLog = (options: {
  database: AgentDatabase;
  commits: GroupCommit;
}): InteractionHistory => {
  const { database, commits } = options;
  const { sql } = database;
  const insert = sql.prepare<[Omit<Interaction, 'id'>]>(
    `INSERT INTO interaction_log (at, session, source, caller, action, detail)
     VALUES (@at, @session, @source, @caller, @action, @detail)`,
  );
  const select = sql.prepare<[string, number], Interaction>(
    'SELECT id, at, session, source, caller, action, detail FROM interaction_log WHERE session = ? ORDER BY id DESC LIMIT ?',
  );
  const entries = createWaiting<Omit<Interaction, 'id'>>(MAX_WAITING);

  commits.join({
    write: () => {
      for (const entry of entries.all()) insert.run(entry);
    },
    committed: () => entries.clear(),
    waiting: () => (entries.all().length === 0 ? '' : `${entries.all().length} log entries`),
  });

  return {
    log: (entry) => {
      const missing = Object.entries(entry).find(([, value]) => value === undefined);
      if (missing !== undefined) throw new TypeError(`an interaction has no ${missing[0]}`);
      entries.push(entry);
      commits.ask('now');
    },
    recent: (session, limit) => select.all(session, limit),
  };
};
