import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreFailed } from '../../../actors/errors.ts';
import { dropAsides, setAside } from '../../../src/store/asides.ts';
import { backUp, listBackups } from '../../../src/store/backup.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { prepareReplacement } from '../../../src/store/recovery.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';
import {
  createDataFolder,
  type DataFolder,
  draft,
  endOfTurn,
  startStore,
  stepTo,
} from '../../support/store.ts';

let folder: DataFolder;
beforeEach(() => {
  folder = createDataFolder();
});
afterEach(() => folder[Symbol.dispose]());

const inFolder = (...names: string[]): string => join(folder.path, ...names);

const open = (parts: { dataDir?: string; migrations?: string; host?: string } = {}) => {
  const log = createRecordedLog();
  const clock = createManualClock();
  const options = { dataDir: folder.path, host: 'host-a', clock, log, newId: randomUUID };
  return { log, database: openDatabase({ ...options, ...parts }) };
};

/** Writes `events` events, and closes the database as a daemon that ends in order does. */
const fill = (events: number): { epoch: string } => {
  using store = startStore({ folder: folder.path });
  store.journal.announce(Array.from({ length: events }, () => draft('shop', { fill: FILL })));
  return { epoch: store.outbox.epoch };
};
const FILL = 'x'.repeat(1000);

/** The same, but as `kill -9` leaves it: the last event only in the log. */
const fillAndKill = async (events: number): Promise<void> => {
  fill(events - 1);
  using live = createDataFolder();
  copyFileSync(inFolder('agent-state.db'), join(live.path, 'agent-state.db'));
  using store = startStore({ folder: live.path });
  store.journal.announce([draft('shop', { fill: FILL })]);
  await endOfTurn();
  for (const name of readdirSync(live.path)) {
    if (name.startsWith('agent-state.db')) copyFileSync(join(live.path, name), inFolder(name));
  }
};

const overwrite = (name: string, position: number, bytes: Buffer): void => {
  const file = openSync(inFolder(name), 'r+');
  writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
};

const asides = (): string[] =>
  readdirSync(folder.path)
    .filter((name) => name.includes('.corrupt-'))
    .sort();

describe('opening', () => {
  it('creates the folder for its user only, and the files too', () => {
    const { database } = open({ dataDir: inFolder('data') });
    database.sql.exec('DELETE FROM cursors');
    const mode = (...names: string[]) => statSync(inFolder('data', ...names)).mode & 0o777;
    expect(mode()).toBe(0o700);
    expect(mode('agent-state.db')).toBe(0o600);
    expect(mode('agent-state.db-wal')).toBe(0o600);
    database.close();
  });

  it('syncs every commit, when it is new and whenever it is opened again', () => {
    for (let n = 0; n < 3; n += 1) {
      const { database } = open();
      expect(database.sql.pragma('synchronous', { simple: true })).toBe(2);
      expect(database.sql.pragma('journal_mode', { simple: true })).toBe('wal');
      database.close();
    }
  });

  it('names the database once, and its host as it is now', () => {
    const first = open().database;
    const { epoch } = first;
    first.close();
    const second = open({ host: 'host-b' }).database;
    expect(second.epoch).toBe(epoch);
    expect(second.host).toBe('host-b');
    expect(second.sql.prepare('SELECT name, value FROM meta ORDER BY name').raw().all()).toEqual([
      ['epoch', epoch],
      ['host', 'host-b'],
    ]);
    second.renewEpoch();
    expect(second.epoch).not.toBe(epoch);
    const renewed = second.epoch;
    second.close();
    const third = open().database;
    expect(third.epoch).toBe(renewed);
    third.close();
  });

  it.each([
    ['the folder is a file', () => writeFileSync(inFolder('data'), '')],
    [
      'the database is a folder',
      () => mkdirSync(inFolder('data', 'agent-state.db'), { recursive: true }),
    ],
  ])('refuses where %s, naming the path and what to do', (_, prepare) => {
    prepare();
    expect(() => open({ dataDir: inFolder('data') })).toThrow(StoreFailed);
    expect(() => open({ dataDir: inFolder('data') })).toThrow(
      /cannot use .*data\/agent-state\.db: .*AGENT_MONITOR_DATA_DIR/,
    );
  });

  it('refuses a database that may be read but not written, and leaves it as it is', () => {
    fill(3);
    const before = readFileSync(inFolder('agent-state.db'));
    chmodSync(inFolder('agent-state.db'), 0o444);
    chmodSync(folder.path, 0o555);
    const refused = asOrdinaryUser(() => {
      try {
        open().database.close();
        return 'opened';
      } catch (error) {
        return error;
      }
    });
    chmodSync(folder.path, 0o755);
    expect(refused).toBeInstanceOf(StoreFailed);
    expect(String(refused)).toMatch(/agent-state\.db: .*AGENT_MONITOR_DATA_DIR/);
    expect(readFileSync(inFolder('agent-state.db'))).toEqual(before);
    expect(asides()).toEqual([]);
  });
});

/** Permissions do not bind root. */
const asOrdinaryUser = <T>(act: () => T): T => {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
};

describe('on a full disk', () => {
  const NO_MOUNT = 'this user may not mount a small disk: it was not filled';

  it.for<[string, string[]]>([
    ['what kill -9 leaves', ['-wal', '-shm']],
    ['what kill -9 and a restart of the machine leave', ['-wal']],
    ['what an orderly stop leaves', []],
  ])('opens %s, to be read, and writes once there is room', async ([, kept], { annotate }) => {
    using disk = mountSmallDisk(8);
    if (disk === null) return void (await annotate(NO_MOUNT));
    await fillAndKill(5);
    if (kept.length === 0) open().database.close();
    for (const suffix of ['', ...kept]) {
      copyFileSync(inFolder(`agent-state.db${suffix}`), join(disk.path, `agent-state.db${suffix}`));
    }
    disk.fill();
    const { database } = open({ dataDir: disk.path });
    const count = () => database.sql.prepare('SELECT count(*) FROM events').pluck().get();
    expect(count()).toBe(5);
    const forget = () => database.sql.exec('DELETE FROM events WHERE seq = 1');
    expect(forget).toThrow(/full/);
    disk.free();
    forget();
    expect(count()).toBe(4);
    database.close();
    const again = open({ dataDir: disk.path }).database;
    expect(again.sql.prepare('SELECT count(*) FROM events').pluck().get()).toBe(4);
    again.close();
  });

  it('says which file, how much is free and what to do where it must write', async ({
    annotate,
  }) => {
    using disk = mountSmallDisk(8);
    if (disk === null) return void (await annotate(NO_MOUNT));
    fill(1);
    copyFileSync(inFolder('agent-state.db'), join(disk.path, 'agent-state.db'));
    disk.fill();
    expect(() => open({ dataDir: disk.path, host: 'host-b' })).toThrow(
      expect.objectContaining({
        code: 'store_failed',
        message: expect.stringMatching(
          /cannot use .*agent-state\.db: .*; check the disk and its free space: 0 MB are free in \//,
        ),
      }),
    );
  });
});

describe('a file that is taken away', () => {
  it('while it is open is told once, and as long as it is so', () => {
    using store = startStore({ folder: folder.path });
    store.clock.advance(60_000);
    expect(store.health().status).toBe('ok');
    renameSync(inFolder('agent-state.db'), inFolder('elsewhere'));
    store.clock.advance(60_000);
    const [told, ...more] = store.log.messages('error');
    expect(told).toMatch(/agent-state\.db was removed while it was open: .* restart/);
    expect(more).toEqual([]);
    expect(store.health()).toEqual({ status: 'down', detail: told });
    writeFileSync(inFolder('agent-state.db'), '');
    expect(store.health().detail).toMatch(/was replaced by another file/);
    renameSync(inFolder('elsewhere'), inFolder('agent-state.db'));
    expect(store.health().status).toBe('ok');
  });

  it('between two starts is begun anew, loudly, where there are backups of it', async () => {
    fill(3);
    const { database: live } = open();
    await backUp(live.sql, Date.UTC(2026, 0, 1));
    live.close();
    rmSync(inFolder('agent-state.db'));
    const told = /agent-state\.db was missing, .* copy .*backups\/agent-state\.2026-.*\.db there/;
    {
      using store = startStore({ folder: folder.path });
      expect(store.events.last()).toBe(0);
      expect(store.health()).toEqual({ status: 'degraded', detail: expect.stringMatching(told) });
      expect(store.log.messages('error')).toEqual([expect.stringMatching(told)]);
    }
    using next = startStore({ folder: folder.path });
    expect(next.health().status).toBe('ok');
  });
});

describe('a log that is taken away', () => {
  /** As `kill -9` and `rm` leave a database that was never written back from its log. */
  const loseLog = async (): Promise<void> => {
    using live = createDataFolder();
    using store = startStore({ folder: live.path });
    store.journal.announce([draft('shop')]);
    await endOfTurn();
    copyFileSync(join(live.path, 'agent-state.db'), inFolder('agent-state.db'));
    expect(statSync(inFolder('agent-state.db')).size).toBe(4096);
  };

  it('is told where all stood in it', async () => {
    await loseLog();
    using store = startStore({ folder: folder.path });
    const told = expect.stringMatching(/held nothing, as its log \(-wal\) was removed/);
    expect(store.log.messages('error')).toEqual([told]);
    expect(store.health()).toEqual({ status: 'degraded', detail: told });
  });

  it('is damage where there is a backup', async () => {
    const { epoch } = fill(3);
    const { database: live } = open();
    await backUp(live.sql, Date.UTC(2026, 0, 1));
    live.close();
    await loseLog();
    const { database, log } = open();
    expect(log.messages('error')).toEqual([expect.stringMatching(/last sound backup put in its/)]);
    expect(asides()[0]).toMatch(/^agent-state\.db\.corrupt-/);
    expect(database.sql.prepare('SELECT max(seq) FROM events').pluck().get()).toBe(3);
    expect(database.epoch).not.toBe(epoch);
    database.close();
  });
});

describe('migrating', () => {
  const addMigration = (name: string, statements: string): string => {
    const migrations = inFolder('migrations');
    cpSync(new URL('../../../src/store/migrations', import.meta.url), migrations, {
      recursive: true,
    });
    writeFileSync(join(migrations, name), statements);
    return migrations;
  };

  it('backs up a database that holds something, then brings it to the newest schema', () => {
    const { epoch } = fill(3);
    const migrations = addMigration('0007-mark.sql', 'ALTER TABLE events ADD COLUMN mark TEXT;');
    const { database } = open({ migrations });
    expect(database.epoch).toBe(epoch);
    expect(database.sql.pragma('user_version', { simple: true })).toBe(7);
    expect(database.sql.prepare('SELECT count(mark IS NULL) FROM events').pluck().get()).toBe(3);
    const [backup = ''] = listBackups(database.sql.name);
    const copy = new Database(backup, { readonly: true });
    expect(copy.pragma('user_version', { simple: true })).toBe(6);
    expect(copy.prepare('SELECT count(*) FROM events').pluck().get()).toBe(3);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    copy.close();
    database.close();
  });

  it('makes no backup of a new database', () => {
    const migrations = addMigration('0007-mark.sql', 'ALTER TABLE events ADD COLUMN mark TEXT;');
    const { database } = open({ migrations });
    expect(listBackups(database.sql.name)).toEqual([]);
    database.close();
  });

  it('leaves the old schema in place where a migration fails', () => {
    fill(3);
    const migrations = addMigration('0007-bad.sql', 'DROP TABLE events; SELECT nonsense;');
    expect(() => open({ migrations })).toThrow(StoreFailed);
    const { database } = open();
    expect(database.sql.pragma('user_version', { simple: true })).toBe(6);
    expect(database.sql.prepare('SELECT count(*) FROM events').pluck().get()).toBe(3);
    database.close();
  });

  it('refuses a schema that is newer than it knows, and leaves it alone', () => {
    fill(3);
    const sql = new Database(inFolder('agent-state.db'));
    sql.pragma('user_version = 8');
    sql.close();
    const before = readFileSync(inFolder('agent-state.db'));
    expect(() => open()).toThrow(
      /newer agent-monitor \(schema 8, this one knows up to 6\); start that version/,
    );
    expect(readFileSync(inFolder('agent-state.db'))).toEqual(before);
  });
});

describe('a damaged file', () => {
  it.each<[string, () => void]>([
    ['a header of garbage', () => overwrite('agent-state.db', 0, Buffer.alloc(100, 0xa5))],
    ['a page of garbage', () => overwrite('agent-state.db', 3 * 4096, Buffer.alloc(4096, 0xa5))],
    ['half its length', () => truncateSync(inFolder('agent-state.db'), 8 * 4096 + 1)],
  ])(
    'with %s is set aside as it is, loudly, and a new database of another epoch begun',
    (_, damage) => {
      const { epoch } = fill(100);
      damage();
      const before = readFileSync(inFolder('agent-state.db'));
      const { database, log } = open();
      const [aside = ''] = asides();
      expect(aside).toMatch(/^agent-state\.db\.corrupt-2026-01-01T00-00-00\.000Z$/);
      expect(readFileSync(inFolder(aside))).toEqual(before);
      expect(database.epoch).not.toBe(epoch);
      expect(database.sql.prepare('SELECT count(*) FROM events').pluck().get()).toBe(0);
      expect(log.messages('error')).toEqual([
        expect.stringMatching(/is damaged: it was set aside, and a new database was begun/),
      ]);
      database.close();
    },
  );

  it.each<[string, () => void]>([
    ['is damaged', () => overwrite('agent-state.db', 20 * 4096, Buffer.alloc(4096, 0xa5))],
    ['was emptied', () => truncateSync(inFolder('agent-state.db'))],
  ])('that %s is set aside with its log', async (_, damage) => {
    await fillAndKill(100);
    damage();
    const names = ['agent-state.db', 'agent-state.db-wal'];
    const before = names.map((name) => readFileSync(inFolder(name)));
    open().database.close();
    const set = asides().filter((name) => !name.endsWith('-shm'));
    expect(set).toHaveLength(2);
    expect(set.map((name) => readFileSync(inFolder(name)))).toEqual(before);
  });

  it('is never overwritten by the next one of the same moment', () => {
    for (let n = 0; n < 2; n += 1) {
      fill(1);
      overwrite('agent-state.db', 0, Buffer.alloc(100, n));
      open().database.close();
    }
    expect(asides().map((name) => readFileSync(inFolder(name))[0])).toEqual([0, 1]);
  });

  it('is replaced by the newest sound backup, in a new epoch', async () => {
    const { epoch } = fill(10);
    const { database: live } = open();
    await backUp(live.sql, Date.UTC(2026, 0, 1));
    await backUp(live.sql, Date.UTC(2026, 0, 2));
    live.close();
    const [newest = ''] = listBackups(inFolder('agent-state.db'));
    truncateSync(newest, 8 * 4096 + 1);
    fill(10);
    overwrite('agent-state.db', 0, Buffer.alloc(100, 0xa5));

    const { database, log } = open();
    expect(database.sql.prepare('SELECT max(seq) FROM events').pluck().get()).toBe(10);
    expect(database.epoch).not.toBe(epoch);
    expect(asides()).toHaveLength(1);
    expect(log.messages('error')[0]).toMatch(/last sound backup put in its place/);
    expect(statSync(inFolder('agent-state.db')).mode & 0o777).toBe(0o600);
    database.close();
  });

  it('is replaced though a start was killed between the one and the other', async () => {
    const { epoch } = fill(10);
    const { database: live } = open();
    await backUp(live.sql, Date.UTC(2026, 0, 1));
    live.close();
    const path = inFolder('agent-state.db');
    prepareReplacement(path);
    setAside(path, 0);
    const { database, log } = open();
    expect(log.messages('warn')).toEqual([expect.stringMatching(/^.* was missing: the backup/)]);
    expect(database.sql.prepare('SELECT max(seq) FROM events').pluck().get()).toBe(10);
    expect(database.epoch).not.toBe(epoch);
    database.close();
  });

  it('stays where it is as long as there is no room for its replacement', async () => {
    fill(10);
    const { database: live } = open();
    await backUp(live.sql, Date.UTC(2026, 0, 1));
    live.close();
    overwrite('agent-state.db', 0, Buffer.alloc(100, 0xa5));
    // A folder in the way fails as a full disk does, when the copy is there and not yet checked.
    mkdirSync(inFolder('agent-state.db.restoring-journal'));
    expect(() => open()).toThrow(StoreFailed);
    expect(asides()).toEqual([]);
    expect(existsSync(inFolder('agent-state.db.restoring'))).toBe(false);
    rmSync(inFolder('agent-state.db.restoring-journal'), { recursive: true });
    const { database } = open();
    expect(database.sql.prepare('SELECT max(seq) FROM events').pluck().get()).toBe(10);
    database.close();
  });

  it('leaves no draft that a later start could take for the database', async () => {
    fill(10);
    const { database: live } = open();
    await backUp(live.sql, Date.UTC(2026, 0, 1));
    live.close();
    prepareReplacement(inFolder('agent-state.db'));
    expect(existsSync(inFolder('agent-state.db.restoring'))).toBe(true);
    open().database.close();
    expect(existsSync(inFolder('agent-state.db.restoring'))).toBe(false);
  });

  it('is kept the first time and the newest few, whatever the number of starts', () => {
    const path = inFolder('agent-state.db');
    const logs = [];
    for (let n = 0; n < 7; n += 1) {
      fill(1);
      overwrite('agent-state.db', 0, Buffer.alloc(100, n));
      setAside(path, Date.UTC(2026, 0, 1 + n));
      writeFileSync(inFolder(`${asides().at(-1)}-wal`), 'its log');
      const { database, log } = open();
      database.close();
      logs.push(...log.messages('error'));
    }
    const kept = asides().filter((name) => !name.endsWith('-wal'));
    expect(kept.map((name) => readFileSync(inFolder(name))[0])).toEqual([0, 4, 5, 6]);
    expect(asides()).toHaveLength(8);
    expect(logs).toHaveLength(3);
    expect(logs[0]).toMatch(/too many files .* older ones are removed/);

    const log = createRecordedLog();
    dropAsides(path, log, 1);
    expect(asides().filter((name) => !name.endsWith('-wal'))).toEqual([kept[0], kept[3]]);
    for (const name of asides().slice(2)) rmSync(inFolder(name));
    dropAsides(path, log, 1);
    expect(asides()).toHaveLength(2);
  });

  it('that a person replaced by a backup begins a new epoch, once', async () => {
    const { epoch } = fill(10);
    const { database: live } = open();
    await backUp(live.sql, Date.UTC(2026, 0, 1));
    live.close();
    copyFileSync(listBackups(inFolder('agent-state.db'))[0] ?? '', inFolder('agent-state.db'));
    const { database: first, log } = open();
    const renewed = first.epoch;
    expect(renewed).not.toBe(epoch);
    first.close();
    const { database: second } = open();
    expect(second.epoch).toBe(renewed);
    second.close();
    expect(log.messages('error')).toEqual([]);
  });

  it('is told until someone takes it away', () => {
    fill(1);
    overwrite('agent-state.db', 0, Buffer.alloc(100, 0xa5));
    const health = () => {
      using store = startStore({ folder: folder.path });
      return store.health();
    };
    const told = {
      status: 'degraded',
      detail: expect.stringMatching(/set aside as agent-state\.db\.corrupt-.*; move it away/),
    };
    expect(health()).toMatchObject(told);
    expect(health()).toMatchObject(told);
    for (const name of asides()) rmSync(inFolder(name));
    expect(health().status).toBe('ok');
  });

  /** The bytes that are changed are spread over all pages by a fixed rule. */
  it('is found or harmless wherever a byte of it is changed', { timeout: 60_000 }, () => {
    {
      using store = startStore({ folder: folder.path });
      for (let n = 0; n < 60; n += 1) {
        store.journal.record(stepTo(`shop-${n}`, n % 2 === 0 ? 'working' : 'reading'));
        store.journal.announce([draft(`shop-${n}`, { fill: FILL })]);
      }
    }
    const whole = readFileSync(inFolder('agent-state.db'));
    const { length } = whole;
    const found = { set: 0, kept: 0 };
    for (let n = 0; n < 150; n += 1) {
      using other = createDataFolder();
      const path = join(other.path, 'agent-state.db');
      const at = (n * 7919 + Math.floor((n / 150) * length)) % length;
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (n % 8));
      writeFileSync(path, bytes);
      using store = startStore({ folder: other.path });
      const kept = readdirSync(other.path).filter((name) => name.includes('.corrupt-'));
      found[kept.length > 0 ? 'set' : 'kept'] += 1;
      const rows = store.journal.rows();
      for (const { key } of rows) store.journal.snapshot(key);
      const events = store.events.after(0, 1000);
      expect([rows.length, events.length], `byte ${at}`).toEqual(
        kept.length > 0 ? [0, 0] : [60, 120],
      );
      for (const { seq } of events.slice(0, 1)) expect(seq).toBe(1);
    }
    expect(found.set).toBeGreaterThan(5);
    expect(found.kept).toBeGreaterThan(50);
  });

  it('is not suspected in what kill -9 leaves, with or without the index of its log', async () => {
    await fillAndKill(5);
    const shared = inFolder('agent-state.db-shm');
    expect(existsSync(shared)).toBe(true);
    truncateSync(shared);
    const { database, log } = open();
    expect(database.sql.prepare('SELECT max(seq) FROM events').pluck().get()).toBe(5);
    expect(log.lines).toEqual([]);
    database.close();
  });
});
