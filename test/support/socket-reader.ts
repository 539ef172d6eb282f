/** A client of the WebSocket that comes back after the last event it has, whenever it is cut off. */

import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../../src/http/socket-messages.ts';
import type { EventReader } from './event-reader.ts';

const RETRY_MS = 10;

/** It begins at the first event. */
export const startSocketReader = (url: () => string): EventReader => {
  const events: EventReader['events'] = [];
  let resets = 0;
  let connections = 0;
  let isOver = false;
  let socket: WebSocket | undefined;

  const hear = (text: string): void => {
    const message = JSON.parse(text) as ServerMessage;
    if (message.type === 'reset') resets += 1;
    if (message.type === 'connected') connections += 1;
    if (message.type !== 'event') return;
    const { type: _type, ...event } = message;
    events.push(event);
  };

  const read = (): Promise<void> =>
    new Promise((resolve) => {
      const last = events.at(-1);
      const from = last === undefined ? 'after=0' : `after=${last.seq}&epoch=${last.epoch}`;
      socket = new WebSocket(`${url().replace('http', 'ws')}/ws?${from}`);
      socket.on('message', (data) => hear(String(data)));
      // Refused or broken off: it comes back.
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
    });

  const reading = (async () => {
    while (!isOver) {
      await read();
      await delay(RETRY_MS);
    }
  })();

  return {
    events,
    resets: () => resets,
    connections: () => connections,
    cut: () => socket?.terminate(),
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      socket?.terminate();
      await reading;
    },
  };
};
