/** One program in a pane of a tmux server of its own. */

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ProcessInfo } from '../actors/ports.ts';

const run = promisify(execFile);

export interface Capture {
  text: string;
  /** The same with colours. */
  ansi: string;
  title: string;
  /** The foreground program as tmux names it. */
  command: string;
  width: number;
  height: number;
  dead: boolean;
}

export interface Pane extends AsyncDisposable {
  capture(): Promise<Capture>;
  /** Presses keys by tmux's names for them, one after the other. */
  press(...keys: readonly string[]): Promise<void>;
  /** Types a line as a person would: the text, and a moment later Enter. */
  submit(text: string): Promise<void>;
  type(text: string): Promise<void>;
  /** The pane's process and those below it. */
  processes(): Promise<ProcessInfo[]>;
}

export interface PaneOptions {
  /** Where the server's socket lies. */
  folder: string;
  argv: readonly string[];
  cwd: string;
  /** A folder made for it: whatever has it as its HOME afterwards is ended. */
  home: string;
  /** All that the program sees of the environment, besides HOME and what tmux sets. */
  env: Record<string, string>;
  width: number;
  height: number;
}

export const openPane = async (options: PaneOptions): Promise<Pane> => {
  const { folder, argv, cwd, home, width, height } = options;
  if (resolve(home) === resolve(homedir()) || !isAbsolute(home))
    throw new Error(`"${home}" is no HOME of a program's own`);
  const env = { ...options.env, HOME: home };
  const socket = join(folder, 'tmux');
  const tmux = async (...args: string[]): Promise<string> => {
    const command = ['-S', socket, '-f', '/dev/null', ...args];
    const { stdout } = await run('tmux', command, { env, timeout: TMUX_MS });
    return stdout.replace(/\n$/, '');
  };
  await tmux(
    ...['start-server', ';', 'set-option', '-g', 'default-terminal', 'tmux-256color', ';'],
    ...['set-option', '-g', 'remain-on-exit', 'on', ';', 'set-option', '-g', 'status', 'off', ';'],
    ...['new-session', '-d', '-s', 'agent', '-x', String(width), '-y', String(height)],
    ...['-c', cwd, '--', ...argv],
  );
  const [server = 0, root = 0] = (await tmux('display-message', '-p', '#{pid} #{pane_pid}'))
    .split(' ')
    .map(Number);

  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      await tmux('send-keys', '-t', 'agent', key);
      await delay(KEY_MS);
    }
  };
  const type = async (text: string): Promise<void> => {
    await tmux('send-keys', '-t', 'agent', '-l', '--', text);
    await delay(ENTER_MS);
  };

  return {
    press,
    type,
    submit: async (text) => {
      await type(text);
      await press('Enter');
    },
    capture: async () => {
      const told = await tmux(
        ...['display-message', '-p', '-t', 'agent'],
        '#{pane_width} #{pane_height} #{pane_dead} #{pane_current_command}\n#{pane_title}',
      );
      const [first = '', title = ''] = told.split('\n');
      const [columns, rows, dead, command = ''] = first.split(' ');
      return {
        text: await tmux('capture-pane', '-p', '-J', '-t', 'agent'),
        ansi: await tmux('capture-pane', '-p', '-J', '-e', '-t', 'agent'),
        title,
        command,
        width: Number(columns),
        height: Number(rows),
        dead: dead === '1',
      };
    },
    processes: async () => descendants(await allProcesses(), root),
    [Symbol.asyncDispose]: async () => {
      const all = await allProcesses();
      const mine = [server, ...descendants(all, server).map(({ pid }) => pid)];
      const strays = await withHome(home, all);
      await tmux('kill-server').catch(() => undefined); // It may be gone; its programs are seen to.
      await endAll([...new Set([...mine, ...strays])]);
    },
  };
};

const TMUX_MS = 10_000;
const KEY_MS = 150;
/** Agents take a faster Enter for a part of the text. */
const ENTER_MS = 400;

interface Process extends ProcessInfo {
  parent: number;
}

const allProcesses = async (): Promise<Process[]> => {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args='], { maxBuffer: 16e6 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), argv: args.split(' ') }];
  });
};

/** The process and those below it, nearest first. */
const descendants = (all: readonly Process[], root: number): ProcessInfo[] => {
  const found = all.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found.map(({ pid, argv }) => ({ pid, argv }));
};

/** Processes that have left their parents behind; only Linux tells whose HOME they have. */
const withHome = async (home: string, all: readonly Process[]): Promise<number[]> => {
  const known = new Set(await readdir('/proc').catch(() => []));
  const strays: number[] = [];
  for (const { pid } of all.filter((process) => known.has(String(process.pid)))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(`HOME=${home}`)) strays.push(pid);
  }
  return strays;
};

const endAll = async (pids: readonly number[]): Promise<void> => {
  const end = Date.now() + LEAVING_MS;
  while (pids.some(isRunning) && Date.now() < end) await delay(50);
  for (const pid of pids) kill(pid);
};

const LEAVING_MS = 3000;

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself after all.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // It has ended.
  }
};
