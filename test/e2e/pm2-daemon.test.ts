/** The daemon under a real PM2, which has a home of its own and is ended with the test. */

import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBareMachine, root } from '../support/bare-machine.ts';
import { freePort, startRedis } from '../support/redis.ts';
import { startTmux } from '../support/tmux.ts';

const run = promisify(execFile);

describe('the daemon under PM2', () => {
  it('is online once its API answers, within the limits of ecosystem.config.js', async () => {
    await using pm2 = await createPm2();
    await pm2.sh('start', '--', 'shop api', 'web-*');

    expect(await pm2.live()).toEqual({ status: 'ok' });
    expect(await pm2.app()).toMatchObject({
      pm2_env: {
        status: 'online',
        args: ['shop api', 'web-*'],
        exec_mode: 'fork_mode',
        kill_timeout: 8_000,
        max_memory_restart: 500 * 1024 * 1024,
        max_restarts: 10,
        min_uptime: 10_000,
        treekill: false,
        wait_ready: true,
      },
    });
    expect(await pm2.sh('status')).toContain('agent-monitor');
    expect(await pm2.sh('logs', '--nostream', '--lines', '5')).toContain('listens on http://');
    expect(pm2.saved()).toMatchObject([{ name: 'agent-monitor' }]);
  });

  it('loses no event over a restart and is back when the restart is over', async () => {
    await using pm2 = await createPm2();
    await pm2.sh('start');
    const { pid } = await pm2.app();
    await pm2.sh('restart');

    expect(await pm2.events()).toMatchObject([
      { seq: 1, event: 'monitor_started' },
      { seq: 2, event: 'monitor_stopped' },
      { seq: 3, event: 'monitor_started' },
    ]);
    expect((await pm2.app()).pid).not.toBe(pid);
  });

  it('is started again after a crash', async () => {
    await using pm2 = await createPm2();
    await pm2.sh('start');
    process.kill((await pm2.app()).pid, 'SIGKILL');

    await until(async () => (await pm2.events()).length === 2);
    expect(await pm2.events()).toMatchObject([
      { seq: 1, event: 'monitor_started' },
      { seq: 2, event: 'monitor_started' },
    ]);
    expect(await pm2.app()).toMatchObject({ pm2_env: { status: 'online', restart_time: 1 } });
  });

  it('takes new settings with a restart that says so', async () => {
    await using pm2 = await createPm2();
    await pm2.sh('start');
    pm2.env.API_PORT = String(await freePort());
    await pm2.sh('restart', '--update-env');

    expect(await pm2.live()).toEqual({ status: 'ok' });
  });

  it('stops cleanly and is forgotten when deleted', async () => {
    await using pm2 = await createPm2();
    await pm2.sh('start');
    await pm2.sh('stop');

    expect(await pm2.app()).toMatchObject({ pid: 0, pm2_env: { status: 'stopped', exit_code: 0 } });
    await expect(pm2.live()).rejects.toThrow('fetch failed');

    await pm2.sh('delete');
    expect(await pm2.list()).toEqual([]);
    expect(pm2.saved()).toEqual([]);
  });

  it('is given up after ten starts in vain, with the reason in the error log', async () => {
    await using pm2 = await createPm2();
    pm2.env.API_PORT = 'no port';
    await pm2.sh('start');

    await until(async () => (await pm2.app()).pm2_env.status === 'errored');
    expect(pm2.log('error')).toContain('API_PORT="no port": must be a whole number');
  });
});

interface App {
  name: string;
  pid: number;
  pm2_env: { status: string };
}

const createPm2 = async () => {
  const resources = new AsyncDisposableStack();
  const tmux = resources.use(await startTmux());
  const redis = resources.use(await startRedis());
  const { folder, write } = createCheckout();
  const { TMUX, TMUX_PANE, ...inherited } = process.env;
  const env: NodeJS.ProcessEnv = {
    ...inherited,
    PATH: `${join(root, 'node_modules/.bin')}:${inherited.PATH}`,
    // Where the lock on the tmux server lies.
    TMPDIR: folder,
    PM2_HOME: join(folder, 'pm2'),
    PM2_DISABLE_VERSION_CHECK: 'true',
    API_PORT: String(await freePort()),
    REDIS_URL: redis.url,
    AGENT_MONITOR_DATA_DIR: join(folder, 'data'),
    AGENT_MONITOR_TMUX_SOCKET: tmux.socket,
  };
  const pm2 = (...args: string[]) =>
    new Promise<string>((resolve, reject) => {
      execFile('pm2', args, { cwd: folder, env }, (error, out) =>
        error ? reject(error) : resolve(out),
      );
    });
  // Registered last, so that it is ended first; also where the test runs out of time.
  let ended = false;
  const end = async () => {
    if (!ended) await pm2('kill');
    ended = true;
    await resources.disposeAsync();
  };
  onTestFinished(end);
  write('scripts/setup.sh', 'exit 0\n');

  const list = async (): Promise<App[]> => JSON.parse(lastLine(await pm2('jlist')));
  const get = async (path: string): Promise<{ status?: string; events?: object[] }> => {
    const response = await fetch(`http://127.0.0.1:${env.API_PORT}${path}`);
    return (await response.json()) as object;
  };
  return {
    env,
    sh: async (...args: string[]) =>
      (await run(join(folder, 'pm2.sh'), args, { cwd: folder, env })).stdout,
    list,
    app: async (): Promise<App> => {
      const [app] = await list();
      if (app === undefined) throw new Error('PM2 knows no app');
      return app;
    },
    live: () => get('/livez'),
    /** None while the API is away. */
    events: async (): Promise<object[]> =>
      get('/api/events').then(
        ({ events = [] }) => events,
        () => [],
      ),
    log: (name: 'out' | 'error') => readFileSync(join(folder, `agent-monitor-${name}.log`), 'utf8'),
    /** What PM2 would bring back at boot. */
    saved: (): App[] => JSON.parse(readFileSync(join(folder, 'pm2/dump.pm2'), 'utf8')),
    [Symbol.asyncDispose]: end,
  };
};

/** This project, with its logs in the folder instead of /tmp, where a real daemon's may be. */
const createCheckout = () => {
  const machine = createBareMachine({
    tools: [],
    files: ['daemon.js', 'launch.js', 'pm2.sh', 'package.json'],
  });
  for (const name of ['src', 'actors', 'machines', 'node_modules']) {
    symlinkSync(join(root, name), join(machine.folder, name));
  }
  const config = readFileSync(join(root, 'ecosystem.config.js'), 'utf8');
  machine.write('ecosystem.config.js', config.replaceAll("'/tmp/", "'./"));
  return machine;
};

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await delay(50);
};
