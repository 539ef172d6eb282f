import type Database from 'better-sqlite3';
import type { CommandStatus } from '../../machines/vocabulary.ts';
import type { CommandTally } from './command-tally.ts';
import { STEP_ROWS } from './retention.ts';

const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** Forgets commands 7 days after their end, a step at a time; answers how many it deleted. */
export const forgetCommands = (
  sql: Database.Database,
  tally: CommandTally,
): ((now: number) => number) => {
  const remove = sql.prepare<[number, number], { key: string; status: CommandStatus }>(
    `DELETE FROM commands WHERE position IN
       (SELECT position FROM commands WHERE finished_at < ? ORDER BY finished_at LIMIT ?)
     RETURNING key, status`,
  );
  return (now) => {
    const forgotten = remove.all(now - KEPT_MS, STEP_ROWS);
    for (const { key, status } of forgotten) tally.move(key, status, null);
    return forgotten.length;
  };
};
