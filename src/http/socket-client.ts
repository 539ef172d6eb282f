import type { RawData, WebSocket } from 'ws';
import type { Log, Monitor } from '../../actors/ports.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { Refusal } from './errors.ts';
import { type Filter, type JournalReader, type Position, readJournal } from './journal-reader.ts';
import { checked } from './request.ts';
import {
  type ClientMessage,
  messageOf,
  messageType,
  type ServerMessage,
} from './socket-messages.ts';

/** Close codes of RFC 6455 and of IANA's registry. */
export const CLOSE = { goingAway: 1001, policy: 1008, tryAgainLater: 1013 } as const;

export interface SocketClient {
  committed(events: MonitorEvent[]): void;
  /** Asks whether the other end is still there; one that did not answer the last time is ended. */
  beat(): void;
  close(code: number, why: string): void;
}

/** Beyond this much that was not yet read, it is told no more until it has read. */
const HELD_BYTES = 256 * 1024;
/** How much the small answers to its own messages may add to that. */
const MOST_HELD_BYTES = 1024 * 1024;
const MESSAGES_PER_SECOND = 50;
/** How long the other end may take to answer a close. */
const CLOSING_MS = 1_000;

/**
 * Serves one WebSocket: who it is, all agents, then every event after that; or, with a position, the
 * events after it. It may narrow that down, or go back, by `subscribe`.
 */
export const serveSocket = (options: {
  socket: WebSocket;
  monitor: Monitor;
  log: Log;
  from: Position | null;
  stallMs: number;
}): SocketClient => {
  const { socket, monitor, log, stallMs } = options;
  let isAlive = true;
  let stall: NodeJS.Timeout | undefined;
  let filter: Filter = {};

  const isFull = () => socket.bufferedAmount > HELD_BYTES;
  const send = (message: ServerMessage) => {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(JSON.stringify(message), flushed);
    if (!isFull()) return;
    if (socket.bufferedAmount > MOST_HELD_BYTES && stall) socket.terminate();
    stall ??= setTimeout(() => {
      log.info({ stallMs }, 'a WebSocket client does not read: it is dropped');
      close(CLOSE.tryAgainLater, 'not read for too long');
    }, stallMs);
  };
  const flushed = () => {
    if (stall === undefined || isFull()) return;
    clearTimeout(stall);
    stall = undefined;
    journal.resume();
  };
  const close = (code: number, why: string) => {
    clearTimeout(stall);
    socket.close(code, why);
    setTimeout(() => socket.terminate(), CLOSING_MS).unref();
  };
  const snapshot = (at: { epoch: string; seq: number }) => {
    const isWanted = (session: string) => filter.sessions?.includes(session) ?? true;
    const agents = monitor.agents({}).filter(({ session }) => isWanted(session));
    send({ type: 'snapshot', ...at, agents });
  };
  const follow = (from: Position | null): JournalReader =>
    readJournal({
      ...{ monitor, log, from, filter },
      outlet: {
        isOpen: () => socket.readyState === socket.OPEN && stall === undefined,
        events: (events) => {
          for (const event of events) send({ type: 'event', ...event });
        },
        reset: (at) => {
          send({ type: 'reset', ...at });
          snapshot(at);
        },
        fail: () => close(CLOSE.tryAgainLater, 'the journal could not be read'),
      },
    });

  const hear = (message: ClientMessage) => {
    if (message.type === 'ping') return send({ type: 'pong' });
    const { sessions, after, epoch = null } = message;
    filter = sessions === undefined ? {} : { sessions };
    const from = after === undefined ? journal.position() : { epoch, seq: after };
    journal = follow(from);
    send({ type: 'subscribed', sessions: sessions ?? null, after: from.seq });
    journal.resume();
  };

  const mayHear = createAllowance(MESSAGES_PER_SECOND);
  socket.on('message', (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    if (!mayHear()) return close(CLOSE.policy, 'too many messages');
    try {
      hear(parse(data, isBinary));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send({ type: 'error', code: error.code, detail: error.message });
    }
  });
  socket.on('pong', () => {
    isAlive = true;
  });
  socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket client was cut off'));
  socket.once('close', () => clearTimeout(stall));

  let journal = follow(options.from);
  const { start } = journal;
  send({ type: 'connected', version: monitor.health().version, ...start });
  if (options.from === null) snapshot(start);
  journal.resume();

  return {
    committed: (events) => journal.committed(events),
    beat: () => {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
    },
    close,
  };
};

const parse = (data: RawData, isBinary: boolean): ClientMessage => {
  if (isBinary) throw new Refusal('A message is JSON text.', { code: 'bad_request' });
  let value: unknown;
  try {
    value = JSON.parse(String(data));
  } catch (error) {
    throw new Refusal('A message is JSON text.', { code: 'bad_request', cause: error });
  }
  const { type } = checked(messageType, value);
  return checked(messageOf(type), value);
};

/** Answers whether one more is allowed within this second. */
const createAllowance = (perSecond: number): (() => boolean) => {
  let second = 0;
  let count = 0;
  return () => {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) count = 0;
    second = now;
    count += 1;
    return count <= perSecond;
  };
};
