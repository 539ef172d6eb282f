/** What goes wrong with tmux is said, is survived, and is no news of the agents. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Health } from '../../actors/ports.ts';
import type { AgentDetail } from '../../machines/vocabulary.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { startOtherVersion } from '../support/imsg-server.ts';
import { asPaintedAgents, startPaintedAgent } from '../support/painted-agent.ts';
import { startRedis } from '../support/redis.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

/** An agent in its first turn, watched by a client of its own. */
const watchAgent = async (scope: AsyncDisposableStack, env: Record<string, string> = {}) => {
  const tmux = scope.use(await startTmux());
  const redis = scope.use(await startRedis());
  const agent = scope.use(await startPaintedAgent(tmux, { name: 'shop-api' }));
  agent.rest(1);
  const daemon = scope.use(
    await startDaemon({
      ...{ tmux, redis, sessions: ['*'] },
      env: { ...asPaintedAgents(tmux), ...env },
    }),
  );
  await daemon.agent('shop-api', ({ state }) => state === 'complete');
  await daemon.agent('shop-api', ({ connection }) => connection === 'attached');
  return { tmux, agent, daemon };
};

const tmuxIs = (daemon: TestDaemon, status: string, detail: string) =>
  until(`tmux is ${status}`, async () => {
    const { checks } = await daemon.get<Health>('/health');
    const isAsWanted = checks.tmux.status === status && checks.tmux.detail.includes(detail);
    return isAsWanted || null;
  });

const isConnecting = ({ connection }: AgentDetail): boolean =>
  connection === 'connecting' || connection === 'reconnecting';

const clients = async (tmux: TestTmux): Promise<number[]> =>
  (await tmux.run('list-clients', '-F', '#{client_pid}')).split('\n').filter(Boolean).map(Number);

/** A turn is seen, by a client of its own, and nobody was told that anything had ended. */
const isSeenAgain = async ({ agent, daemon }: Awaited<ReturnType<typeof watchAgent>>) => {
  agent.work(2);
  await daemon.agent('shop-api', ({ state }) => state === 'reading');
  await daemon.agent('shop-api', ({ connection }) => connection === 'attached');
  const told = (await daemon.events()).map(({ event }) => event);
  expect(told).not.toContain('session_gone');
  expect(told).not.toContain('agent_error');
  expect(told.filter((event) => event === 'session_found')).toHaveLength(1);
};

test.concurrent('a server that hangs holds nobody up, and is found again where it was', async () => {
  await using scope = new AsyncDisposableStack();
  const watched = await watchAgent(scope);
  const { tmux, daemon } = watched;
  const { pid } = await tmux.identity();
  process.kill(pid, 'SIGSTOP');
  scope.defer(() => void process.kill(pid, 'SIGCONT'));
  await tmuxIs(daemon, 'down', 'no answer');
  await daemon.agent('shop-api', isConnecting);
  process.kill(pid, 'SIGCONT');
  await tmuxIs(daemon, 'ok', '');
  await isSeenAgain(watched);
  await until('only the clients of now are there', async () =>
    (await clients(tmux)).length === 2 ? true : null,
  );
});

test.concurrent('a tmux that is taken away and comes back', async () => {
  await using scope = new AsyncDisposableStack();
  const folder = scope.use(await startTmux({ started: false }));
  const bin = join(dirname(folder.socket), 'bin');
  mkdirSync(bin);
  for (const name of ['env', 'setpriv', 'true', 'tmux']) {
    const path = execFileSync('which', [name], { encoding: 'utf8' }).trim();
    symlinkSync(path, join(bin, name));
  }
  const watched = await watchAgent(scope, { PATH: bin });
  const { tmux, daemon } = watched;
  renameSync(join(bin, 'tmux'), join(bin, 'away'));
  for (const pid of await clients(tmux)) process.kill(pid, 'SIGKILL');
  await tmuxIs(daemon, 'down', 'install tmux');
  // Nothing answers, so nothing is connected.
  await daemon.agent('shop-api', isConnecting);
  renameSync(join(bin, 'away'), join(bin, 'tmux'));
  await isSeenAgain(watched);
});

test.concurrent('a server whose socket is deleted is watched on, and found at the next', async () => {
  await using scope = new AsyncDisposableStack();
  const watched = await watchAgent(scope);
  const { tmux, agent, daemon } = watched;
  const { pid } = await tmux.identity();
  unlinkSync(tmux.socket);
  await isSeenAgain(watched);
  process.kill(pid, 'SIGUSR1');
  await until('the socket is there', () => tmux.identity().catch(() => null));
  for (const client of await clients(tmux)) process.kill(client, 'SIGKILL');
  agent.rest(2);
  await daemon.agent('shop-api', ({ state }) => state === 'complete');
});

test.concurrent('a server of another version is named, and the next is found', async () => {
  await using scope = new AsyncDisposableStack();
  const { tmux, daemon } = await watchAgent(scope);
  await tmux.kill();
  unlinkSync(tmux.socket);
  const other = await startOtherVersion(tmux.socket);
  await tmuxIs(daemon, 'down', 'protocol version mismatch');
  await other[Symbol.asyncDispose]();
  await tmux.start();
  const next = scope.use(await startPaintedAgent(tmux, { name: 'shop-web' }));
  next.work(1);
  await daemon.agent('shop-web', ({ state }) => state === 'reading');
  await tmuxIs(daemon, 'ok', '');
});

test.concurrent('a burst of sessions comes and goes', async () => {
  await using scope = new AsyncDisposableStack();
  const watched = await watchAgent(scope);
  const { tmux, daemon } = watched;
  const names = Array.from({ length: 150 }, (_, index) => `burst-${index}`);
  const many = (step: (name: string) => string[]) =>
    tmux.run(...names.flatMap((name) => [...step(name), ';']));
  await many((name) => ['new-session', '-d', '-s', name, 'exec cat']);
  await until('all are watched', async () => {
    const { count } = await daemon.get<{ count: number }>('/api/agents');
    return count === names.length + 1 || null;
  });
  await many((name) => ['kill-session', '-t', `=${name}:`]);
  await until('all are gone', async () => {
    const { agents } = await daemon.get<{ agents: { total: number } }>('/api/stats');
    return agents.total === 1 || null;
  });
  watched.agent.work(2);
  await daemon.agent('shop-api', ({ state }) => state === 'reading');
});
