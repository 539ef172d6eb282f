/** Tells a tmux server that dies from one that was told to end, which it tells each of its clients. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { killAtExit } from '../test/support/at-exit.ts';

export interface ServerWitness extends AsyncDisposable {
  /** `died`: of a fault of its own, or of a SIGKILL. Waits until the server has ended. */
  end(): Promise<'died' | 'was told to end'>;
}

/** A client that waits for what never comes, and of which the server tells its other clients nothing. */
export const witnessServer = async ({ socket }: { socket: string }): Promise<ServerWitness> => {
  const sayThatItIsThere = ['display-message', '-p', 'here'];
  const waitForEver = ['wait-for', `witness-${process.pid}`];
  const client = spawn('tmux', ['-N', '-S', socket, ...sayThatItIsThere, ';', ...waitForEver], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const forget = killAtExit(() => (client.pid === undefined ? [] : [client.pid]), 'SIGKILL');
  const exit = once(client, 'exit');
  await Promise.race([once(client.stdout, 'data'), exit]);
  return {
    end: async () => ((await exit)[0] === 0 ? 'was told to end' : 'died'),
    [Symbol.asyncDispose]: async () => {
      client.kill('SIGKILL');
      await exit;
      forget();
    },
  };
};
