import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startDaemon } from '../support/daemon.ts';
import { isRunning } from '../support/processes.ts';
import { startRedis } from '../support/redis.ts';
import { startAgent } from '../support/simulated-agent.ts';
import { createDataFolder } from '../support/store.ts';
import { startTmux } from '../support/tmux.ts';
import { LONG_TURN } from '../support/turns.ts';
import { until } from '../support/until.ts';

it('clients that outlive a killed daemon are ended by the next, and no other process is', async () => {
  await using tmux = await startTmux();
  await using redis = await startRedis();
  await using _agent = await startAgent(tmux, LONG_TURN, { name: 'shop-api', stepped: true });
  using folder = createDataFolder();
  await using daemon = await startDaemon({
    ...{ tmux, redis },
    // Without it a client lives on until it reads the end of its input, which a stopped one never does.
    env: { PATH: pathWithout('setpriv', folder.path) },
  });
  await daemon.agent('shop-api', ({ connection }) => connection === 'attached');
  const clients = await clientsOf(tmux);
  expect(clients.length).toBeGreaterThan(1);
  for (const pid of clients) process.kill(pid, 'SIGSTOP');
  await daemon.end('SIGKILL');
  expect(clients.filter(isRunning)).toEqual(clients);

  await daemon.start();
  await until('they have ended', () => (clients.some(isRunning) ? null : true));
  await daemon.agent('shop-api', ({ connection }) => connection === 'attached');
  expect(await clientsOf(tmux)).toHaveLength(clients.length);
  expect(daemon.printed()).toMatch(/tmux clients of an earlier run were ended/);
});

const clientsOf = async (tmux: { run(...args: string[]): Promise<string> }): Promise<number[]> =>
  (await tmux.run('list-clients', '-F', '#{client_pid}')).split('\n').filter(Boolean).map(Number);

/** A folder that links to every program of the PATH but one. */
const pathWithout = (program: string, folder: string): string => {
  const path = join(folder, 'bin');
  mkdirSync(path);
  const seen = new Set([program]);
  for (const source of (process.env.PATH ?? '').split(':')) {
    for (const name of namesIn(source)) {
      if (!seen.has(name)) symlinkSync(join(source, name), join(path, name));
      seen.add(name);
    }
  }
  return path;
};

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return []; // The PATH may name folders that are not there.
  }
};
