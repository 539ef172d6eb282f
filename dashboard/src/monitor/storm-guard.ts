/** Many alerts within a few seconds become one. Pure: the time is told. */

import type { Alert } from './alerts.ts';

export interface StormGuard {
  /** When calls were made of late, in ms since the epoch. */
  called: readonly number[];
  /** What waits for the end of the storm, the oldest first. */
  held: readonly Alert[];
  /** When what is held is told as one; null where nothing is. */
  dueAt: number | null;
}

/** Each alert of a list of its own is one call. */
export interface Outcome {
  guard: StormGuard;
  tell: readonly Alert[];
}

/** So many within the span are told one by one. */
const MOST = 2;
const SPAN_MS = 5_000;

export const CALM: StormGuard = { called: [], held: [], dueAt: null };

/** Takes an alert: it is told at once, or held until the storm's end. */
export const withAlert = (guard: StormGuard, alert: Alert, now: number): Outcome => {
  const called = guard.called.filter((at) => at > now - SPAN_MS);
  if (guard.dueAt === null && called.length < MOST)
    return { guard: { ...guard, called: [...called, now] }, tell: [alert] };
  const held = [...guard.held, alert];
  return { guard: { called, held, dueAt: guard.dueAt ?? now + SPAN_MS }, tell: [] };
};

/** What has been taken back meanwhile is not told. */
export const without = (guard: StormGuard, session: string): StormGuard =>
  guard.held.some((alert) => alert.session === session)
    ? { ...guard, held: guard.held.filter((alert) => alert.session !== session) }
    : guard;

/** All that was held, once its time has come. */
export const released = (guard: StormGuard, now: number): Outcome => {
  if (guard.dueAt === null || now < guard.dueAt) return { guard, tell: [] };
  const called = guard.held.length > 0 ? [now] : [];
  return { guard: { called, held: [], dueAt: null }, tell: guard.held };
};
