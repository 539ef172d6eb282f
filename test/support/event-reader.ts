/** A client of the event stream that comes back with the last id it has, whenever it is cut off. */

import { setTimeout as delay } from 'node:timers/promises';
import type { MonitorEvent } from '../../machines/vocabulary.ts';

export interface EventReader extends AsyncDisposable {
  /** Everything it was told, as it came. */
  readonly events: MonitorEvent[];
  /** How often it was told to start anew. */
  resets(): number;
  /** How often it was connected, and told something. */
  connections(): number;
  /** Breaks the connection off, wherever it is; it comes back by itself. */
  cut(): void;
}

const RETRY_MS = 10;

/** `url` is asked for at each attempt: a monitor may come back on another port. It begins at the first event. */
export const startEventReader = (url: () => string): EventReader => {
  const events: MonitorEvent[] = [];
  let resets = 0;
  let connections = 0;
  let lastId: string | null = null;
  let isOver = false;
  let connection = new AbortController();

  const hear = (block: string): void => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const data = field('data');
    if (field('event') === 'reset') resets += 1;
    else if (data !== undefined) events.push(JSON.parse(data) as MonitorEvent);
    lastId = field('id') ?? lastId;
  };

  const read = async (): Promise<void> => {
    connection = new AbortController();
    const response = await fetch(`${url()}/api/events/stream?after=0`, {
      headers: lastId === null ? {} : { 'Last-Event-ID': lastId },
      signal: connection.signal,
    });
    if (response.status !== 200 || response.body === null) throw new Error(`${response.status}`);
    let rest = '';
    let isNew = true;
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      // What comes in half is not heard: its id is not kept either.
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) hear(block);
      if (isNew) connections += 1;
      isNew = false;
    }
  };

  const reading = (async () => {
    while (!isOver) {
      await read().catch(() => undefined); // Cut off, refused or not there: it comes back.
      await delay(RETRY_MS);
    }
  })();

  return {
    events,
    resets: () => resets,
    connections: () => connections,
    cut: () => connection.abort(),
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      connection.abort();
      await reading;
    },
  };
};
