/** The events of the last day that say in which state one agent was. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { EventName, MonitorEvent } from '../../../machines/vocabulary.ts';
import { Problem } from './api.ts';
import { hear, link } from './feed.ts';
import { type NameSpan, namesOf } from './names.ts';
import { type ReadPast, readPast } from './past-events.ts';
import type { Feed } from './socket-feed.ts';
import { DAY_MS } from './spells.ts';
import { browserTime, type Time } from './time.ts';

export interface Day {
  /** In their order; null until they were read. */
  events: readonly MonitorEvent[] | null;
  problem: Problem | null;
}

interface Source {
  feed: Pick<Feed, 'hear' | 'link'>;
  readPast: ReadPast;
  time: Time;
}

const OWN: EventName[] = ['state_change', 'session_gone', 'session_killed'];
const OF_THE_MONITOR: EventName[] = ['monitor_stopped', 'monitor_started'];
/** So long after it could not be read it is tried again. */
const AGAIN_MS = 10_000;

/** Reads them at first, and again where some may have been missed; and goes on with what happens. */
export const followDay = (
  session: string,
  source: Source = { feed: { hear, link }, readPast, time: browserTime },
): { day: ReadonlySignal<Day>; stop(): void } => {
  const { feed, time } = source;
  const day = signal<Day>({ events: null, problem: null });
  /** What happened while the past is read; null while it is not. */
  let meanwhile: MonitorEvent[] | null = null;
  let again: unknown;
  const read = async (): Promise<void> => {
    const heard: MonitorEvent[] = [];
    meanwhile = heard;
    time.clearTimeout(again);
    const next = await readDay(session, source);
    // Another reading has begun since, or nobody looks any more.
    if (meanwhile !== heard) return;
    meanwhile = null;
    const events = next.events ? joined(next.events, heard, time) : day.peek().events;
    day.value = { ...next, events };
    if (next.problem) again = time.setTimeout(() => void read(), AGAIN_MS);
  };
  const stopHearing = feed.hear((message) => {
    // What was told of another journal says nothing in this one.
    if (message.type === 'reset') day.value = { events: null, problem: null };
    if (message.type === 'snapshot') void read();
    if (message.type !== 'event' || !isAbout(message, session)) return;
    meanwhile?.push(message);
    const { events, problem } = day.peek();
    if (events) day.value = { events: joined(events, [message], time), problem };
  });
  // The snapshot that follows a new connection has it read anyway.
  if (feed.link.peek().status !== 'connecting') void read();
  return {
    day,
    stop: () => {
      meanwhile = null;
      time.clearTimeout(again);
      stopHearing();
    },
  };
};

const isAbout = ({ event, session }: MonitorEvent, about: string): boolean =>
  (OWN.includes(event) && session === about) || OF_THE_MONITOR.includes(event);

const readDay = async (session: string, { readPast, time }: Source): Promise<Day> => {
  const since = time.now() - DAY_MS;
  try {
    const names = namesOf(session, await readPast({ event: 'session_renamed' }, since));
    const lists = await Promise.all([
      ...names.map(async (span) => {
        const told = OWN.map((event) => readPast({ event, session: span.name }, since));
        return (await Promise.all(told)).flat().filter(({ seq }) => isWithin(span, seq));
      }),
      ...OF_THE_MONITOR.map((event) => readPast({ event }, since)),
    ]);
    return { events: lists.flat(), problem: null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { events: null, problem: error };
  }
};

const isWithin = ({ after, before }: NameSpan, seq: number): boolean => seq > after && seq < before;

/** Each once, in their order; what is older than a day is left out. */
const joined = (
  some: readonly MonitorEvent[],
  more: readonly MonitorEvent[],
  time: Time,
): MonitorEvent[] => {
  const since = time.now() - DAY_MS;
  const bySeq = new Map([...some, ...more].map((event) => [event.seq, event]));
  return [...bySeq.values()]
    .filter(({ timestamp }) => timestamp >= since)
    .sort((one, other) => one.seq - other.seq);
};
