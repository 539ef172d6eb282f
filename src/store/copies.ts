/** Copies of a database file: whole in themselves, checked, and known as copies when they are opened. */

import Database from 'better-sqlite3';
import { damageIn, findFault } from './soundness.ts';

/** As `PRAGMA application_id`: this file was a copy, and whoever opened it has not said that he knows. */
const COPY = 0x61_6d_63_70;

/**
 * Makes a freshly written copy a file that needs no other beside it, marks it, and answers what is
 * wrong with it, or null. Reads all of it: not for the event loop.
 */
export const sealCopy = (path: string): string | null => {
  const sql = new Database(path);
  try {
    sql.pragma('journal_mode = DELETE');
    sql.pragma(`application_id = ${COPY}`);
    return findFault(sql, 'all');
  } catch (error) {
    return damageIn(error);
  } finally {
    sql.close();
  }
};

export const isCopy = (sql: Database.Database): boolean =>
  sql.pragma('application_id', { simple: true }) === COPY;

/** What follows from its being a copy is done: from now on it is the database itself. */
export const settleCopy = (sql: Database.Database): void => {
  sql.pragma('application_id = 0');
};
