/** Programs that the demo starts, and surely ends again. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';

export interface Child {
  /** Resolves when the program has ended. */
  ended: Promise<void>;
  /** All that it wrote. */
  written(): string;
  /** The last lines it wrote. */
  lastWords(): string;
  /** SIGTERM, and SIGKILL where that is not heard. */
  end(): Promise<void>;
}

/** Starts a program in a process group of its own, so that Ctrl-C reaches it only through us. */
export const startChild = (
  command: string,
  args: string[],
  options: { log: string; cwd?: string; env?: NodeJS.ProcessEnv },
): Child => {
  const { log, ...more } = options;
  const output = openSync(log, 'a');
  const child = spawn(command, args, {
    ...more,
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = once(child, 'exit').then(
    () => undefined,
    (error: Error) => {
      throw new Error(`${command} cannot be started: ${error.message}`, { cause: error });
    },
  );
  ended.catch(() => undefined); // Whoever waits for it is told; nobody has to.
  const written = (): string => readFileSync(log, 'utf8');
  return {
    ended,
    written,
    lastWords: () => written().trimEnd().split('\n').slice(-10).join('\n'),
    end: () => endChild(child),
  };
};

const endChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await exit;
  clearTimeout(timer);
};

const PATIENCE_MS = 6000;

/** A port that nobody listens on now. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
};
