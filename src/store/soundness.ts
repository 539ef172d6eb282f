import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { isKind } from './failure.ts';

/** Up to this size looking at everything takes a fraction of a second. */
const CHECKED_WHOLE_BYTES = 64 * 1024 * 1024;

/**
 * What is wrong with the database, or null where it is sound. Reads; writes nothing. Of a large one
 * `quickly` leaves out whether the indexes agree with their tables.
 */
export const findFault = (sql: Database.Database, how: 'quickly' | 'all'): string | null => {
  const whole = how === 'all' || statSync(sql.name).size <= CHECKED_WHOLE_BYTES;
  try {
    const check = whole ? 'integrity_check(1)' : 'quick_check(1)';
    const found = String(sql.pragma(check, { simple: true }));
    return found === 'ok' ? findGarbledJson(sql) : found;
  } catch (error) {
    return damageIn(error);
  }
};

/** What an error says of the file, where it says that the file is damaged. @throws {unknown} any other. */
export const damageIn = (error: unknown): string => {
  if (isKind(error, 'SQLITE_CORRUPT', 'SQLITE_NOTADB')) return (error as Error).message;
  throw error;
};

/** A changed byte within a text is nothing to SQLite, but what cannot be parsed stops whoever reads it. */
const findGarbledJson = (sql: Database.Database): string | null => {
  for (const [table, columns] of Object.entries(JSON_COLUMNS)) {
    if (!hasTable(sql, table)) continue;
    const garbled = columns.map((column) => `NOT json_valid(${column})`).join(' OR ');
    const found = sql.prepare(`SELECT 1 FROM ${table} WHERE ${garbled} LIMIT 1`).get();
    if (found !== undefined) return `${table} holds a text that is no JSON`;
  }
  return null;
};

/**
 * What a start must be able to read. A snapshot that cannot be read costs no more than itself, and
 * the events, which are many, are looked at when they are read.
 */
const JSON_COLUMNS = {
  agent_state: ['indicators', 'other_panes', 'dialog', 'todos', 'machine'],
  commands: ['target', 'act'],
  pending_events: ['body'],
};

const hasTable = (sql: Database.Database, table: string): boolean =>
  sql.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(table) !==
  undefined;
