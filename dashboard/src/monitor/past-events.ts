import type { EventName, MonitorEvent } from '../../../machines/vocabulary.ts';
import { get } from './api.ts';

const PAGE = 1_000;
/** More are not read, so that a busy time cannot hold the page up. */
const MOST_PAGES = 20;

/**
 * The events of one name since a time, oldest first; of all sessions where none is named. Where there
 * are too many, those of the newer half of the time.
 * @throws {Problem}
 */
export type ReadPast = (
  what: { event: EventName; session?: string },
  since: number,
) => Promise<MonitorEvent[]>;

export const readPast: ReadPast = async (what, since) => {
  const events: MonitorEvent[] = [];
  let from: Record<string, number> = { since };
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { ...what, ...from, limit: PAGE };
    const answer = await get<{ events: MonitorEvent[]; next: number | null }>('/api/events', query);
    events.push(...answer.events);
    if (answer.next === null) return events;
    from = { after: answer.next };
  }
  return readPast(what, (since + Date.now()) / 2);
};
