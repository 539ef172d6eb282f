import type { WebSocket } from 'ws';
import type { Inspector, Log, Stop } from '../../actors/ports.ts';
import type { DropReason } from './meter.ts';
import { type PacedSocket, paceSocket } from './paced-socket.ts';

/**
 * Serves one inspector: all actors that live, then what happens between them. One that does not keep
 * up misses what happened meanwhile, and is told all actors anew when it has read. What it says is
 * passed over.
 */
export const serveInspector = (options: {
  socket: WebSocket;
  inspector: Inspector;
  log: Log;
  stallMs: number;
  dropped(reason: DropReason): void;
}): PacedSocket => {
  const { socket, inspector, log, stallMs, dropped } = options;
  let leave: Stop | null = null;

  const join = () => {
    let isBehind = false;
    let isJoining = true;
    const left = inspector.join((message) => {
      // All that lives is told whole, however much it is.
      if (isJoining || paced.isOpen()) paced.send(message);
      else isBehind = true;
      if (isBehind) part();
    });
    isJoining = false;
    leave = left;
  };
  const part = () => {
    leave?.();
    leave = null;
  };
  const paced = paceSocket({
    ...{ socket, log, stallMs, dropped },
    resumed: () => {
      if (leave === null) join();
    },
  });

  socket.once('close', part);
  join();
  return paced;
};
