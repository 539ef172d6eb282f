import type { WebSocket } from 'ws';
import type { Log } from '../../actors/ports.ts';
import type { DropReason } from './meter.ts';

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
  /** Closes it for what the other end, or we, cannot do. */
  drop(reason: keyof typeof DROPS): void;
}

/** How long the other end may take to answer a close. */
const CLOSING_MS = 1_000;
/** The same, where the close stands behind what was not read yet: so long it may still begin to read. */
const UNREAD_CLOSING_MS = 10_000;

const DROPS = {
  stalled: [CLOSE.tryAgainLater, 'not read for too long', UNREAD_CLOSING_MS],
  unreadable: [CLOSE.tryAgainLater, 'the journal could not be read', CLOSING_MS],
  too_many_messages: [CLOSE.policy, 'too many messages', CLOSING_MS],
} as const satisfies Partial<Record<DropReason, readonly [number, string, number]>>;

/** Beyond this much that was not yet read it is not open. */
const HELD_BYTES = 256 * 1024;
/** What is sent though it is not open ends it beyond this. */
const MOST_HELD_BYTES = 1024 * 1024;

/**
 * `send` never fails and keeps whatever it is given (ws 8.23), so whoever sends looks at `isOpen`
 * first, and goes on when `resumed` is called. One that reads nothing for `stallMs` is closed.
 */
export const paceSocket = (options: {
  socket: WebSocket;
  log: Log;
  stallMs: number;
  dropped(reason: DropReason): void;
  resumed(): void;
}): PacedSocket => {
  const { socket, log, stallMs, dropped, resumed } = options;
  let isAlive = true;
  let stall: NodeJS.Timeout | undefined;

  const isFull = () => socket.bufferedAmount > HELD_BYTES;
  const close = (code: number, why: string, closingMs: number = CLOSING_MS) => {
    clearTimeout(stall);
    socket.close(code, why);
    setTimeout(() => socket.terminate(), closingMs).unref();
  };
  const flushed = () => {
    if (stall === undefined || isFull()) return;
    clearTimeout(stall);
    stall = undefined;
    resumed();
  };
  const drop = (reason: keyof typeof DROPS) => {
    if (socket.readyState === socket.OPEN) dropped(reason);
    const [code, why, closingMs] = DROPS[reason];
    close(code, why, closingMs);
  };
  const cutOff = (reason: DropReason) => {
    dropped(reason);
    socket.terminate();
  };
  const stalled = () => {
    log.info({ stallMs }, 'a WebSocket client does not read: it is dropped');
    drop('stalled');
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
      if (stall && socket.bufferedAmount > MOST_HELD_BYTES) return cutOff('overfull');
      socket.send(text, flushed);
      if (isFull()) stall ??= setTimeout(stalled, stallMs);
    },
    beat: () => {
      // One that closes has its own time, and no answer comes before what it has not read.
      if (socket.readyState !== socket.OPEN) return;
      if (!isAlive) return cutOff('silent');
      isAlive = false;
      socket.ping();
    },
    close: (code, why) => close(code, why),
    drop,
  };
};
