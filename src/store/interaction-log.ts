import type { InteractionEntry, InteractionHistory } from '../../actors/ports.ts';
import type { Interaction } from '../../machines/vocabulary.ts';
import type { AgentDatabase } from './database.ts';
import type { GroupCommit } from './group-commit.ts';
import { createTallies } from './tallies.ts';
import { createWaiting } from './waiting.ts';

const MAX_WAITING = 10_000;
/** A command may be 64 KB; whole it is kept with the commands. */
const TEXT_LENGTH = 500;

/** Who did what to an agent, or to the monitor itself: the audit trail. */
export const createInteractionLog = (options: {
  database: AgentDatabase;
  commits: GroupCommit;
}): InteractionHistory => {
  const { sql } = options.database;
  const { commits } = options;
  const insert = sql.prepare<[InteractionEntry]>(
    `INSERT INTO interaction_log (at, session, key, source, caller, action, detail, text)
     VALUES (@at, coalesce(@session, ''), coalesce(@key, ''), @source, @caller, @action, @detail, @text)`,
  );
  const update = sql.prepare<[string, number]>(
    'UPDATE interaction_log SET detail = ? WHERE id = ?',
  );
  const lastBy = (column: 'session' | 'key') =>
    `SELECT id FROM (SELECT id FROM interaction_log WHERE ${column} = @${column} ORDER BY id DESC LIMIT @limit)`;
  // Each by its index: an OR would sort all rows of the session. No row's key is null.
  const last = sql.prepare<[{ session: string; key: string | null; limit: number }], Interaction>(
    `${SELECT} WHERE id IN (${lastBy('session')} UNION ${lastBy('key')}) ORDER BY id DESC LIMIT @limit`,
  );
  const before = sql.prepare<[number, number], Interaction>(
    `${SELECT} WHERE id < ? ORDER BY id DESC LIMIT ?`,
  );
  const entries = createWaiting<InteractionEntry>(MAX_WAITING);
  const tallies = createTallies();

  commits.join({
    write: () => {
      for (const entry of entries.all()) insert.run(entry);
      tallies.write({
        insert: (entry, detail) =>
          Number(insert.run({ ...entry, detail, text: '' }).lastInsertRowid),
        update: (id, detail) => update.run(detail, id),
      });
    },
    committed: () => {
      entries.clear();
      tallies.written();
    },
    waiting: () => (entries.all().length === 0 ? '' : `${entries.all().length} log entries`),
  });

  return {
    log: (entry) => {
      const missing = Object.entries(entry).find(([, value]) => value === undefined);
      if (missing !== undefined) throw new TypeError(`an interaction has no ${missing[0]}`);
      entries.push({ ...entry, text: beginningOf(entry.text) });
      commits.ask('now');
    },
    count: (entry, what) => {
      commits.ask(tallies.count(entry, what) === 'begun' ? 'now' : 'soon');
    },
    recent: (of, limit) => last.all({ ...(of ?? NO_SESSION), limit }),
    page: ({ before: id = Number.MAX_SAFE_INTEGER, limit }) => before.all(id, limit),
  };
};

const NO_SESSION = { session: '', key: null };

const SELECT = `SELECT id, at, nullif(session, '') AS session, source, caller, action, detail, text
  FROM interaction_log`;

const beginningOf = (text: string): string =>
  text.length <= TEXT_LENGTH ? text : `${text.slice(0, TEXT_LENGTH).toWellFormed()}…`;
