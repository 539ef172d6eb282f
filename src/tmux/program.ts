/** Runs the tmux program: never through a shell, and never so that it would start a server. */

import {
  type ChildProcessWithoutNullStreams,
  type ExecFileException,
  execFile,
  spawn,
  spawnSync,
} from 'node:child_process';
import { once } from 'node:events';
import { TmuxFailed } from '../../actors/errors.ts';
import type { Clock } from '../../actors/ports.ts';
import { createDoor, type Door } from './door.ts';
import { ConnectionLost, failureOf } from './failures.ts';
import type { Leftovers } from './leftovers.ts';
import { createLimit } from './limit.ts';
import type { Command } from './quoting.ts';

export interface Program {
  /** Through which control clients come and go. */
  readonly door: Door;
  /**
   * Runs the commands in one short-lived client and answers what they printed. Where one fails, the
   * rest are not run.
   * @throws {TmuxFailed} where there is no tmux to run, else one of `failures.ts`.
   */
  fork(commands: readonly Command[]): Promise<Buffer>;
  /**
   * Starts a client in control mode that runs the command; it lives while its stdin is open.
   * @throws {TmuxFailed} where the system lets us start no more processes.
   */
  control(command: Command): ChildProcessWithoutNullStreams;
  /** How many clients that `control` started live. */
  clients(): number;
  /** Resolves once no client that `control` started is left. */
  ended(): Promise<void>;
}

export interface ProgramOptions {
  /** The socket's path. */
  socket: string;
  /** The tmux binary's name or path. */
  tmux: string;
  clock: Clock;
  leftovers: Leftovers;
}

const FORK_TIMEOUT_MS = 5000;
const FORKS_AT_A_TIME = 4;
const MAX_OUTPUT_BYTES = 32 << 20;

export const createProgram = ({ socket, tmux, clock, leftovers }: ProgramOptions): Program => {
  const argv = (...args: string[]) => [...CLEAN_ENVIRONMENT, tmux, '-N', '-S', socket, ...args];
  const tether = canTether() ? TETHER : [];
  const limit = createLimit(FORKS_AT_A_TIME);
  const children = new Set<ChildProcessWithoutNullStreams>();

  const fork = (commands: readonly Command[]): Promise<Buffer> => {
    const [file = '', ...args] = argv(...inSequence(commands));
    const options = {
      encoding: 'buffer' as const,
      timeout: FORK_TIMEOUT_MS,
      killSignal: 'SIGKILL' as const,
      maxBuffer: MAX_OUTPUT_BYTES,
    };
    return new Promise((resolve, reject) => {
      execFile(file, args, options, (error, stdout, stderr) => {
        if (error === null) resolve(withoutLastNewline(stdout));
        else reject(forkFailure(error, { stdout, stderr }, tmux));
      });
    });
  };

  return {
    door: createDoor(clock),
    fork: (commands) => limit(() => fork(commands)),
    control: (command) => {
      const [file = '', ...args] = [...tether, ...argv('-C', ...command)];
      const child = spawn(file, args, { stdio: 'pipe' });
      if (child.pid === undefined) {
        // Why comes as an event, but in the worst case with a child that has no streams.
        child.once('error', () => {});
        throw new TmuxFailed('cannot start a tmux client: too many processes or open files');
      }
      leftovers.track(child);
      children.add(child);
      child.once('exit', () => children.delete(child));
      return child;
    },
    clients: () => children.size,
    ended: async () => {
      await Promise.all([...children].map((child) => once(child, 'exit')));
    },
  };
};

/**
 * tmux must know that we speak UTF-8, or it replaces what is not ASCII; and a monitor that was
 * itself started inside tmux must not look like a nested client.
 */
const CLEAN_ENVIRONMENT = ['env', '-u', 'TMUX', '-u', 'TMUX_PANE', 'LC_ALL=C.UTF-8'];

/** A client whose reader was killed while its pipe was full would live on and block the panes. */
const TETHER = ['setpriv', '--pdeathsig', 'KILL'];

const canTether = (): boolean => {
  const [file = '', ...args] = TETHER;
  return spawnSync(file, [...args, 'true'], { stdio: 'ignore' }).status === 0;
};

/** An argument of `;` separates commands, and one that ends in `;` would: tmux wants it escaped. */
const inSequence = (commands: readonly Command[]): string[] =>
  commands.flatMap((command, index) => [
    ...(index === 0 ? [] : [';']),
    ...command.map((word) => (word.endsWith(';') ? `${word.slice(0, -1)}\\;` : word)),
  ]);

const forkFailure = (
  error: ExecFileException,
  { stdout, stderr }: { stdout: Buffer; stderr: Buffer },
  tmux: string,
): Error => {
  if (error.code === 'ENOENT' || error.code === 127) {
    const message = `cannot run "${tmux}": install tmux, or put it in PATH`;
    return new TmuxFailed(message, { cause: error });
  }
  if (wasNotStarted(error))
    return new TmuxFailed(`cannot start a tmux client: ${error.code}`, { cause: error });
  const said = stderr.toString();
  // Only what tmux says for itself tells what it did not do. The message has the whole command.
  if (error.signal == null && said.trim() !== '') return failureOf(said, stdout.toString());
  const why = error.killed
    ? `no answer within ${FORK_TIMEOUT_MS} ms`
    : `the tmux client ended with ${error.signal ?? `status ${error.code}`}`;
  return new ConnectionLost(why);
};

const wasNotStarted = (error: ExecFileException): boolean =>
  (error as NodeJS.ErrnoException).syscall?.startsWith('spawn') === true;

const withoutLastNewline = (output: Buffer): Buffer =>
  output.at(-1) === 0x0a ? output.subarray(0, -1) : output;
