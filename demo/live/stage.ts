/** Everything the demo starts: a tmux server with agents, Redis, and the monitor that watches them. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { MonitorApi } from './api.ts';
import { createApi } from './api.ts';
import type { Child } from './child.ts';
import { freePort, startChild } from './child.ts';

const run = promisify(execFile);

/** The sessions and what their agents do. */
export const SESSIONS = {
  'shop-api': 'tasks',
  'web-shop': 'approval',
  billing: 'outage',
  search: 'silence',
};

export interface Stage extends AsyncDisposable {
  api: MonitorApi;
  /** The tmux server's socket, as `tmux -S` takes it. */
  socket: string;
  /** False where no redis-server is installed. */
  redis: boolean;
  /** Rejects when the monitor ends though nobody ended it. */
  failed: Promise<never>;
}

/** Sets the stage; whatever was started is ended when a later part cannot be. */
export const setStage = async (
  signal: AbortSignal,
  sessions: Record<string, string> = SESSIONS,
): Promise<Stage> => {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'agent-monitor-demo-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));

  const socket = join(folder, 'tmux');
  started.defer(() => endTmux(socket));
  for (const [session, script] of Object.entries(sessions)) {
    await startSession(socket, session, script, folder);
  }

  // Without redis-server nobody listens there, which keeps the user's own Redis out of this.
  const redisPort = await freePort();
  const redis = await startRedis(folder, redisPort);
  if (redis !== null) started.defer(redis.end);

  const dataDir = join(folder, 'data');
  const daemon = startChild(process.execPath, [join(ROOT, 'daemon.js')], {
    log: join(folder, 'daemon.log'),
    cwd: folder,
    env: {
      ...withoutOwnSettings(process.env),
      API_PORT: '0', // Several demos may run at once, and each finds its own.
      AGENT_MONITOR_DATA_DIR: dataDir,
      AGENT_MONITOR_TMUX_SOCKET: socket,
      AGENT_MONITOR_STUCK_AFTER_SECONDS: '15',
      REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    },
  });
  started.defer(daemon.end);
  const failed = failureOf(daemon);
  failed.catch(() => undefined); // It is raced against everything below.
  const url = await Promise.race([untilListening(daemon, signal), failed]);
  const api = createApi(url, join(dataDir, 'token'));
  await Promise.race([untilReady(api, signal), failed]);

  const owned = started.move();
  return {
    api,
    socket,
    redis: redis !== null,
    failed,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};

const failureOf = async (daemon: Child): Promise<never> => {
  await daemon.ended;
  throw new Error(`the monitor has ended:\n${daemon.lastWords()}`);
};

/** The address that the monitor prints. */
const untilListening = async (daemon: Child, signal: AbortSignal): Promise<string> => {
  for (;;) {
    const url = / listens on (http:\S+)\n/.exec(daemon.written())?.[1];
    if (url !== undefined) return url;
    await delay(100, undefined, { signal });
  }
};

const untilReady = async (api: MonitorApi, signal: AbortSignal): Promise<void> => {
  while (!(await api.ready())) await delay(100, undefined, { signal });
};

const startSession = async (
  socket: string,
  session: string,
  script: string,
  folder: string,
): Promise<void> => {
  const cwd = join(folder, session);
  await mkdir(cwd);
  const agent = [join(ROOT, 'demo/simulated-agent.ts'), join(ROOT, `demo/scripts/${script}.json`)];
  const { TMUX: _, ...env } = process.env;
  await run(
    'tmux',
    [
      ...['-S', socket, '-f', '/dev/null', 'new-session', '-d', '-s', session],
      ...['-x', '120', '-y', '40', '-c', cwd, process.execPath, ...agent],
    ],
    { env },
  ).catch((cause: Error) => {
    throw new Error(`tmux cannot open the session ${session}: ${cause.message}`, { cause });
  });
};

/** Ends the server and waits for its agents. */
const endTmux = async (socket: string): Promise<void> => {
  const listed = await run('tmux', ['-S', socket, 'list-panes', '-a', '-F', '#{pane_pid}']).catch(
    () => null, // No server, nothing to end.
  );
  if (listed === null) return;
  await run('tmux', ['-S', socket, 'kill-server']);
  for (const pid of listed.stdout.trim().split('\n')) await untilGone(Number(pid));
};

const untilGone = async (pid: number): Promise<void> => {
  for (const end = Date.now() + LEAVING_MS; isRunning(pid) && Date.now() < end; ) await delay(20);
  if (isRunning(pid)) process.kill(pid, 'SIGKILL');
};

/** A zombie has ended: whoever adopted it may take its time. */
const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !existsSync(`/proc/${pid}`) || existsSync(`/proc/${pid}/exe`);
};

/** Null where it is not installed. */
const startRedis = async (folder: string, port: number): Promise<Child | null> => {
  const isInstalled = await run('redis-server', ['--version']).catch(() => null);
  if (isInstalled === null) return null;
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  return startChild('redis-server', args, { log: join(folder, 'redis.log') });
};

/** The demo's monitor does not take over what is set for the user's own. */
const withoutOwnSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:AGENT_MONITOR_|API_|REDIS_URL$)/.test(name)),
  );

const ROOT = resolve(import.meta.dirname, '../..');
const LEAVING_MS = 3000;
