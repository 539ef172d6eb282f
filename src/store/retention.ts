import type Database from 'better-sqlite3';
import type { Clock, Log, Stop } from '../../actors/ports.ts';
import { isPassing } from './failure.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const GONE_MS = HOUR_MS;
const EVENTS_MS = 7 * DAY_MS;
const INTERACTIONS_MS = 30 * DAY_MS;
const STEP_ROWS = 500;
const PAUSE_MS = 50;
const REST_MS = 60 * 1000;

/**
 * Forgets gone sessions after an hour, events after 7 days and interactions after 30, at most 500
 * rows at a time with pauses between, so that no commit waits long.
 */
export const startRetention = (options: {
  sql: Database.Database;
  clock: Clock;
  log: Log;
}): Stop => {
  const { sql, clock, log } = options;
  const forget = prepareForget(sql);
  let timer: unknown;

  const turn = (): void => {
    timer = clock.setTimeout(turn, step() ? PAUSE_MS : REST_MS);
  };
  const step = (): boolean => {
    try {
      return forget(clock.now()) >= STEP_ROWS;
    } catch (err) {
      if (!isPassing(err)) throw err; // On a full disk even deleting fails.
      log.warn({ err }, 'old events could not be deleted');
      return false;
    }
  };

  timer = clock.setTimeout(turn, PAUSE_MS);
  return () => clock.clearTimeout(timer);
};

/**
 * Deletes one step and answers the greatest number of rows deleted from one table. Events and
 * interactions go from the oldest on, so that what is kept has no holes.
 */
const prepareForget = (sql: Database.Database): ((now: number) => number) => {
  const statements = [
    { statement: sql.prepare<[number]>(deleteOldest('events', 'seq')), age: EVENTS_MS },
    {
      statement: sql.prepare<[number]>(deleteOldest('interaction_log', 'id')),
      age: INTERACTIONS_MS,
    },
    { statement: sql.prepare<[number]>(DELETE_SNAPSHOTS), age: GONE_MS },
    { statement: sql.prepare<[number]>('DELETE FROM agent_state WHERE gone_at < ?'), age: GONE_MS },
  ];
  const step = sql.transaction((now: number) =>
    Math.max(...statements.map(({ statement, age }) => statement.run(now - age).changes)),
  );
  return (now) => step.immediate(now);
};

const DELETE_SNAPSHOTS =
  'DELETE FROM snapshots WHERE key IN (SELECT key FROM agent_state WHERE gone_at < ?)';

const deleteOldest = (table: string, id: string): string => `
  WITH oldest AS (SELECT ${id}, at FROM ${table} ORDER BY ${id} LIMIT ${STEP_ROWS})
  DELETE FROM ${table}
  WHERE ${id} <= (SELECT max(${id}) FROM oldest)
    AND ${id} < (SELECT coalesce(min(${id}), 9e18) FROM oldest WHERE at >= ?)`;
