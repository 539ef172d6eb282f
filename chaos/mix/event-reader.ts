/** Reads the stream of events as a careful consumer does: on from what it has seen last, whatever ends. */

import { setTimeout as delay } from 'node:timers/promises';
import type { MonitorEvent } from '../../machines/vocabulary.ts';

export interface EventReader extends AsyncDisposable {
  readonly events: readonly MonitorEvent[];
  /** How often it was told that it had missed something. */
  readonly resets: number;
  /** How often it was connected. */
  readonly connections: number;
  /** Breaks the connection, if there is one. */
  cut(): void;
}

const AGAIN_AFTER_MS = 100;

export const readEvents = (url: () => string): EventReader => {
  const events: MonitorEvent[] = [];
  const ending = new AbortController();
  let cutting = new AbortController();
  let lastId = '';
  let resets = 0;
  let connections = 0;

  const take = (block: string): void => {
    const fields = new Map(block.split('\n').map((line) => splitField(line)));
    lastId = fields.get('id') ?? lastId;
    const data = fields.get('data');
    if (fields.get('event') === 'reset') resets += 1;
    else if (data !== undefined) events.push(JSON.parse(data));
  };

  const readOnce = async (): Promise<void> => {
    cutting = new AbortController();
    const signal = AbortSignal.any([cutting.signal, ending.signal]);
    const headers: Record<string, string> = lastId === '' ? {} : { 'last-event-id': lastId };
    const response = await fetch(`${url()}/api/events/stream?after=0`, { headers, signal });
    if (!response.ok || response.body === null) return;
    connections += 1;
    let pending = '';
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (pending + text).split('\n\n');
      pending = blocks.pop() ?? '';
      for (const block of blocks) take(block);
    }
  };

  const readOn = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await readOnce().catch(() => undefined); // It was cut off, or nobody is there.
      await delay(AGAIN_AFTER_MS);
    }
  };
  const reading = readOn();
  return {
    events,
    get resets() {
      return resets;
    },
    get connections() {
      return connections;
    },
    cut: () => cutting.abort(),
    [Symbol.asyncDispose]: () => {
      ending.abort();
      return reading;
    },
  };
};

const splitField = (line: string): [string, string] => {
  const colon = line.indexOf(': ');
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 2)];
};
