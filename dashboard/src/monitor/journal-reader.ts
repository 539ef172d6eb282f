/** Reads the journal backwards from where it is, as the API only goes forwards. */

import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { get } from './api.ts';
import { isWanted, type Wanted } from './journal.ts';

/** How far the journal goes, as `/api/stats` has it. */
export interface Extent {
  last: number;
  oldest: number;
}

/** @throws {Problem} */
export const readExtent = async (): Promise<Extent> =>
  (await get<{ events: Extent }>('/api/stats')).events;

/** A page of `/api/events`, as that answers its parameters. */
export type ReadPage = (
  query: Record<string, string | number>,
) => Promise<{ events: MonitorEvent[]; next: number | null }>;

const readPage: ReadPage = (query) => get('/api/events', query);

/** As many are looked for; fewer where the journal, or a person's patience, ends before. */
export const FEW = 200;
const PAGE = 1_000;
const LONGEST_SPAN = 16 * PAGE;
const MOST_SPANS = 8;

/**
 * The newest wanted events before `before`, oldest first, and how far back it was looked for them.
 * @throws {Problem}
 */
export const readBack = async (
  wanted: Wanted,
  { before, oldest }: { before: number; oldest: number },
  page: ReadPage = readPage,
): Promise<{ events: MonitorEvent[]; from: number }> => {
  // What the monitor sorts out may be looked for far back; the rest is all sent here.
  const isSortedOut = wanted.session !== null || wanted.kinds.length === 1;
  const isAll = !isSortedOut && wanted.kinds.length === 0 && wanted.text.trim() === '';
  let span = isAll ? FEW : PAGE;
  let events: MonitorEvent[] = [];
  let from = before;
  for (let spans = 0; spans < MOST_SPANS && events.length < FEW && from > oldest; spans += 1) {
    const to = from;
    from = Math.max(oldest, to - span);
    const found = await readBetween(wanted, { from, to, page });
    events = [...found.filter((event) => isWanted(wanted, event)), ...events];
    if (isSortedOut) span = Math.min(LONGEST_SPAN, 4 * span);
  }
  return { events, from };
};

/** From `from` on, before `to`. */
const readBetween = async (
  wanted: Wanted,
  { from, to, page }: { from: number; to: number; page: ReadPage },
): Promise<MonitorEvent[]> => {
  const filter = {
    ...(wanted.session === null ? {} : { session: wanted.session }),
    ...(wanted.kinds.length === 1 ? { event: wanted.kinds[0] ?? '' } : {}),
  };
  const events: MonitorEvent[] = [];
  let after: number | null = from - 1;
  while (after !== null && after < to - 1) {
    const limit = Math.min(PAGE, to - 1 - after);
    const answer: Awaited<ReturnType<ReadPage>> = await page({ ...filter, after, limit });
    events.push(...answer.events);
    after = answer.next;
  }
  return events.filter(({ seq }) => seq < to);
};
