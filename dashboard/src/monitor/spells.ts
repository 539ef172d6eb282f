/** In which states an agent was, one after the other, and the part of the day that is looked at. Pure. */

import type { MonitorEvent, State } from '../../../machines/vocabulary.ts';

/** A time in one state, and why it began. Times in ms since the epoch. */
export interface Spell {
  from: number;
  /** Infinity where it lasts. */
  to: number;
  /** Null where nobody knows: the agent, or the monitor, was not there. */
  state: State | null;
  reason: string;
  evidence: string;
  /** Of the event that began it; 0 where it began before the first one. */
  seq: number;
}

export const DAY_MS = 86_400_000;

/**
 * The spells since `since`, from events in their order. What was before the first of them is told by
 * its `prevState`; without any event, nothing has changed since then, and it is in `now`.
 */
export const spellsOf = (
  events: readonly MonitorEvent[],
  { since, now }: { since: number; now: State | null },
): Spell[] => {
  const changes = events.filter(({ event }) => event === 'state_change' || event in ENDS);
  const first = changes.find(({ event }) => event === 'state_change');
  const before = first ? stateOf(first, 'prevState') : now;
  const spells = [spell(since, before)];
  for (const event of changes) {
    const next = spellFrom(event, spells);
    if (next) addTo(spells, next);
  }
  return spells.filter(({ from, to }) => to > from);
};

/** After these nobody knows its state. */
const ENDS = {
  session_gone: true,
  session_killed: true,
  monitor_stopped: true,
  monitor_started: true,
};

const spell = (from: number, state: State | null): Spell => ({
  ...{ from, to: Number.POSITIVE_INFINITY, state },
  ...{ reason: '', evidence: '', seq: 0 },
});

const stateOf = (event: MonitorEvent, field: 'state' | 'prevState'): State | null =>
  (event[field] as State | null | undefined) ?? null;

const spellFrom = (event: MonitorEvent, spells: readonly Spell[]): Spell | null => {
  const { timestamp, seq } = event;
  const last = spells.at(-1);
  if (event.event === 'state_change') {
    const { reason = '', evidence = '' } = event as { reason?: string; evidence?: string };
    return { ...spell(timestamp, stateOf(event, 'state')), reason, evidence, seq };
  }
  if (event.event === 'monitor_started') {
    // A monitor that stopped in order goes on with the states that it has kept.
    const kept = last?.reason === 'monitor_stopped' ? spells.at(-2) : undefined;
    return kept ? { ...kept, from: timestamp, to: Number.POSITIVE_INFINITY } : null;
  }
  return last?.state === null ? null : { ...spell(timestamp, null), reason: event.event, seq };
};

const addTo = (spells: Spell[], next: Spell): void => {
  const last = spells.at(-1);
  if (last) last.to = next.from;
  spells.push(next);
};

/** A part of the day. */
export interface View {
  lengthMs: number;
  /** Where it ends; null where it ends now, and moves along. */
  to: number | null;
}

export const WHOLE_DAY: View = { lengthMs: DAY_MS, to: null };

const SHORTEST_MS = 60_000;
const HOUR_MS = 3_600_000;

/** The part of which something is known, though not less than an hour. */
export const knownPart = (spells: readonly Spell[], now: number): View => {
  const first = spells.find(({ state }) => state !== null);
  const lengthMs = first ? Math.max(HOUR_MS, (now - first.from) * 1.05) : DAY_MS;
  return { lengthMs: Math.min(DAY_MS, lengthMs), to: null };
};

/** Shorter or longer by a factor, where the place `at` (0 to 1, from the left) stays. */
export const zoomed = (
  view: View,
  { factor, at, now }: { factor: number; at: number; now: number },
): View => {
  const { from, to } = spanOf(view, now);
  const lengthMs = Math.min(DAY_MS, Math.max(SHORTEST_MS, view.lengthMs * factor));
  const place = from + (to - from) * at;
  return within({ lengthMs, to: place + lengthMs * (1 - at) }, now);
};

/** Moved by a part of its length: to the past where that is negative. */
export const moved = (view: View, { by, now }: { by: number; now: number }): View =>
  within({ ...view, to: spanOf(view, now).to + view.lengthMs * by }, now);

const within = ({ lengthMs, to }: { lengthMs: number; to: number }, now: number): View => {
  if (to >= now) return { lengthMs, to: null };
  return { lengthMs, to: Math.max(to, now - DAY_MS + lengthMs) };
};

export const spanOf = ({ lengthMs, to }: View, now: number): { from: number; to: number } => {
  const end = to ?? now;
  return { from: end - lengthMs, to: end };
};

/** Spells as bars from 0 to 1; those too narrow to be seen apart become one. */
export const barsOf = (
  spells: readonly Spell[],
  { from, to, narrowest }: { from: number; to: number; narrowest: number },
): { state: State; x: number; width: number; spell: Spell }[] => {
  const bars: { state: State; x: number; width: number; spell: Spell }[] = [];
  const last = new Map<State, (typeof bars)[number]>();
  for (const spell of spells) {
    const { state } = spell;
    if (state === null || spell.to <= from || spell.from >= to) continue;
    const x = Math.max(0, (spell.from - from) / (to - from));
    const end = Math.min(1, (spell.to - from) / (to - from));
    const before = last.get(state);
    if (before && end - before.x < narrowest) continue;
    if (before && x - (before.x + before.width) < narrowest && end - x < narrowest) {
      before.width = end - before.x;
      continue;
    }
    const bar = { state, x, width: Math.max(end - x, narrowest), spell };
    bars.push(bar);
    last.set(state, bar);
  }
  return bars;
};

/** How long it was in each state, in ms; a spell that lasts ends at `to`. */
export const timesIn = (
  spells: readonly Spell[],
  { from, to }: { from: number; to: number },
): Map<State, number> => {
  const times = new Map<State, number>();
  for (const { state, ...spell } of spells) {
    const ms = Math.min(spell.to, to) - Math.max(spell.from, from);
    if (state !== null && ms > 0) times.set(state, (times.get(state) ?? 0) + ms);
  }
  return times;
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE],
  ...[30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR],
];

/** Round times of day within, at most `most` of them; `offsetMs` is what local time is ahead of UTC. */
export const ticksOf = (
  { from, to }: { from: number; to: number },
  { most, offsetMs }: { most: number; offsetMs: number },
): number[] => {
  const step = STEPS.find((each) => (to - from) / each <= most) ?? DAY_MS;
  const first = Math.ceil((from + offsetMs) / step) * step - offsetMs;
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / step) + 1) },
    (_, index) => first + index * step,
  );
};
