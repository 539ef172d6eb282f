import type Database from 'better-sqlite3';

/** The machines' snapshots in one shape, `version`; one stored in another is not given back. */
export const createSnapshots = (sql: Database.Database, version: number) => {
  const upsert = sql.prepare<[string, number, string]>(
    'INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)',
  );
  const select = sql
    .prepare<[string, number], string>('SELECT json FROM snapshots WHERE key = ? AND version = ?')
    .pluck();
  return {
    write: (key: string, json: string): void => {
      upsert.run(key, version, json);
    },
    /** The last committed snapshot of a session, or null where there is none that can be read. */
    read: (key: string): unknown => {
      const json = select.get(key, version);
      return json === undefined ? null : parsed(json);
    },
  };
};

/** What a disk has spoilt is as good as none: its session begins anew. */
const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};
