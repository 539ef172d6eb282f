import type Database from 'better-sqlite3';
import { COMMAND_STATUSES, type CommandStatus } from '../../machines/vocabulary.ts';

/** How many commands are in each status, and how many wait for each session: known without asking SQLite. */
export interface CommandTally {
  counts(): Record<CommandStatus, number>;
  /** How many wait for this session identity. */
  queued(key: string): number;
  queuedInAll(): number;
  /** One command has come (`from` null), changed its status or was forgotten (`to` null). */
  move(key: string, from: CommandStatus | null, to: CommandStatus | null): void;
}

export const createCommandTally = (sql: Database.Database): CommandTally => {
  const statuses = sql
    .prepare<[], [CommandStatus, number]>('SELECT status, count(*) FROM commands GROUP BY status')
    .raw();
  const keys = sql
    .prepare<[], [string, number]>(
      `SELECT key, count(*) FROM commands WHERE status = 'queued' GROUP BY key`,
    )
    .raw();
  const byStatus = new Map<CommandStatus, number>(statuses.all());
  const byKey = new Map<string, number>(keys.all());

  const count = (key: string, status: CommandStatus | null, by: 1 | -1): void => {
    if (status === null) return;
    byStatus.set(status, (byStatus.get(status) ?? 0) + by);
    if (status !== 'queued') return;
    const waiting = (byKey.get(key) ?? 0) + by;
    if (waiting === 0) byKey.delete(key);
    else byKey.set(key, waiting);
  };

  return {
    counts: () =>
      Object.fromEntries(
        COMMAND_STATUSES.map((status) => [status, byStatus.get(status) ?? 0]),
      ) as Record<CommandStatus, number>,
    queuedInAll: () => byStatus.get('queued') ?? 0,
    queued: (key) => byKey.get(key) ?? 0,
    move: (key, from, to) => {
      count(key, from, -1);
      count(key, to, 1);
    },
  };
};
