/** The events that a page shows: those that are wanted, the newest first, and only so many. Pure. */

import type { EventName, MonitorEvent } from '../../../machines/vocabulary.ts';
import { tellEvent } from './event-words.ts';

export interface Wanted {
  /** Of this session only; of all where null. */
  session: string | null;
  /** Of these kinds only; of all where there are none. */
  kinds: readonly EventName[];
  /** All of its words must be in the event. */
  text: string;
}

export interface Journal {
  wanted: Wanted;
  /** The newest first. */
  shown: readonly MonitorEvent[];
  /** What came while it is paused, the newest first; null where it is not paused. */
  held: readonly MonitorEvent[] | null;
  /** How many came while it is paused, held or not. */
  heldCount: number;
  /** All that is wanted from this `seq` on is here, but for what is held; null where nothing was read yet. */
  from: number | null;
  /** So many are kept. */
  most: number;
  /** What is shown is of a journal that is no more: only while it is paused. */
  isOld: boolean;
}

export const MOST_LIVE = 500;
/** Whoever looks back further does so by narrowing what is wanted. */
export const MOST_EVER = 3_000;

export const emptyJournal = (wanted: Wanted): Journal => ({
  ...{ wanted, shown: [], held: null, heldCount: 0, from: null },
  ...{ most: MOST_LIVE, isOld: false },
});

export const isWanted = (wanted: Wanted, event: MonitorEvent): boolean =>
  (wanted.session === null || event.session === wanted.session) &&
  (wanted.kinds.length === 0 || wanted.kinds.includes(event.event)) &&
  hasWords(wanted.text, event);

const hasWords = (text: string, event: MonitorEvent): boolean => {
  if (text.trim() === '') return true;
  const { session, event: name, output } = event;
  const all = [session, name, tellEvent(event), output].join('\n').toLowerCase();
  return text
    .toLowerCase()
    .trim()
    .split(/\s+/)
    .every((word) => all.includes(word));
};

/** One that has just happened. Answers the same journal where it is not wanted. */
export const withNewEvent = (journal: Journal, event: MonitorEvent): Journal => {
  const { wanted, shown, held, heldCount, most } = journal;
  const newest = held?.[0] ?? (journal.isOld ? undefined : shown[0]);
  if (!isWanted(wanted, event) || (newest && newest.seq >= event.seq)) return journal;
  if (held)
    return { ...journal, held: [event, ...held.slice(0, most - 1)], heldCount: heldCount + 1 };
  return cut({ ...journal, shown: [event, ...shown] });
};

/** What was read of the past: all that is wanted from `from` on, up to what is here already. */
export const withPast = (
  journal: Journal,
  past: { events: readonly MonitorEvent[]; from: number },
): Journal => {
  const known = new Set(journal.shown.map(({ seq }) => seq));
  const added = past.events.filter(
    (event) => !known.has(event.seq) && isWanted(journal.wanted, event),
  );
  const shown = [...journal.shown, ...added].sort((one, other) => other.seq - one.seq);
  return cut({ ...journal, shown, from: past.from });
};

/** Room for older ones, which no newer ones shall push out at once. */
export const withRoom = (journal: Journal, more: number): Journal => ({
  ...journal,
  most: Math.min(MOST_EVER, Math.max(journal.most, journal.shown.length + more)),
});

const cut = (journal: Journal): Journal => {
  const { shown, most } = journal;
  if (shown.length <= most) return journal;
  const kept = shown.slice(0, most);
  return { ...journal, shown: kept, from: kept.at(-1)?.seq ?? null };
};

export const paused = (journal: Journal): Journal =>
  journal.held ? journal : { ...journal, held: [], heldCount: 0 };

/** The monitor tells all anew. Who holds the page still goes on reading what there was. */
export const begunAnew = (journal: Journal): Journal =>
  journal.held ? { ...journal, held: [], heldCount: 0, isOld: true } : emptyJournal(journal.wanted);

/** Shows what was held. Where more came than was held, all before it would leave a gap, and is dropped. */
export const resumed = (journal: Journal): Journal => {
  const { shown, held, heldCount } = journal;
  if (!held) return journal;
  const isWhole = heldCount === held.length && !journal.isOld;
  const next = { ...journal, held: null, heldCount: 0, isOld: false };
  if (!isWhole) return { ...next, shown: held, from: held.at(-1)?.seq ?? null };
  return cut({ ...next, shown: [...held, ...shown] });
};

/** Something else is wanted: of what is here, that which still is, until the past is read anew. */
export const rewanted = (journal: Journal, wanted: Wanted): Journal => {
  const kept = resumed(journal).shown.filter((event) => isWanted(wanted, event));
  return { ...emptyJournal(wanted), shown: kept };
};
