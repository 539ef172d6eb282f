/** In which state each agent was in the last hour: what the sparklines draw. */

import type { MonitorEvent, State } from '../../../machines/vocabulary.ts';
import { Problem } from './api.ts';
import { hear } from './feed.ts';
import { createFramed } from './framed.ts';
import { readPast } from './past-events.ts';

/** From `at` (ms since the epoch) on; null where it was gone. */
export interface Stretch {
  at: number;
  state: State | null;
}

export type History = ReadonlyMap<string, readonly Stretch[]>;

export const SPAN_MS = 3_600_000;

const known = createFramed<History>(new Map());

export const history = known.shown;

/** Reads the last hour whenever the connection is new, and goes on from there. */
export const followHistory = (): void => {
  hear((message) => {
    if (message.type === 'snapshot') void read();
    if (message.type === 'event') known.change(withStretch(known.latest(), message, Date.now()));
  });
};

const read = async (): Promise<void> => {
  try {
    const events = [
      ...(await readPast({ event: 'state_change' }, Date.now() - SPAN_MS)),
      ...(await readPast({ event: 'session_gone' }, Date.now() - SPAN_MS)),
    ].toSorted((one, other) => one.seq - other.seq);
    const at = Date.now();
    let all: History = new Map();
    for (const event of events) all = withStretch(all, event, at);
    known.change(all);
  } catch (error) {
    if (!(error instanceof Problem)) throw error; // The next connection tries again.
  }
};

/** Answers the same where the event is no stretch's beginning. */
export const withStretch = (all: History, event: MonitorEvent, at: number): History => {
  const { session, timestamp } = event;
  const isGone = event.event === 'session_gone';
  if (!isGone && event.event !== 'state_change') return all;
  const state = isGone ? null : ((event as { state?: State }).state ?? null);
  const before = all.get(session) ?? [];
  // What lasts into the hour begins before it.
  const first = before.findLastIndex((stretch) => stretch.at < at - SPAN_MS);
  const kept = first > 0 ? before.slice(first) : before;
  return new Map(all).set(session, [...kept, { at: timestamp, state }]);
};
