import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { Health, Stats } from '../../actors/ports.ts';
import { backUp } from '../../src/store/backup.ts';
import { killAtExit } from '../support/at-exit.ts';
import { commandOf, ended, send } from '../support/command-calls.ts';
import { startDaemon } from '../support/daemon.ts';
import { startRecordingAgent } from '../support/recording-agent.ts';
import { startRedis } from '../support/redis.ts';
import { createDataFolder } from '../support/store.ts';
import { startTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

it('a daemon that keeps crashing serves and watches, but types nothing until it is stopped and started in order', async () => {
  await using tmux = await startTmux();
  await using redis = await startRedis();
  await using agent = await startRecordingAgent(tmux, { name: 'shop-api' });
  await using daemon = await startDaemon({ tmux, redis, countStarts: true });
  // As if it had crashed twice already.
  const now = Date.now();
  appendFileSync(join(daemon.dataDir, 'starts'), `${now}\n${now}\n`);
  for (let crash = 0; crash < 2; crash += 1) {
    expect((await daemon.get<Stats>('/api/stats')).typing.on).toBe(true);
    await daemon.end('SIGKILL');
    await daemon.start();
  }
  expect((await daemon.get<Stats>('/api/stats')).typing).toEqual({ on: false, recentStarts: 5 });
  const { status, checks } = await daemon.get<Health>('/health');
  expect(status).toBe('degraded');
  expect(checks.supervisor.detail).toMatch(/5 starts in a minute: typing is off/);
  await daemon.agent('shop-api', ({ state }) => state === 'complete');
  const started = (await daemon.events()).filter(({ event }) => event === 'monitor_started');
  expect(started.map(({ typing }) => typing)).toEqual(['on', 'on', 'off']);

  const { id } = await send(daemon, 'shop-api', 'fix the parser');
  // The dispatcher goes its rounds meanwhile, past the one that waits.
  const { id: short } = await send(daemon, 'shop-api', 'too late', { expiresInSeconds: 1 });
  expect((await ended(daemon, short)).status).toBe('expired');
  expect((await commandOf(daemon, id)).status).toBe('queued');
  expect(agent.records()).toEqual([]);

  expect(await daemon.end('SIGTERM')).toBe(0);
  await daemon.start();
  expect((await daemon.get<Stats>('/api/stats')).typing).toEqual({ on: true, recentStarts: 1 });
  expect((await ended(daemon, id)).status).toBe('sent');
  expect(agent.submitted()).toEqual(['fix the parser']);
});

it('damaged databases are set aside, told loudly, and their backups put in their place', async () => {
  await using tmux = await startTmux();
  await using redis = await startRedis();
  await using agent = await startRecordingAgent(tmux, { name: 'shop-api' });
  await using daemon = await startDaemon({ tmux, redis });
  await daemon.agent('shop-api', ({ state }) => state === 'complete');
  await agent.type('a draft');
  const { id } = await send(daemon, 'shop-api', 'waits for the draft');
  const file = (name: string) => join(daemon.dataDir, name);
  for (const name of DATABASES) {
    const sql = new Database(file(name));
    await backUp(sql, Date.now());
    sql.close();
  }
  await agent.clear();
  expect((await ended(daemon, id)).status).toBe('sent');
  const { epoch } = (await daemon.get<Stats>('/api/stats')).events;
  // Stopped in order, it leaves all in the file itself, and nothing in its log.
  await daemon.end('SIGTERM');
  for (const name of DATABASES) {
    const whole = readFileSync(file(name));
    writeFileSync(file(name), whole.fill(0xa5, 4096, 8192));
  }

  await daemon.start();
  const health = await daemon.get<Health>('/health');
  expect(health.checks.store.detail.match(/was damaged and set aside as/g)).toHaveLength(2);
  expect((await fetch(`${daemon.url}/readyz`)).status).toBe(200);
  expect((await daemon.get<Stats>('/api/stats')).events.epoch).not.toBe(epoch);
  const started = (await daemon.events()).findLast(({ event }) => event === 'monitor_started');
  expect(started?.damaged).toHaveLength(2);
  await daemon.agent('shop-api', ({ state }) => state === 'complete');
  expect((await commandOf(daemon, id)).status).toBe('unknown');
  expect(agent.submitted()).toEqual(['waits for the draft']);
  for (const name of readdirSync(daemon.dataDir)) {
    if (name.includes('.corrupt-')) rmSync(file(name));
  }
  expect((await daemon.get<Health>('/health')).checks.store.status).toBe('ok');
});

const DATABASES = ['agent-state.db', 'command-queue.db'];

/** A daemon that nobody waits for, with a tmux server of which there is only the socket's folder. */
const launch = () => {
  const folder = createDataFolder();
  const dataDir = join(folder.path, 'data');
  const socket = join(folder.path, 'tmux', 'default');
  mkdirSync(join(folder.path, 'tmux'), { mode: 0o700 });
  const child = spawn(process.execPath, ['daemon.js'], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      API_PORT: '0',
      // Nobody listens there.
      REDIS_URL: 'redis://127.0.0.1:1',
      AGENT_MONITOR_DATA_DIR: dataDir,
      AGENT_MONITOR_TMUX_SOCKET: socket,
    },
  });
  const exit = once(child, 'exit');
  const forget = killAtExit(() => (child.pid === undefined ? [] : [child.pid]), 'SIGKILL');
  return {
    child,
    dataDir,
    exit,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exit;
      forget();
      folder[Symbol.dispose]();
    },
  };
};

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'a start that is interrupted by %s ends in order, and is no crash',
  async (signal) => {
    await using daemon = launch();
    const record = join(daemon.dataDir, 'starts');
    await until('it has begun to start', () => (existsSync(record) ? true : null));
    daemon.child.kill(signal);
    expect(await daemon.exit).toEqual([0, null]);
    expect(existsSync(record)).toBe(false);
  },
);

it('goes on, and stops in order, though nobody reads what it prints any more', async () => {
  await using daemon = launch();
  const { child } = daemon;
  const lines = createInterface({ input: child.stdout });
  const address = await new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      const found = / listens on (\S+)$/.exec(line)?.[1];
      if (found) resolve(found);
    });
  });
  child.stdout.destroy();
  child.stderr.destroy();
  // Each refusal is logged.
  for (let n = 0; n < 20; n += 1) await fetch(`${address}/api/agents/nobody`);
  expect((await fetch(`${address}/livez`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await daemon.exit).toEqual([0, null]);
});
