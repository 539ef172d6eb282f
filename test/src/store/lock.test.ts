import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AlreadyRunning, StoreFailed } from '../../../actors/errors.ts';
import { takeLock } from '../../../src/store/lock.ts';
import { createDataFolder, type DataFolder } from '../../support/store.ts';

let folder: DataFolder;
beforeEach(() => {
  folder = createDataFolder();
});
afterEach(() => folder[Symbol.dispose]());

const HOLDER = { pid: 4711, since: Date.UTC(2026, 0, 1) };
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
    'another agent-monitor (pid 4711 since 2026-01-01T00:00:00.000Z) already has the data folder /home/user/data; stop that one first',
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

it('creates its files for this user only', () => {
  const lock = take();
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(statSync(`${path()}.txt`).mode & 0o777).toBe(0o600);
  expect(readFileSync(`${path()}.txt`, 'utf8')).toMatch(/^pid 4711 since /);
  lock.release();
});

it('says what is wrong where the file cannot be a lock', () => {
  mkdirSync(path());
  expect(take).toThrow(StoreFailed);
  expect(take).toThrow(/cannot use .*lock\.db/);
});
