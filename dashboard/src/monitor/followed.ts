/** What no event carries: read from the API, and again soon after an event that concerns it. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { get, Problem } from './api.ts';
import { hear } from './feed.ts';

/** As it was when it was read last; what was known stays where reading fails. */
interface Followed<Value> {
  /** Null until it was read for the first time. */
  value: Value | null;
  /** Why it could not be read the last time. */
  problem: Problem | null;
}

export interface Following<Value> {
  readonly shown: ReadonlySignal<Followed<Value>>;
  /** Reads it again soon. */
  refresh(): void;
  stop(): void;
}

const AFTER_EVENT_MS = 300;
const EVERY_MS = 10_000;

export const follow = <Value>(options: {
  path: string;
  query?: Record<string, string | number>;
  concerns(event: MonitorEvent): boolean;
}): Following<Value> => {
  const { path, query, concerns } = options;
  const shown = signal<Followed<Value>>({ value: null, problem: null });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isSoon = false;
  let isStopped = false;
  let begun = 0;
  let told = 0;
  const read = async (): Promise<void> => {
    begun += 1;
    const turn = begun;
    const next = await readOnce<Value>(path, query ?? {});
    // Answers may overtake each other.
    if (isStopped || turn < told) return;
    told = turn;
    shown.value = { value: next.value ?? shown.peek().value, problem: next.problem };
    // Not an event that came while it was read: its own wait has begun already.
    if (timer === undefined) timer = setTimeout(begin, EVERY_MS);
  };
  const begin = (): void => {
    timer = undefined;
    isSoon = false;
    void read();
  };
  const soon = (ms: number): void => {
    if (isSoon) return;
    isSoon = true;
    clearTimeout(timer);
    timer = setTimeout(begin, ms);
  };
  const stopHearing = hear((message) => {
    if (message.type === 'connected') soon(0);
    if (message.type === 'event' && concerns(message)) soon(AFTER_EVENT_MS);
  });
  begin();
  return {
    shown,
    refresh: () => soon(0),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      stopHearing();
    },
  };
};

const readOnce = async <Value>(
  path: string,
  query: Record<string, string | number>,
): Promise<Followed<Value>> => {
  try {
    return { value: await get<Value>(path, query), problem: null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { value: null, problem: error };
  }
};
