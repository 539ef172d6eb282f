/** Listens to the events in Redis as any consumer does, and notes when each came. */

import { Redis } from 'ioredis';
import type { MonitorEvent } from '../machines/vocabulary.ts';
import { givenOptions, now, serve } from './program.ts';

/** Somebody noticed at `at`, on the clock of `now`, that a session is in this turn. */
export interface Sighting {
  session: string;
  turn: number;
  at: number;
}

export interface SubscriberCalls {
  /** The changes to `reading` since the last call. */
  take(): Sighting[];
  /** When each session's first state came, since the start or the last `forget`. */
  firsts(): { session: string; at: number }[];
  forget(): void;
}

const { url } = givenOptions<{ url: string }>();
const firsts = new Map<string, number>();
let sightings: Sighting[] = [];

const receive = (message: string): void => {
  const at = now();
  const { event, session, state, prevState, evidence } = JSON.parse(message) as MonitorEvent;
  if (event !== 'state_change') return;
  if (!firsts.has(session)) firsts.set(session, at);
  if (state !== 'reading' || prevState === null) return;
  const turn = Number(/turn (\d+)/i.exec(String(evidence))?.[1]);
  sightings.push({ session, turn, at });
};

const redis = new Redis(url);
redis.on('message', (_, message) => receive(message));
await redis.subscribe('agent-events');

serve<SubscriberCalls>({
  take: () => {
    const taken = sightings;
    sightings = [];
    return taken;
  },
  firsts: () => [...firsts].map(([session, at]) => ({ session, at })),
  forget: () => {
    firsts.clear();
    sightings = [];
  },
});
