/** The monitor as a process of its own, on its own port, data folder, tmux server and Redis. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AgentDetail, MonitorEvent } from '../../machines/vocabulary.ts';
import { eventsBody } from '../../src/http/schemas.ts';
import { killAtExit } from './at-exit.ts';
import { createDataFolder } from './store.ts';
import { until } from './until.ts';

export interface TestDaemon extends AsyncDisposable {
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  /** What it has printed so far, both outputs. */
  printed(): string;
  get<Body>(path: string): Promise<Body>;
  /** All events so far, oldest first, each as its schema has it. */
  events(): Promise<MonitorEvent[]>;
  /** Waits until the agent is as wanted. */
  agent(session: string, isWanted: (agent: AgentDetail) => boolean): Promise<AgentDetail>;
  /** Ends it with a signal and answers its exit status. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  /** Starts it again on the same folder. */
  start(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '../..');

export const startDaemon = async (options: {
  tmux: { socket: string };
  redis: { url: string };
  sessions?: string[];
  env?: Record<string, string>;
  /** Else its starts are as if they were far apart, however often the test kills it. */
  countStarts?: boolean;
}): Promise<TestDaemon> => {
  const folder = createDataFolder();
  const { TMUX, TMUX_PANE, ...inherited } = process.env;
  let child: ChildProcess | undefined;
  let url = '';
  let printed = '';
  const forget = killAtExit(() => (child?.pid === undefined ? [] : [child.pid]), 'SIGKILL');

  const start = async (): Promise<void> => {
    if (!options.countStarts) rmSync(join(folder.path, 'starts'), { force: true });
    const started = spawn(process.execPath, ['daemon.js', ...(options.sessions ?? [])], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...inherited,
        API_PORT: '0',
        REDIS_URL: options.redis.url,
        AGENT_MONITOR_DATA_DIR: folder.path,
        AGENT_MONITOR_TMUX_SOCKET: options.tmux.socket,
        ...options.env,
      },
    });
    child = started;
    const ready = Promise.withResolvers<string>();
    started.on('exit', (code) => ready.reject(new Error(`ended with ${code}:\n${printed}`)));
    for (const stream of [started.stdout, started.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        printed += `${line}\n`;
        const address = / listens on (\S+)$/.exec(line)?.[1];
        if (address) ready.resolve(address);
      });
    }
    url = await ready.promise;
  };

  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code] = await ended;
    return code;
  };

  const get = async <Body>(path: string): Promise<Body> => {
    const response = await fetch(`${url}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  };

  await start();
  return {
    get url() {
      return url;
    },
    get pid() {
      return child?.pid ?? 0;
    },
    dataDir: folder.path,
    printed: () => printed,
    get,
    events: async () => eventsBody.parse(await get('/api/events?limit=1000')).events,
    agent: (session, isWanted) =>
      until(`${session} is as wanted`, async () => {
        const response = await fetch(`${url}/api/agents/${encodeURIComponent(session)}`);
        if (!response.ok) return null;
        const agent = (await response.json()) as AgentDetail;
        return isWanted(agent) ? agent : null;
      }),
    end,
    start,
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL');
      forget();
      folder[Symbol.dispose]();
    },
  };
};
