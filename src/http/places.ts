import type { Socket } from 'node:net';
import type { Log } from '../../actors/ports.ts';
import type { Admission, Caller } from './admission.ts';
import { Refusal } from './errors.ts';
import type { DropCause, HttpMeter } from './meter.ts';
import { answerRaw } from './raw.ts';

export interface PlaceLimits {
  /** For those who may call. */
  maxConnections: number;
  /** Of these, for those with a token or a cookie: the rest is kept for the monitor's own user. */
  maxTokenConnections: number;
  /** For all who have shown no right to call. */
  maxStrangers: number;
  /** How long one of these has for the head of its first request. */
  strangerMs: number;
}

/**
 * Who has the connections of a port that everybody on the machine reaches. Whoever may call has a
 * place that nobody else takes; strangers have a few among themselves, where the one that has had the
 * longest time to show a right makes way for the next. That it has sent something counts for nothing:
 * a byte is sent easily.
 */
export interface Places {
  /** One was just accepted; `caller` tells whether it is known to be this user's. */
  meet(socket: Socket, caller: Promise<Caller | null>): void;
  /**
   * Admits as `admit` does, and gives the caller's connection its place; one that was not met here
   * needs none. Throws a `Refusal` also where all places of such callers are taken.
   */
  admit: Admission['admit'];
  counts(): ConnectionCounts;
}

/** Whose connections there are: this user's, of those with a token or a cookie, of strangers. */
export interface ConnectionCounts {
  own: number;
  token: number;
  stranger: number;
  /** Since the start. */
  dropped: number;
}

export const createPlaces = (options: {
  admit: Admission['admit'];
  limits: PlaceLimits;
  meter: HttpMeter;
  drops: DropCount;
}): Places => {
  const { limits, meter } = options;
  const { drop } = options.drops;
  const held = { own: new Set<Socket>(), token: new Set<Socket>(), stranger: new Set<Socket>() };
  const met = new WeakMap<Socket, Patience>();

  const leave = (socket: Socket) => {
    for (const [caller, sockets] of entriesOf(held)) {
      if (sockets.delete(socket)) meter.connected(caller, sockets.size);
    }
  };
  const put = (socket: Socket, caller: keyof typeof held) => {
    leave(socket);
    held[caller].add(socket);
    meter.connected(caller, held[caller].size);
  };
  const hasRoom = (caller: 'own' | 'token') =>
    held.own.size + held.token.size < limits.maxConnections &&
    (caller === 'own' || held.token.size < limits.maxTokenConnections);

  const pushOut = (socket: Socket) => {
    drop('pushed_out');
    leave(socket);
    // A mere end would wait in the kernel for an answer that an idle program never gives.
    socket.resetAndDestroy();
  };
  const giveUp = (socket: Socket) => {
    // Such as one that has just been answered that it speaks no HTTP.
    if (!socket.writable) return;
    drop('timed_out');
    const detail = 'The request did not arrive in time.';
    answerRaw(socket, new Refusal(detail, { code: 'request_timeout' }));
  };
  const estrange = (socket: Socket, patience: Patience) => {
    put(socket, 'stranger');
    if (!patience.hasAsked) {
      patience.deadline = setTimeout(giveUp, limits.strangerMs, socket).unref();
    }
    const [oldest] = held.stranger;
    if (oldest && held.stranger.size > limits.maxStrangers) pushOut(oldest);
  };

  const meet = async (socket: Socket, asked: Promise<Caller | null>): Promise<void> => {
    const patience: Patience = { hasAsked: false, deadline: undefined };
    met.set(socket, patience);
    socket.once('close', () => {
      clearTimeout(patience.deadline);
      leave(socket);
    });
    const caller = await asked;
    if (socket.destroyed) return;
    if (caller !== null && hasRoom('own')) put(socket, 'own');
    // It may have shown a token meanwhile.
    else if (!held.token.has(socket)) estrange(socket, patience);
  };
  const hear = (socket: Socket) => {
    const patience = met.get(socket);
    if (!patience) return;
    patience.hasAsked = true;
    clearTimeout(patience.deadline);
  };
  const seat = (socket: Socket, { scope }: Caller) => {
    const isSeated = held.own.has(socket) || held.token.has(socket);
    if (isSeated || socket.destroyed || !met.has(socket)) return;
    const caller = scope === null ? 'own' : 'token';
    if (hasRoom(caller)) return put(socket, caller);
    drop('full');
    throw new Refusal('There are as many connections as there may be.', {
      ...{ code: 'too_many_connections', headers: { 'Retry-After': '1' } },
    });
  };

  return {
    meet: (socket, caller) => void meet(socket, caller),
    admit: async (request, answer) => {
      hear(request.socket);
      const caller = await options.admit(request, answer);
      if (caller !== null) seat(request.socket, caller);
      return caller;
    },
    counts: () => ({
      ...{ own: held.own.size, token: held.token.size, stranger: held.stranger.size },
      dropped: options.drops.total(),
    }),
  };
};

/** With a connection that has shown no right to call. */
interface Patience {
  hasAsked: boolean;
  deadline: NodeJS.Timeout | undefined;
}

const entriesOf = <Key extends string, Value>(record: Record<Key, Value>): [Key, Value][] =>
  Object.entries(record) as [Key, Value][];

interface DropCount {
  drop(cause: DropCause): void;
  total(): number;
}

/** Counts each connection that is dropped, and tells the log of them together, once in a while. */
export const createDropCount = ({
  meter,
  log,
  everyMs,
}: {
  meter: HttpMeter;
  log: Log;
  everyMs: number;
}): DropCount => {
  let total = 0;
  let untold: Partial<Record<DropCause, number>> = {};
  let next: NodeJS.Timeout | undefined;

  const tell = () => {
    next = undefined;
    if (Object.keys(untold).length === 0) return;
    log.warn(untold, 'connections to the API were dropped: docs/security.md says which');
    untold = {};
    next = setTimeout(tell, everyMs).unref();
  };
  return {
    drop: (cause) => {
      total += 1;
      meter.disconnected(cause);
      untold[cause] = (untold[cause] ?? 0) + 1;
      if (next === undefined) tell();
    },
    total: () => total,
  };
};
