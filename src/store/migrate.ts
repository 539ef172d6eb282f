import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { StoreFailed } from '../../actors/errors.ts';
import type { Log } from '../../actors/ports.ts';
import { backUpNow } from './backup.ts';

interface Migration {
  version: number;
  name: string;
}

/**
 * Brings the schema to the newest of the numbered `.sql` files in `folder`, each in a transaction of
 * its own. A database that has a schema already is backed up first.
 * @throws {StoreFailed} where the schema is newer than the newest file.
 */
export const migrate = (options: {
  sql: Database.Database;
  folder: string;
  now: number;
  log: Log;
}): void => {
  const { sql, folder, now, log } = options;
  const migrations = listMigrations(folder);
  const newest = migrations.at(-1)?.version ?? 0;
  const version = Number(sql.pragma('user_version', { simple: true }));
  if (version > newest) throw newerSchema(sql.name, version, newest);

  const open = migrations.filter((migration) => migration.version > version);
  if (version > 0 && open.length > 0) {
    const backup = backUpNow(sql, now);
    log.info({ backup, from: version, to: newest }, 'the database was backed up to be migrated');
  }
  for (const { version, name } of open) {
    const statements = readFileSync(join(folder, name), 'utf8');
    const apply = sql.transaction(() => {
      sql.exec(statements);
      sql.pragma(`user_version = ${version}`);
    });
    apply.immediate();
  }
};

const listMigrations = (folder: string): Migration[] =>
  readdirSync(folder)
    .filter((name) => /^\d{4}-.+\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number.parseInt(name, 10), name }));

const newerSchema = (path: string, version: number, newest: number): StoreFailed =>
  new StoreFailed(
    `${path} was written by a newer agent-monitor (schema ${version}, this one knows up to ${newest}); ` +
      'start that version, or move the file away to begin anew',
  );
