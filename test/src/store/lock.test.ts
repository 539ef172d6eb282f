import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AlreadyRunning, StoreFailed } from '../../../actors/errors.ts';
import { storeFailed } from '../../../src/store/failure.ts';
import { takeLock } from '../../../src/store/lock.ts';
import { createDataFolder, type DataFolder } from '../../support/store.ts';

let folder: DataFolder;
beforeEach(() => {
  folder = createDataFolder();
});
afterEach(() => folder[Symbol.dispose]());

const HOLDER = { pid: process.pid, since: Date.UTC(2026, 0, 1) };
const path = (): string => join(folder.path, 'lock.db');
const take = () => takeLock(path(), 'the data folder /home/user/data', HOLDER);

/** A process that takes the lock, keeps no reference to it, and lives until it is killed. */
const startHolder = async () => {
  const lock = new URL('../../../src/store/lock.ts', import.meta.url);
  const code = `
    const { takeLock } = await import(${JSON.stringify(lock.href)});
    takeLock(${JSON.stringify(path())}, 'it', { pid: process.pid, since: Date.now() });
    for (let turn = 0; turn < 10; turn += 1) {
      globalThis.gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    console.log('taken');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const kill = async (): Promise<void> => {
    if (child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  return { pid: child.pid, kill, [Symbol.asyncDispose]: kill };
};

it('refuses a second holder, saying what is held and by whom', () => {
  const lock = take();
  expect(take).toThrow(AlreadyRunning);
  expect(take).toThrow(
    `another agent-monitor (pid ${process.pid} since 2026-01-01T00:00:00.000Z) already has the data folder /home/user/data; stop that one first`,
  );
  lock.release();
  take().release();
});

it('is held against other processes until its holder is killed', async () => {
  await using holder = await startHolder();
  expect(take).toThrow(new RegExp(`pid ${holder.pid} since`));
  await holder.kill();
  take().release();
});

it('does not lose the lock by being asked again', async () => {
  const lock = take();
  expect(take).toThrow(AlreadyRunning);
  const code = `
    const Database = (await import(${JSON.stringify(import.meta.resolve('better-sqlite3'))})).default;
    const sql = new Database(${JSON.stringify(path())}, { timeout: 0 });
    try { sql.exec('BEGIN EXCLUSIVE'); console.log('free'); } catch (error) { console.log(error.code); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
  const [answer] = await once(child.stdout, 'data');
  expect(String(answer).trim()).toBe('SQLITE_BUSY');
  lock.release();
});

it('is one lock under all names of its folder', () => {
  const other = `${folder.path}-other`;
  symlinkSync(folder.path, other);
  const lock = take();
  const takeOther = () => takeLock(join(other, 'lock.db'), 'the same', HOLDER);
  expect(takeOther).toThrow(AlreadyRunning);
  lock.release();
  takeOther().release();
  rmSync(other);
});

it('is kept from being cleared away, and taken anew where it was', async () => {
  const lock = take();
  const old = new Date(2026, 0, 1);
  for (const file of [path(), `${path()}.txt`]) utimesSync(file, old, old);
  lock.renew();
  for (const file of [path(), `${path()}.txt`]) {
    expect(statSync(file).mtimeMs).toBeGreaterThan(old.getTime());
  }
  rmSync(path());
  rmSync(`${path()}.txt`);
  lock.renew();
  expect(take).toThrow(AlreadyRunning);
  lock.renew();
  expect(take).toThrow(AlreadyRunning);
  lock.release();
  take().release();
});

it('says again who holds it where only that was cleared away', () => {
  const lock = take();
  rmSync(`${path()}.txt`);
  lock.renew();
  expect(take).toThrow(`another agent-monitor (pid ${process.pid} since`);
  lock.release();
});

it('says of nobody that he holds it once it is given back, but of another who took it', async () => {
  const lock = take();
  lock.release();
  expect(existsSync(`${path()}.txt`)).toBe(false);
  const lost = take();
  rmSync(path());
  await using holder = await startHolder();
  lost.release();
  expect(take).toThrow(new RegExp(`pid ${holder.pid} since`));
});

it('writes who holds it through no link', () => {
  const target = join(folder.path, 'notes');
  writeFileSync(target, 'kept');
  symlinkSync(target, `${path()}.txt`);
  const lock = take();
  lock.renew();
  expect(readFileSync(target, 'utf8')).toBe('kept');
  expect(take).toThrow(`pid ${process.pid} since`);
  lock.release();
});

it('locks nothing through a link, and creates nothing behind it', () => {
  symlinkSync(join(folder.path, 'missing'), path());
  expect(take).toThrow(/it is no plain file/);
  expect(existsSync(join(folder.path, 'missing'))).toBe(false);
});

it('renews a lock whose folder is gone with an error of its own', () => {
  const lock = take();
  rmSync(folder.path, { recursive: true });
  writeFileSync(folder.path, '');
  expect(lock.renew).toThrow(StoreFailed);
  lock.release();
  rmSync(folder.path);
});

it('says so where another took it when it was cleared away', async () => {
  const lock = take();
  rmSync(path());
  await using holder = await startHolder();
  // The file is there again, and is not ours.
  expect(lock.renew).toThrow(AlreadyRunning);
  expect(lock.renew).toThrow(new RegExp(`pid ${holder.pid} since`));
  lock.release();
});

it('says what may be wrong where its holder does not run here', async () => {
  await using holder = await startHolder();
  writeFileSync(`${path()}.txt`, 'pid 4194305 since 2026-01-01T00:00:00.000Z\n');
  expect(holder.pid).toBeDefined();
  expect(take).toThrow(/No such process runs here: .*keep the data on a local disk/);
});

it.each([
  ['SQLITE_IOERR_LOCK', /takes no locks: keep the data on a local disk/],
  ['SQLITE_IOERR_SHMMAP', /takes no locks/],
  ['SQLITE_IOERR_SHMSIZE', /check the disk and its free space/],
])('tells what to do about %s', (code, told) => {
  expect(storeFailed('/srv/lock.db', Object.assign(new Error('no'), { code })).message).toMatch(
    told,
  );
});

it('creates its files for this user only', () => {
  const lock = take();
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(statSync(`${path()}.txt`).mode & 0o777).toBe(0o600);
  expect(readFileSync(`${path()}.txt`, 'utf8')).toMatch(/^pid \d+ since /);
  lock.release();
});

it('says what is wrong where the file cannot be a lock', () => {
  mkdirSync(path());
  expect(take).toThrow(StoreFailed);
  expect(take).toThrow(/cannot use .*lock\.db/);
});
