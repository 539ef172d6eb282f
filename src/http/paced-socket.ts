import type { WebSocket } from 'ws';
import type { Log } from '../../actors/ports.ts';

/** Close codes of RFC 6455 and of IANA's registry. */
export const CLOSE = { goingAway: 1001, policy: 1008, tryAgainLater: 1013 } as const;

/** A WebSocket that is told no more than it reads. */
export interface PacedSocket {
  /** False while it must read first, and once it closes. */
  isOpen(): boolean;
  send(text: string): void;
  /** Asks whether the other end is still there; one that did not answer the last time is ended. */
  beat(): void;
  close(code: number, why: string): void;
}

/** Beyond this much that was not yet read it is not open. */
const HELD_BYTES = 256 * 1024;
/** What is sent though it is not open ends it beyond this. */
const MOST_HELD_BYTES = 1024 * 1024;
/** How long the other end may take to answer a close. */
const CLOSING_MS = 1_000;

/**
 * `send` never fails and keeps whatever it is given (ws 8.23), so whoever sends looks at `isOpen`
 * first, and goes on when `resumed` is called. One that reads nothing for `stallMs` is closed.
 */
export const paceSocket = (options: {
  socket: WebSocket;
  log: Log;
  stallMs: number;
  resumed(): void;
}): PacedSocket => {
  const { socket, log, stallMs, resumed } = options;
  let isAlive = true;
  let stall: NodeJS.Timeout | undefined;

  const isFull = () => socket.bufferedAmount > HELD_BYTES;
  const close = (code: number, why: string) => {
    clearTimeout(stall);
    socket.close(code, why);
    setTimeout(() => socket.terminate(), CLOSING_MS).unref();
  };
  const flushed = () => {
    if (stall === undefined || isFull()) return;
    clearTimeout(stall);
    stall = undefined;
    resumed();
  };
  const drop = () => {
    log.info({ stallMs }, 'a WebSocket client does not read: it is dropped');
    close(CLOSE.tryAgainLater, 'not read for too long');
  };

  socket.on('pong', () => {
    isAlive = true;
  });
  socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket client was cut off'));
  socket.once('close', () => clearTimeout(stall));

  return {
    isOpen: () => socket.readyState === socket.OPEN && stall === undefined,
    send: (text) => {
      if (socket.readyState !== socket.OPEN) return;
      if (stall && socket.bufferedAmount > MOST_HELD_BYTES) return socket.terminate();
      socket.send(text, flushed);
      if (isFull()) stall ??= setTimeout(drop, stallMs);
    },
    beat: () => {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
    },
    close,
  };
};
