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
): Promise<{ events: MonitorEvent[]; from: number }> => {
  const isNarrow = wanted.session !== null || wanted.kinds.length === 1;
  let span = isNarrow || wanted.text !== '' || wanted.kinds.length > 0 ? PAGE : FEW;
  let events: MonitorEvent[] = [];
  let from = before;
  for (let spans = 0; spans < MOST_SPANS && events.length < FEW && from > oldest; spans += 1) {
    const to = from;
    from = Math.max(oldest, to - span);
    const found = await readBetween(wanted, from, to);
    events = [...found.filter((event) => isWanted(wanted, event)), ...events];
    // What is rare is found by a long look; but what only this page can sort out is all sent to it.
    if (isNarrow) span = Math.min(LONGEST_SPAN, 4 * span);
  }
  return { events, from: Math.min(from, before) };
};

/** From `from` on, before `to`. */
const readBetween = async (wanted: Wanted, from: number, to: number): Promise<MonitorEvent[]> => {
  const filter = {
    ...(wanted.session === null ? {} : { session: wanted.session }),
    ...(wanted.kinds.length === 1 ? { event: wanted.kinds[0] ?? '' } : {}),
  };
  const events: MonitorEvent[] = [];
  let after: number | null = from - 1;
  while (after !== null) {
    const answer: { events: MonitorEvent[]; next: number | null } = await get('/api/events', {
      ...filter,
      ...{ after, limit: Math.min(PAGE, to - after) },
    });
    events.push(...answer.events);
    after = (answer.events.at(-1)?.seq ?? to) >= to - 1 ? null : answer.next;
  }
  return events.filter(({ seq }) => seq < to);
};
