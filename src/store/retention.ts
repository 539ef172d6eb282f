import type Database from 'better-sqlite3';
import type { Clock, Log, Stop } from '../../actors/ports.ts';
import { isPassing } from './failure.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const GONE_MS = HOUR_MS;
const EVENTS_MS = 7 * DAY_MS;
const INTERACTIONS_MS = 30 * DAY_MS;
/** How many rows of a table one step deletes at most, so that no commit waits long. */
export const STEP_ROWS = 500;
const PAUSE_MS = 50;
const REST_MS = 60 * 1000;

/**
 * Forgets step by step, with pauses between.
 * @param forget deletes one step and answers the greatest number of rows deleted from one table.
 */
export const startRetention = (options: {
  forget: (now: number) => number;
  clock: Clock;
  log: Log;
}): Stop => {
  const { forget, clock, log } = options;
  let timer: unknown;

  const turn = (): void => {
    timer = clock.setTimeout(turn, step() ? PAUSE_MS : REST_MS);
  };
  const step = (): boolean => {
    try {
      return forget(clock.now()) >= STEP_ROWS;
    } catch (err) {
      // On a full disk even deleting fails.
      if (!isPassing(err)) throw err;
      log.warn({ err }, 'what is out of date could not be deleted');
      return false;
    }
  };

  timer = clock.setTimeout(turn, PAUSE_MS);
  return () => clock.clearTimeout(timer);
};

/**
 * Forgets gone sessions after an hour, events after 7 days and interactions after 30. Events and
 * interactions go from the oldest on, so that what is kept has no holes.
 */
export const forgetAgents = (sql: Database.Database): ((now: number) => number) => {
  const statements = [
    { sql: deleteOldest('events', 'seq'), age: EVENTS_MS },
    { sql: deleteOldest('interaction_log', 'id'), age: INTERACTIONS_MS },
    { sql: DELETE_SNAPSHOTS, age: GONE_MS },
    { sql: 'DELETE FROM agent_state WHERE gone_at < @before', age: GONE_MS },
  ].map(({ sql: text, age }) => ({ statement: sql.prepare<[Times]>(text), age }));
  const step = sql.transaction((now: number) =>
    Math.max(
      ...statements.map(
        ({ statement, age }) => statement.run({ before: now - age, until: now + age }).changes,
      ),
    ),
  );
  return (now) => step.immediate(now);
};

interface Times {
  before: number;
  until: number;
}

const DELETE_SNAPSHOTS =
  'DELETE FROM snapshots WHERE key IN (SELECT key FROM agent_state WHERE gone_at < @before)';

/** What a wrong clock dated far into the future must not keep all that follows it for as long. */

const deleteOldest = (table: string, id: string): string => `
  WITH oldest AS (SELECT ${id}, at FROM ${table} ORDER BY ${id} LIMIT ${STEP_ROWS})
  DELETE FROM ${table}
  WHERE ${id} <= (SELECT max(${id}) FROM oldest)
    AND ${id} < (SELECT coalesce(min(${id}), 9e18) FROM oldest WHERE at BETWEEN @before AND @until)`;
