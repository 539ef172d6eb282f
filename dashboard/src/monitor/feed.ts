/** The page's one WebSocket: comes back by itself, and goes on after the last event it was told. */

import { signal } from '@preact/signals';
import { get, Problem } from './api.ts';
import type { Message } from './messages.ts';

export type Link =
  | { status: 'connecting' }
  | { status: 'open' }
  /** `since`: when it was lost, in ms since the epoch. */
  | { status: 'lost'; since: number };

export const link = signal<Link>({ status: 'connecting' });

export type FeedListener = (message: Message) => void;

const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 4_000;
const PING_EVERY_MS = 10_000;

let socket: WebSocket | null = null;
let position: { epoch: string; seq: number } | null = null;
let failures = 0;
const listeners = new Set<FeedListener>();

/** Hears all that is told from now on; answers how to end that. */
export const hear = (listener: FeedListener): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Nothing is said while there is no connection: who wants something says it again on `connected`. */
export const say = (message: object): void => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
};

export const connect = (): void => {
  const from = position ? `?after=${position.seq}&epoch=${position.epoch}` : '';
  const opening = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws${from}`);
  socket = opening;
  let isAsked = false;
  const lost = (): void => {
    clearInterval(pinging);
    opening.onmessage = null;
    opening.onclose = null;
    opening.close();
    if (link.value.status !== 'lost') link.value = { status: 'lost', since: Date.now() };
    failures += 1;
    const longest = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures);
    setTimeout(() => void reconnect(), longest * (0.5 + Math.random() / 2));
  };
  // A machine that slept, or a line that was cut, closes nothing, and a close waits for the other side.
  const pinging = setInterval(() => {
    if (isAsked) lost();
    else say({ type: 'ping' });
    isAsked = true;
  }, PING_EVERY_MS);
  opening.onmessage = ({ data }: MessageEvent<string>) => {
    isAsked = false;
    take(JSON.parse(data) as Message);
  };
  opening.onclose = lost;
};

const take = (message: Message): void => {
  if (message.type === 'connected') {
    failures = 0;
    link.value = { status: 'open' };
  }
  if (message.type === 'snapshot' || message.type === 'reset' || message.type === 'event')
    position = { epoch: message.epoch, seq: message.seq };
  for (const listener of listeners) listener(message);
};

/** A browser is not told why an upgrade was refused: the API says whether it is to log in. */
const reconnect = async (): Promise<void> => {
  const problem = await get('/health').then(
    () => get('/api/stats').then(() => null, asProblem),
    asProblem,
  );
  // The monitor answers this page's address with the page that logs in.
  if (problem?.status === 401) location.reload();
  else connect();
};

const asProblem = (error: unknown): Problem | null => (error instanceof Problem ? error : null);
