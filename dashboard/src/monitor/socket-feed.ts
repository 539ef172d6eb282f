/** A WebSocket to the monitor: comes back by itself, and goes on after the last event it was told. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Batch, Message } from './messages.ts';
import type { Time } from './time.ts';

type Link =
  | { status: 'connecting' }
  | { status: 'open' }
  /** `since`: when it was lost, in ms since the epoch. */
  | { status: 'lost'; since: number };

type FeedListener = (message: Message) => void;

export interface Feed {
  readonly link: ReadonlySignal<Link>;
  /** Whether the monitor lets this browser change anything, as far as it has said. */
  readonly mayAct: ReadonlySignal<boolean>;
  /** Hears all that is told from now on; answers how to end that. */
  hear(listener: FeedListener): () => void;
  /** Nothing is said while there is no connection: who wants something says it again on `connected`. */
  say(message: object): void;
  connect(): void;
}

const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 4_000;
const PING_EVERY_MS = 10_000;

export const createFeed = (options: {
  /** Where the monitor is, such as `http://localhost:3848`. */
  origin(): string;
  time: Time;
  /** From 0 to 1. */
  random(): number;
  /** Before it connects again: whether it is to log in first, which a browser is not told by a refused upgrade. */
  isLoggedOut(): Promise<boolean>;
  logIn(): void;
  /** A listener has thrown it. */
  report(error: unknown): void;
}): Feed => {
  const { time } = options;
  const link = signal<Link>({ status: 'connecting' });
  const mayAct = signal(true);
  const listeners = new Set<FeedListener>();
  let line: Line | null = null;
  let position: { epoch: string; seq: number } | null = null;
  let failures = 0;

  /** Answers whether nobody has missed an event. */
  const take = (message: Message): boolean => {
    if (message.type === 'connected') {
      failures = 0;
      link.value = { status: 'open' };
      mayAct.value = message.scope !== 'read';
    }
    if (message.type === 'snapshot' || message.type === 'reset' || message.type === 'event')
      position = { epoch: message.epoch, seq: message.seq };
    let isHeard = true;
    for (const listener of listeners) isHeard = isTold(listener, message) && isHeard;
    return isHeard || message.type !== 'event';
  };
  const isTold = (listener: FeedListener, message: Message): boolean => {
    try {
      listener(message);
      return true;
    } catch (error) {
      options.report(error);
      return false;
    }
  };
  /** An event that somebody has failed over would be failed over again: all begins anew after the others. */
  const takeAll = (messages: readonly Message[]): void => {
    const isTaken = messages.map(take);
    if (isTaken.every(Boolean)) return;
    position = null;
    line?.end();
  };
  const lost = (): void => {
    if (link.peek().status !== 'lost') link.value = { status: 'lost', since: time.now() };
    failures += 1;
    const longest = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures);
    time.setTimeout(() => void reconnect(), longest * (0.5 + options.random() / 2));
  };
  const connect = (): void => {
    const from = position ? `&after=${position.seq}&epoch=${position.epoch}` : '';
    const address = `${options.origin().replace(/^http/, 'ws')}/ws?batch=1${from}`;
    line = openLine(address, { time, take: takeAll, lost });
  };
  const reconnect = async (): Promise<void> => {
    if (await options.isLoggedOut()) options.logIn();
    else connect();
  };

  return {
    ...{ link, mayAct, connect },
    say: (message) => line?.say(message),
    hear: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

/** One message may bring many events. */
const messagesOf = (told: Message | Batch): Message[] =>
  told.type === 'events'
    ? told.events.map((event) => ({ type: 'event', ...event }) as const)
    : [told];

interface Line {
  say(message: object): void;
  end(): void;
}

/** One connection: it is lost once, and tells nothing after that. */
const openLine = (
  address: string,
  { time, take, lost }: { time: Time; take(messages: readonly Message[]): void; lost(): void },
): Line => {
  const socket = new WebSocket(address);
  const say = (message: object): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const over = (): void => {
    silence.end();
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    lost();
  };
  const silence = watchSilence(time, { ask: () => say({ type: 'ping' }), over });
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    silence.broken();
    take(messagesOf(JSON.parse(data)));
  };
  socket.onclose = over;
  return { say, end: over };
};

/** A machine that slept, or a line that was cut, closes nothing, and a close waits for the other side. */
const watchSilence = (time: Time, { ask, over }: { ask(): void; over(): void }) => {
  let isAsked = false;
  const look = (): void => {
    timer = time.setTimeout(look, PING_EVERY_MS);
    if (isAsked) over();
    else ask();
    isAsked = true;
  };
  let timer = time.setTimeout(look, PING_EVERY_MS);
  return {
    broken: () => {
      isAsked = false;
    },
    end: () => time.clearTimeout(timer),
  };
};
