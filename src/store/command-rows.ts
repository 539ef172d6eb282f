import type Database from 'better-sqlite3';
import type { CommandOutcome, Idempotency, StoredCommand } from '../../actors/ports.ts';
import {
  type Command,
  type CommandStatus,
  type FinalStatus,
  laneOf,
} from '../../machines/vocabulary.ts';

/** How a command comes to its end, typed or not. */
export interface Ending extends Omit<CommandOutcome, 'status'> {
  status: FinalStatus;
}

/** The table of commands: each change of status is conditional on the one before. */
export interface CommandRows {
  insert(command: StoredCommand, idempotency: Idempotency | null): void;
  find(id: string): StoredCommand | null;
  /** The command that was accepted under a key since `since`, with the hash of its body. */
  accepted(key: string, since: number): { command: StoredCommand; bodyHash: string } | null;
  /**
   * Newest first, from before `position`: what was asked for under this name, and for the session
   * with this key under any name.
   */
  page(
    of: { session: string; key: string | null },
    before: number,
    limit: number,
  ): { command: Command; position: number }[];
  waiting(lane: string): StoredCommand[];
  lanes(): string[];
  ids(status: 'queued' | 'sending'): string[];
  due(now: number): string[];
  nextExpiry(): number | null;
  oldestQueuedAt(): number | null;
  isAnswered(key: string, dialog: string): boolean;
  /** Each answers the changed command, or null where its status was another. */
  begin(id: string, now: number): StoredCommand | null;
  putBack(id: string): StoredCommand | null;
  end(id: string, from: CommandStatus, ending: Ending, now: number): StoredCommand | null;
  resolve(id: string, resolution: string): StoredCommand | null;
  /** Puts all that wait, and were accepted by an older clock, that much earlier. */
  setBack(byMs: number, now: number): void;
}

export const createCommandRows = (sql: Database.Database): CommandRows => {
  const insert = sql.prepare<CommandColumns[keyof CommandColumns][]>(
    `INSERT INTO commands (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`,
  );
  const releaseKey = sql.prepare<[string]>(
    'UPDATE commands SET idempotency_key = NULL WHERE idempotency_key = ?',
  );
  const select = (where: string, order = '') =>
    sql.prepare<(string | number)[], CommandColumns & { position: number }>(
      `SELECT * FROM commands WHERE ${where} ${order}`,
    );
  const byId = select('id = ?');
  const byKey = select('idempotency_key = ? AND created_at >= ?');
  const bySession = select(
    '(session = ? OR key = ?) AND position < ?',
    'ORDER BY position DESC LIMIT ?',
  );
  const byLane = select(`lane = ? AND status = 'queued'`, 'ORDER BY rank, position');
  const list = (query: string) => sql.prepare<(string | number)[], string>(query).pluck();
  const lanes = list(`SELECT DISTINCT lane FROM commands WHERE status = 'queued'`);
  const idsIn = {
    queued: list(`SELECT id FROM commands WHERE status = 'queued' ORDER BY position`),
    sending: list(`SELECT id FROM commands WHERE status = 'sending' ORDER BY position`),
  };
  const due = list(
    `SELECT id FROM commands WHERE status = 'queued' AND expires_at <= ? ORDER BY position`,
  );
  const answers = list(
    `SELECT id FROM commands
     WHERE key = ? AND act ->> '$.dialog' = ? AND status IN ('sending', 'sent', 'unknown') LIMIT 1`,
  );
  const nextExpiry = sql
    .prepare<[], number | null>(`SELECT min(expires_at) FROM commands WHERE status = 'queued'`)
    .pluck();
  const oldestQueuedAt = sql
    .prepare<[], number | null>(`SELECT min(created_at) FROM commands WHERE status = 'queued'`)
    .pluck();
  const update = (set: string, where: string) =>
    sql.prepare<(string | number | null)[], CommandColumns>(
      `UPDATE commands SET ${set} WHERE ${where} RETURNING *`,
    );
  const begin = update(
    `status = 'sending', started_at = ?`,
    `id = ? AND status = 'queued' AND expires_at > ?`,
  );
  const putBack = update(`status = 'queued', started_at = NULL`, `id = ? AND status = 'sending'`);
  const end = update(
    'status = ?, evidence = ?, error = ?, attempts = ?, finished_at = ?',
    'id = ? AND status = ?',
  );
  const resolve = update('resolution = ?', `id = ? AND status = 'unknown' AND resolution IS NULL`);

  const setBack = sql.prepare<{ by: number; now: number; noticed: number }[]>(
    `UPDATE commands SET created_at = created_at - @by, expires_at = expires_at - @by
     WHERE status = 'queued' AND created_at NOT BETWEEN @now - @noticed AND @now`,
  );

  return {
    insert: (command, idempotency) => {
      // A key that is still there although it may be used again has outlived its day.
      if (idempotency) releaseKey.run(idempotency.key);
      const columns = toColumns(command, idempotency);
      insert.run(...COLUMNS.map((name) => columns[name]));
    },
    find: (id) => orNull(byId.get(id)),
    accepted: (key, since) => {
      const columns = byKey.get(key, since);
      return columns ? { command: fromColumns(columns), bodyHash: columns.body_hash ?? '' } : null;
    },
    page: ({ session, key }, before, limit) =>
      bySession.all(session, key ?? '', before, limit).map((columns) => ({
        command: toPublic(fromColumns(columns)),
        position: columns.position,
      })),
    waiting: (lane) => byLane.all(lane).map(fromColumns),
    lanes: () => lanes.all(),
    ids: (status) => idsIn[status].all(),
    due: (now) => due.all(now),
    isAnswered: (key, dialog) => answers.get(key, dialog) !== undefined,
    nextExpiry: () => nextExpiry.get() ?? null,
    oldestQueuedAt: () => oldestQueuedAt.get() ?? null,
    begin: (id, now) => orNull(begin.get(now, id, now)),
    putBack: (id) => orNull(putBack.get(id)),
    end: (id, from, { status, evidence, error, attempts }, now) =>
      orNull(end.get(status, evidence, error, attempts, now, id, from)),
    resolve: (id, resolution) => orNull(resolve.get(resolution, id)),
    setBack: (by, now) => void setBack.run({ by, now, noticed: NOTICED_MS }),
  };
};

/** Answers and interrupts, then what is not to wait, then the rest. */
const rankOf = ({ act, when }: StoredCommand): number => {
  if (act.action !== 'text') return 0;
  return when === 'now' || when === 'force' ? 1 : 2;
};

/** That the clock was set is noticed within this time; what came meanwhile has the new one's times. */
const NOTICED_MS = 2_000;

/** What the API shows of a command. */
export const toPublic = ({ key: _key, target: _target, act: _act, ...command }: StoredCommand) =>
  command satisfies Command;

interface CommandColumns {
  id: string;
  session: string;
  key: string;
  lane: string;
  target: string;
  command: string;
  act: string;
  rank: number;
  source: string;
  send_when: string;
  status: string;
  evidence: string;
  attempts: number;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  expires_at: number;
  error: string | null;
  retry_of: string | null;
  resolution: string | null;
  idempotency_key: string | null;
  body_hash: string | null;
}

const COLUMNS = [
  'id',
  'session',
  'key',
  'lane',
  'target',
  'command',
  'act',
  'rank',
  'source',
  'send_when',
  'status',
  'evidence',
  'attempts',
  'created_at',
  'started_at',
  'finished_at',
  'expires_at',
  'error',
  'retry_of',
  'resolution',
  'idempotency_key',
  'body_hash',
] as const satisfies (keyof CommandColumns)[];

const toColumns = (command: StoredCommand, idempotency: Idempotency | null): CommandColumns => ({
  id: command.id,
  session: command.session,
  key: command.key,
  lane: laneOf(command.target),
  target: JSON.stringify(command.target),
  command: command.command,
  act: JSON.stringify(command.act),
  rank: rankOf(command),
  source: command.source,
  send_when: command.when,
  status: command.status,
  evidence: command.evidence,
  attempts: command.attempts,
  created_at: command.createdAt,
  started_at: command.startedAt,
  finished_at: command.finishedAt,
  expires_at: command.expiresAt,
  error: command.error,
  retry_of: command.retryOf,
  resolution: command.resolution,
  idempotency_key: idempotency?.key ?? null,
  body_hash: idempotency?.bodyHash ?? null,
});

const fromColumns = (columns: CommandColumns): StoredCommand => ({
  id: columns.id,
  session: columns.session,
  command: columns.command,
  source: columns.source,
  when: columns.send_when as StoredCommand['when'],
  status: columns.status as StoredCommand['status'],
  evidence: columns.evidence as StoredCommand['evidence'],
  attempts: columns.attempts,
  createdAt: columns.created_at,
  startedAt: columns.started_at,
  finishedAt: columns.finished_at,
  expiresAt: columns.expires_at,
  error: columns.error,
  retryOf: columns.retry_of,
  resolution: columns.resolution,
  key: columns.key,
  target: JSON.parse(columns.target),
  act: JSON.parse(columns.act),
});

const orNull = (columns: CommandColumns | undefined): StoredCommand | null =>
  columns ? fromColumns(columns) : null;
