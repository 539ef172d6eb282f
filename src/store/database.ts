import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Database from 'better-sqlite3';
import type { Clock, Log } from '../../actors/ports.ts';
import { namingFile } from './failure.ts';
import { openSqlite } from './sqlite.ts';

export interface AgentDatabase {
  readonly sql: Database.Database;
  /** Names this database; a new one, a restored one and a renewed one have another. */
  readonly epoch: string;
  readonly host: string;
  /** Where the damaged database was put that lay there before this start, or null. */
  readonly aside: string | null;
  /** For a person: that there was more than is here now, and what to do; or null. */
  readonly loss: string | null;
  /** Begins a new epoch: what is committed from now on is of another history than before. */
  renewEpoch(): void;
  close(): void;
}

/**
 * Opens `agent-state.db` in the data folder.
 * @throws {StoreFailed}
 */
export const openDatabase = (options: {
  dataDir: string;
  host: string;
  clock: Clock;
  log: Log;
  /** A UUID, for a new epoch. */
  newId: () => string;
  /** The folder of the numbered `.sql` files; the program's own where not given. */
  migrations?: string;
}): AgentDatabase => {
  const { host, clock, log, newId, migrations = MIGRATIONS } = options;
  const path = join(options.dataDir, 'agent-state.db');
  const { sql, begun, settle, aside, loss } = openSqlite({
    ...{ path, migrations, now: clock.now(), log },
  });

  // Writes only what is not so already: a start must do on a full disk.
  const read = sql.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck();
  const keep = sql.prepare<[string, string]>('INSERT OR REPLACE INTO meta VALUES (?, ?)');
  const renew = (): string => {
    const epoch = newId();
    keep.run('epoch', epoch);
    return epoch;
  };
  let epoch = namingFile(path, () => {
    const found = begun === 'existing' ? (read.get('epoch') ?? renew()) : renew();
    if (read.get('host') !== host) keep.run('host', host);
    if (begun === 'restored') settle();
    return found;
  });

  return {
    sql,
    host,
    aside,
    loss,
    get epoch() {
      return epoch;
    },
    renewEpoch: () => {
      epoch = renew();
    },
    close: () => {
      sql.close();
    },
  };
};

const MIGRATIONS = fileURLToPath(new URL('migrations', import.meta.url));
