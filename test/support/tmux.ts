/** A private tmux server for one test: no user's server, settings or environment comes near it. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ServerIdentity } from '../../machines/vocabulary.ts';
import { killAtExit } from './at-exit.ts';

const run = promisify(execFile);

export interface NewSession {
  name?: string;
  /** One string goes through the shell, an array does not. Default: `cat`, a quiet program. */
  command?: string | string[];
  cwd?: string;
  env?: Record<string, string>;
  width?: number;
  height?: number;
}

export interface TestSession {
  sessionId: string;
  windowId: string;
  paneId: string;
  panePid: number;
}

export interface TestTmux extends AsyncDisposable {
  /** The socket's path, as `tmux -S` takes it. */
  readonly socket: string;
  /** Runs one tmux command on this server and answers what it printed, without the last newline. */
  run(...args: string[]): Promise<string>;
  newSession(options?: NewSession): Promise<TestSession>;
  identity(): Promise<ServerIdentity>;
  /** Starts the server, at first or again after `kill`. It stays though it has no sessions. */
  start(): Promise<void>;
  /** Ends the server with SIGKILL: it says nothing to anyone and leaves its socket file. */
  kill(): Promise<void>;
}

/**
 * Starts a server of 120x40 windows; `{ started: false }` leaves that to `start`. The socket lies
 * in a folder of its own, and any other path must lie in a folder that the test removes.
 */
export const startTmux = async (
  options: { started?: boolean; socket?: string } = {},
): Promise<TestTmux> => {
  const folder = await mkdtemp(join(tmpdir(), 'am-test-'));
  const { socket = join(folder, 'tmux.sock') } = options;
  const { TMUX, TMUX_PANE, ...env } = process.env;
  const pids = new Set<number>();
  // SIGTERM: the server then ends what runs in its panes.
  const forget = killAtExit(() => pids, 'SIGTERM');

  const tmux = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      env: { ...env, LC_ALL: 'C.UTF-8' },
      timeout: 10_000,
    });
    return stdout.replace(/\n$/, '');
  };

  const identity = async (): Promise<ServerIdentity> => {
    const [pid, startTime] = (await tmux('display-message', '-p', '#{pid} #{start_time}')).split(
      ' ',
    );
    return { pid: Number(pid), startTime: Number(startTime) };
  };

  const start = async (): Promise<void> => {
    await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
    await tmux(
      ...['start-server', ';', 'set-option', '-g', 'exit-empty', 'off', ';'],
      ...['set-option', '-g', 'default-size', '120x40'],
    );
    pids.add((await identity()).pid);
  };

  const kill = async (): Promise<void> => {
    const { pid } = await identity();
    process.kill(pid, 'SIGKILL');
    await untilGone(pid);
  };

  /** A server that the test let someone else start on this socket is ended too. */
  const end = async (): Promise<void> => {
    const last = await identity().catch(() => null);
    if (last !== null) pids.add(last.pid);
    for (const pid of pids) await endServer(pid);
    forget();
    await rm(folder, { recursive: true, force: true });
  };

  if (options.started ?? true) await start();
  return {
    socket,
    run: tmux,
    identity,
    start,
    kill,
    newSession: async (session = {}) => {
      const out = await tmux(...newSessionArgs(session));
      const [sessionId = '', windowId = '', paneId = '', panePid] = out.split(' ');
      return { sessionId, windowId, paneId, panePid: Number(panePid) };
    },
    [Symbol.asyncDispose]: end,
  };
};

const newSessionArgs = (options: NewSession): string[] => {
  const { name, command = ['cat'], cwd, env = {}, width = 120, height = 40 } = options;
  return [
    ...['new-session', '-d', '-x', String(width), '-y', String(height)],
    ...['-P', '-F', '#{session_id} #{window_id} #{pane_id} #{pane_pid}'],
    ...(name === undefined ? [] : ['-s', name]),
    ...(cwd === undefined ? [] : ['-c', cwd]),
    ...Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
    ...(typeof command === 'string' ? [command] : command),
  ];
};

const endServer = async (pid: number): Promise<void> => {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGTERM');
  if (await goneWithin(pid, 3000)) return;
  process.kill(pid, 'SIGKILL');
  await untilGone(pid);
};

const untilGone = async (pid: number): Promise<void> => {
  if (!(await goneWithin(pid, 10_000))) throw new Error(`process ${pid} does not end`);
};

const goneWithin = async (pid: number, ms: number): Promise<boolean> => {
  const deadline = performance.now() + ms;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await delay(5);
  }
  return true;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
};

/** A zombie has ended: whoever adopted it may take its time. Elsewhere than on Linux nobody can tell. */
const isZombie = (pid: number): boolean => {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
