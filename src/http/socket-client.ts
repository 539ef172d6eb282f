import type { RawData, WebSocket } from 'ws';
import type { Log, Monitor } from '../../actors/ports.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { Refusal, toProblem } from './errors.ts';
import { type Filter, type JournalReader, type Position, readJournal } from './journal-reader.ts';
import type { DropReason } from './meter.ts';
import { type PacedSocket, paceSocket } from './paced-socket.ts';
import { checked } from './request.ts';
import {
  type ClientMessage,
  messageOf,
  messageType,
  type ServerMessage,
} from './socket-messages.ts';
import { createTerminals } from './socket-terminals.ts';
import type { Scope } from './token.ts';

export interface SocketClient extends Pick<PacedSocket, 'beat' | 'close'> {
  committed(events: MonitorEvent[]): void;
}

const MESSAGES_PER_SECOND = 50;
/**
 * Serves one WebSocket: who it is, all agents, then every event after that; or, with a position, the
 * events after it. It may narrow that down, or go back, by `subscribe`.
 */
export const serveSocket = (options: {
  socket: WebSocket;
  monitor: Monitor;
  log: Log;
  scope: Scope;
  from: Position | null;
  /** Events that were committed together are told in one message. */
  batch: boolean;
  stallMs: number;
  dropped(reason: DropReason): void;
}): SocketClient => {
  const { socket, monitor, log, scope, batch, stallMs, dropped } = options;
  let filter: Filter = {};
  const paced = paceSocket({ socket, log, stallMs, dropped, resumed: () => resume() });
  const send = (message: ServerMessage) => paced.send(JSON.stringify(message));
  const snapshot = (at: { epoch: string; seq: number }) => {
    const isWanted = (session: string) => filter.sessions?.includes(session) ?? true;
    const agents = monitor.agents({}).filter(({ session }) => isWanted(session));
    send({ type: 'snapshot', ...at, agents });
  };
  const follow = (from: Position | null): JournalReader =>
    readJournal({
      ...{ monitor, log, from, filter },
      outlet: {
        isOpen: paced.isOpen,
        events: (events) => {
          if (batch) send({ type: 'events', events });
          else for (const event of events) send({ type: 'event', ...event });
        },
        reset: (at) => {
          send({ type: 'reset', ...at });
          snapshot(at);
        },
        fail: () => paced.drop('unreadable'),
      },
    });

  const terminals = createTerminals({ monitor, isOpen: paced.isOpen, send });
  const resume = () => {
    journal.resume();
    terminals.resume();
  };

  const hear = (message: ClientMessage) => {
    if (message.type === 'ping') return send({ type: 'pong' });
    if (message.type === 'terminal') return terminals.open(message.session);
    if (message.type === 'terminal_end') return terminals.end(message.session);
    const { sessions, after, epoch = null } = message;
    filter = sessions === undefined ? {} : { sessions };
    const from = after === undefined ? journal.position() : { epoch, seq: after };
    journal.stop();
    journal = follow(from);
    send({ type: 'subscribed', sessions: sessions ?? null, after: from.seq });
    journal.resume();
  };

  const mayHear = createAllowance(MESSAGES_PER_SECOND);
  socket.on('message', (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    if (!mayHear()) return paced.drop('too_many_messages');
    try {
      hear(parse(data, isBinary));
    } catch (error) {
      const { code, detail } = toProblem(error);
      if (code === 'internal') log.error({ err: error }, 'a message of a client failed');
      send({ type: 'error', code, detail });
    }
  });

  socket.once('close', () => {
    journal.stop();
    terminals.stop();
  });

  let journal = follow(options.from);
  const { start } = journal;
  send({ type: 'connected', version: monitor.health().version, scope, ...start });
  if (options.from === null) snapshot(start);
  journal.resume();

  return {
    committed: (events) => {
      journal.committed(events);
      // Also those that the client asked not to hear of.
      for (const { event, session, previousSession } of events) {
        if (event !== 'session_renamed' || typeof previousSession !== 'string') continue;
        terminals.renamed(previousSession, session);
      }
    },
    beat: paced.beat,
    close: paced.close,
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
