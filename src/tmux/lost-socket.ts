/** Tells a server that has ended from one that nobody finds: its socket's file was removed. */

import { TmuxFailed } from '../../actors/errors.ts';
import type { Clock } from '../../actors/ports.ts';
import { isTmuxServer } from './server-process.ts';
import { NO_SOCKET, socketLife } from './socket-wait.ts';

/** A server that ends removes its socket first. */
const ENDED_WITHIN_MS = 500;

/**
 * For where nobody listens on the socket any more. Without a /proc it cannot be told, and passes.
 * @throws {TmuxFailed} where the server with this pid runs without its socket.
 */
export const refuseLostSocket = async (
  socket: string,
  pid: number,
  clock: Clock,
): Promise<void> => {
  const isLost = (): boolean => socketLife(socket) === NO_SOCKET && isTmuxServer(pid);
  if (!isLost()) return;
  await new Promise<void>((resolve) => clock.setTimeout(resolve, ENDED_WITHIN_MS));
  if (!isLost()) return;
  throw new TmuxFailed(
    `the socket of the tmux server was removed, ${socket}: kill -USR1 ${pid} makes the server create it again`,
  );
};
