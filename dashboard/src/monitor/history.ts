/** In which state each agent was in the last hour: what the sparklines draw. */

import type { ReadonlySignal } from '@preact/signals';
import type { EventName, MonitorEvent, State } from '../../../machines/vocabulary.ts';
import { Problem } from './api.ts';
import { hear } from './feed.ts';
import { createFramed, type Framed } from './framed.ts';
import { type ReadPast, readPast } from './past-events.ts';
import type { Feed } from './socket-feed.ts';
import { browserTime, type Time } from './time.ts';

/** From `at` (ms since the epoch) on; null where it was gone. */
export interface Stretch {
  at: number;
  state: State | null;
}

export const SPAN_MS = 3_600_000;
/** What was shorter shows on no strip, and is drawn as what came after it. */
const GRAIN_MS = 10_000;
const DRAWN_EVERY_MS = 1_000;

interface Source {
  feed: Pick<Feed, 'hear'>;
  readPast: ReadPast;
  time: Time;
}

export interface History {
  /** Oldest first; empty where nothing changed in the last hour. */
  of(session: string): ReadonlySignal<readonly Stretch[]>;
  /** Reads the last hour whenever the agents are told anew, and goes on from there. */
  follow(): void;
}

export const createHistory = ({ feed, readPast, time }: Source): History => {
  const bySession = new Map<string, Framed<readonly Stretch[]>>();
  /** What is told while the past is being read, which may or may not have it. */
  let meanwhile: MonitorEvent[] | null = null;
  const framedOf = (session: string): Framed<readonly Stretch[]> => {
    const framed = bySession.get(session) ?? createFramed<readonly Stretch[]>([], DRAWN_EVERY_MS);
    bySession.set(session, framed);
    return framed;
  };
  /** A strip that is still drawn asks for its own again when it is drawn anew. */
  const letGo = (session: string): void => {
    framedOf(session).change([]);
    bySession.delete(session);
  };
  const take = (event: MonitorEvent): void => {
    const { session, previousSession } = event;
    if (isRename(event)) {
      framedOf(session).change(framedOf(String(previousSession)).latest());
      letGo(String(previousSession));
    } else if (isStretch(event)) {
      const framed = framedOf(session);
      framed.change(withStretch(framed.latest(), event, time.now()));
    }
  };
  const read = async (): Promise<void> => {
    const heard: MonitorEvent[] = [];
    meanwhile = heard;
    try {
      const since = time.now() - SPAN_MS;
      const lists = await Promise.all(READ.map((event) => readPast({ event }, since)));
      // Another reading has begun, which knows better.
      if (meanwhile !== heard) return;
      const all = foldHistory([...lists.flat(), ...heard]);
      for (const session of [...bySession.keys()]) if (!all.has(session)) letGo(session);
      for (const [session, stretches] of all) framedOf(session).change(stretches);
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // The next connection tries again.
    } finally {
      if (meanwhile === heard) meanwhile = null;
    }
  };
  return {
    of: (session) => framedOf(session).shown,
    follow: () => {
      feed.hear((message) => {
        if (message.type === 'snapshot') void read();
        if (message.type !== 'event') return;
        meanwhile?.push(message);
        take(message);
      });
    },
  };
};

export const { of: historyOf, follow: followHistory } = createHistory({
  ...{ feed: { hear }, readPast, time: browserTime },
});

/** From events in any order, some of them twice. */
export const foldHistory = (events: readonly MonitorEvent[]): Map<string, Stretch[]> => {
  const bySeq = new Map(events.map((event) => [event.seq, event]));
  const all = new Map<string, Stretch[]>();
  for (const event of [...bySeq.values()].sort((one, other) => one.seq - other.seq)) {
    const from = isRename(event) ? String(event.previousSession) : event.session;
    const stretches = all.get(from) ?? [];
    if (isRename(event)) all.delete(from);
    else if (isStretch(event)) extend(stretches, event);
    if (stretches.length > 0) all.set(event.session, stretches);
  }
  return all;
};

export const withStretch = (
  before: readonly Stretch[],
  event: MonitorEvent,
  at: number,
): readonly Stretch[] => {
  // What lasts into the hour begins before it.
  const first = before.findLastIndex((stretch) => stretch.at < at - SPAN_MS);
  const stretches = before.slice(Math.max(first, 0));
  extend(stretches, event);
  return stretches;
};

const READ: EventName[] = ['state_change', 'session_gone', 'session_renamed'];

const isStretch = ({ event }: MonitorEvent): boolean =>
  event === 'state_change' || event === 'session_gone';

const isRename = ({ event, previousSession }: MonitorEvent): boolean =>
  event === 'session_renamed' && previousSession !== undefined;

const extend = (stretches: Stretch[], event: MonitorEvent): void => {
  const { timestamp, state = null, prevState = null } = event as MonitorEvent & Partial<Changed>;
  const isGone = event.event === 'session_gone';
  if (stretches.length === 0 && !isGone && prevState !== null)
    stretches.push({ at: 0, state: prevState });
  const last = stretches.at(-1);
  const next = { at: timestamp, state: isGone ? null : state };
  if (last && timestamp - last.at < GRAIN_MS)
    stretches[stretches.length - 1] = { ...next, at: last.at };
  else stretches.push(next);
};

interface Changed {
  state: State;
  prevState: State | null;
}
