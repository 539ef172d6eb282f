/** The events of the last day that say in which state one agent was. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { EventName, MonitorEvent } from '../../../machines/vocabulary.ts';
import { Problem } from './api.ts';
import { hear, link } from './feed.ts';
import { readPast } from './past-events.ts';
import { DAY_MS } from './spells.ts';

export interface Day {
  /** In their order; null until they were read. */
  events: readonly MonitorEvent[] | null;
  problem: Problem | null;
}

const OWN: EventName[] = ['state_change', 'session_gone', 'session_killed'];
const OF_THE_MONITOR: EventName[] = ['monitor_stopped', 'monitor_started'];

/** Reads them at first, and again where some may have been missed; and goes on with what happens. */
export const followDay = (session: string): { day: ReadonlySignal<Day>; stop(): void } => {
  const day = signal<Day>({ events: null, problem: null });
  /** What happened while the past was read. */
  let meanwhile: MonitorEvent[] = [];
  let isStopped = false;
  const isAbout = ({ event, session: of }: MonitorEvent): boolean =>
    (OWN.includes(event) && of === session) || OF_THE_MONITOR.includes(event);
  const read = async (): Promise<void> => {
    meanwhile = [];
    const next = await readDay(session);
    if (!isStopped)
      day.value = {
        ...next,
        events: next.events ? joined(next.events, meanwhile) : day.peek().events,
      };
  };
  const stopHearing = hear((message) => {
    if (message.type === 'snapshot') void read();
    if (message.type !== 'event' || !isAbout(message)) return;
    meanwhile.push(message);
    const { events, problem } = day.peek();
    if (events) day.value = { events: joined(events, [message]), problem };
  });
  // The snapshot that follows a new connection has it read anyway.
  if (link.peek().status !== 'connecting') void read();
  return {
    day,
    stop: () => {
      isStopped = true;
      stopHearing();
    },
  };
};

const readDay = async (session: string): Promise<Day> => {
  const since = Date.now() - DAY_MS;
  try {
    const lists = await Promise.all([
      ...OWN.map((event) => readPast({ event, session }, since)),
      ...OF_THE_MONITOR.map((event) => readPast({ event }, since)),
    ]);
    return { events: joined([], lists.flat()), problem: null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { events: null, problem: error };
  }
};

/** Each once, in their order; what is older than a day is left out. */
const joined = (some: readonly MonitorEvent[], more: readonly MonitorEvent[]): MonitorEvent[] => {
  const since = Date.now() - DAY_MS;
  const bySeq = new Map([...some, ...more].map((event) => [event.seq, event]));
  return [...bySeq.values()]
    .filter(({ timestamp }) => timestamp >= since)
    .sort((one, other) => one.seq - other.seq);
};
