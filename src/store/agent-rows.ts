import type Database from 'better-sqlite3';
import type { AgentRow } from '../../actors/ports.ts';

/** An agent's row as its columns hold it. */
export type AgentColumns = Record<(typeof COLUMNS)[number], string | number | null>;

const COLUMNS = [
  'key',
  'session',
  'kind',
  'state',
  'since',
  'reason',
  'rule',
  'evidence',
  'attention',
  'progress',
  'progress_source',
  'indicators',
  'connection',
  'restarts',
  'last_activity',
  'pane',
  'other_panes',
  'cwd',
  'title',
  'dialog',
  'todos',
  'machine',
  'gone_at',
  'updated_at',
] as const;

/** @throws {TypeError} naming the column whose value cannot be stored. */
export const toColumns = (row: AgentRow, updatedAt: number): AgentColumns => {
  const columns: AgentColumns = {
    key: row.key,
    session: row.session,
    kind: row.kind,
    state: row.state,
    since: row.since,
    reason: row.reason,
    rule: row.rule,
    evidence: row.evidence,
    attention: row.attention,
    progress: Math.round(row.progress),
    progress_source: row.progressSource,
    indicators: JSON.stringify(row.indicators),
    connection: row.connection,
    restarts: row.restarts,
    last_activity: row.lastActivity,
    pane: row.pane,
    other_panes: JSON.stringify(row.otherPanes),
    cwd: row.cwd,
    title: row.title,
    dialog: row.dialog === null ? null : JSON.stringify(row.dialog),
    todos: JSON.stringify(row.todos),
    machine: JSON.stringify(row.machine),
    gone_at: row.goneAt,
    updated_at: updatedAt,
  };
  for (const [name, value] of Object.entries(columns)) {
    if (value === undefined || (typeof value === 'number' && !Number.isSafeInteger(value))) {
      throw new TypeError(`the row of ${row.key} has ${value} for ${name}`);
    }
  }
  return columns;
};

export const createAgentRows = (sql: Database.Database) => {
  const upsert = sql.prepare<[AgentColumns]>(
    `INSERT OR REPLACE INTO agent_state (${COLUMNS.join(', ')})
     VALUES (${COLUMNS.map((name) => `@${name}`).join(', ')})`,
  );
  const select = sql.prepare<[], AgentColumns>('SELECT * FROM agent_state ORDER BY session, key');
  const selectOne = sql.prepare<[string], AgentColumns>('SELECT * FROM agent_state WHERE key = ?');
  const selectNamed = sql.prepare<[string], AgentColumns>(
    'SELECT * FROM agent_state WHERE session = ? ORDER BY key',
  );
  return {
    write: (columns: AgentColumns): void => {
      upsert.run(columns);
    },
    all: (): AgentRow[] => select.all().map(fromColumns),
    read: (key: string): AgentRow | null => {
      const columns = selectOne.get(key);
      return columns === undefined ? null : fromColumns(columns);
    },
    named: (session: string): AgentRow[] => selectNamed.all(session).map(fromColumns),
  };
};

/** What waits to be typed is counted by the command queue, not stored here: `queued` is 0. */
export const fromColumns = (columns: AgentColumns): AgentRow => {
  const text = (name: keyof AgentColumns): string => String(columns[name]);
  const json = (name: keyof AgentColumns): never => JSON.parse(text(name)) as never;
  const number = (name: keyof AgentColumns): number => Number(columns[name]);
  const time = (name: keyof AgentColumns): number | null =>
    columns[name] === null ? null : number(name);
  return {
    key: text('key'),
    session: text('session'),
    kind: text('kind') as AgentRow['kind'],
    state: text('state') as AgentRow['state'],
    since: time('since'),
    reason: text('reason'),
    rule: text('rule'),
    evidence: text('evidence'),
    attention: text('attention') as AgentRow['attention'],
    progress: number('progress'),
    progressSource: text('progress_source') as AgentRow['progressSource'],
    indicators: json('indicators'),
    connection: text('connection') as AgentRow['connection'],
    restarts: number('restarts'),
    lastActivity: time('last_activity'),
    pane: text('pane'),
    otherPanes: json('other_panes'),
    cwd: text('cwd'),
    title: text('title'),
    dialog: columns.dialog === null ? null : json('dialog'),
    todos: json('todos'),
    machine: json('machine'),
    goneAt: time('gone_at'),
    queued: 0,
  };
};
