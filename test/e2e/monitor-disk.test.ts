import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { Health } from '../../actors/ports.ts';
import { backUp } from '../../src/store/backup.ts';
import { call, ended, send } from '../support/command-calls.ts';
import { startDaemon } from '../support/daemon.ts';
import { startRedis } from '../support/redis.ts';
import { startAgent } from '../support/simulated-agent.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { startTmux } from '../support/tmux.ts';
import { LONG_TURN } from '../support/turns.ts';
import { until } from '../support/until.ts';

const NO_MOUNT = 'this user may not mount a small disk: it was not filled';

it('on a full disk it reads, refuses and goes on watching, also after kill -9, and catches up', async ({
  annotate,
}) => {
  // Room for the backups too, where it is not filled.
  using disk = mountSmallDisk(160);
  if (disk === null) return void (await annotate(NO_MOUNT));
  const dataDir = join(disk.path, 'data');
  await using tmux = await startTmux();
  await using redis = await startRedis();
  await using agent = await startAgent(tmux, LONG_TURN, { name: 'shop-api', stepped: true });
  await using daemon = await startDaemon({
    ...{ tmux, redis },
    env: { AGENT_MONITOR_DATA_DIR: dataDir },
  });
  await daemon.agent('shop-api', ({ state }) => state === 'complete');
  const storeCheck = async () => (await daemon.get<Health>('/health')).checks.store;
  const refused = async () => {
    const body = { command: 'refused' };
    const response = await call(daemon, 'POST', '/api/agents/shop-api/command', body);
    return response.status;
  };

  // Some is left: nothing is promised any more, but what happens is still kept.
  disk.fill(8 * 1024 * 1024);
  await until('the room is looked at', async () => ((await refused()) === 507 ? true : null));
  expect(await storeCheck()).toMatchObject({ status: 'degraded' });
  expect((await fetch(`${daemon.url}/readyz`)).status).toBe(200);

  disk.fill();
  await agent.type('fix the parser');
  await agent.press('Enter');
  await until('it cannot write', async () =>
    (await storeCheck()).status === 'down' ? true : null,
  );
  expect((await storeCheck()).detail).toMatch(/cannot write .*waiting: [1-9]/);
  expect((await fetch(`${daemon.url}/readyz`)).status).toBe(503);
  expect((await daemon.get<{ count: number }>('/api/agents')).count).toBe(1);
  expect(await refused()).toBe(507);
  await agent.order('next');
  await agent.order('next');

  await daemon.end('SIGKILL');
  expect(existsSync(join(dataDir, 'reserve'))).toBe(true);
  disk.fill();
  await daemon.start();
  expect(existsSync(join(dataDir, 'reserve'))).toBe(false);
  disk.fill();
  expect((await daemon.get<{ count: number }>('/api/agents')).count).toBe(1);
  expect(await refused()).toBe(507);
  const complaints = daemon.printed().match(/cannot write/g) ?? [];
  expect(complaints.length).toBeLessThan(20);

  disk.free();
  await daemon.agent('shop-api', ({ state }) => state === 'working');
  // That no backup could be made meanwhile is told until there is one.
  await until('it writes again', async () => {
    const { status, detail } = await storeCheck();
    const isFull = /cannot write|free some space/.test(detail);
    return status !== 'down' && !isFull ? true : null;
  });
  const events = await daemon.events();
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const states = events.filter(({ event }) => event === 'state_change').map(({ state }) => state);
  expect(states).toEqual(['complete', 'working']);
  const { id } = await send(daemon, 'shop-api', 'accepted', { when: 'idle', expiresInSeconds: 1 });
  expect((await ended(daemon, id)).status).toBe('expired');
});

it('on a full disk too small for a reserve it starts after kill -9, serves and leaves no drafts', async ({
  annotate,
}) => {
  using disk = mountSmallDisk(8);
  if (disk === null) return void (await annotate(NO_MOUNT));
  const dataDir = join(disk.path, 'data');
  await using tmux = await startTmux();
  await using redis = await startRedis();
  await using agent = await startAgent(tmux, LONG_TURN, { name: 'shop-api', stepped: true });
  await using daemon = await startDaemon({
    ...{ tmux, redis },
    env: { AGENT_MONITOR_DATA_DIR: dataDir },
  });
  await daemon.agent('shop-api', ({ state }) => state === 'complete');
  await daemon.end('SIGKILL');
  // As after a restart of the machine that mended nothing.
  for (const name of ['agent-state.db-shm', 'command-queue.db-shm']) rmSync(join(dataDir, name));
  disk.fill();
  await daemon.start();
  expect((await daemon.get<{ count: number }>('/api/agents')).count).toBe(1);
  const { store } = (await daemon.get<Health>('/health')).checks;
  expect(store.detail).toMatch(/no command is accepted: 0 MB are free, .*free some space/);
  expect(readdirSync(dataDir).filter((name) => name.endsWith('.new'))).toEqual([]);
  disk.free();
  await agent.type('fix the parser');
  await agent.press('Enter');
  await agent.order('next');
  await agent.order('next');
  await daemon.agent('shop-api', ({ state }) => state === 'working');
  const events = await daemon.events();
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
});

it('a backup for which there is no room is not made, and leaves nothing behind', async ({
  annotate,
}) => {
  using disk = mountSmallDisk(90);
  if (disk === null) return void (await annotate(NO_MOUNT));
  const sql = new Database(join(disk.path, 'agent-state.db'));
  sql.exec('CREATE TABLE t (fill TEXT)');
  const insert = sql.prepare('INSERT INTO t VALUES (?)');
  for (let n = 0; n < 8; n += 1) insert.run('x'.repeat(1024 * 1024));
  // There is room when it begins, and none any more when it ends.
  const copying = backUp(sql, Date.UTC(2026, 0, 1));
  disk.fill();
  await expect(copying).rejects.toThrow(/full|ENOSPC|I\/O/i);
  expect(readdirSync(join(disk.path, 'backups'))).toEqual([]);
  await expect(backUp(sql, Date.UTC(2026, 0, 1))).rejects.toThrow(/are needed for a copy/);
  disk.free();
  await backUp(sql, Date.UTC(2026, 0, 1));
  expect(readdirSync(join(disk.path, 'backups'))).toHaveLength(1);
  sql.close();
});
