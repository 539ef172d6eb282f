/** What a monitor tells of the past: at once, or when the test says so. */

import { Problem } from '../../dashboard/src/monitor/api.ts';
import type { ReadPast } from '../../dashboard/src/monitor/past-events.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';

export interface Past {
  events: MonitorEvent[];
  /** What is asked for from now on waits for `release`, which answers what was there when it was asked. */
  isHeld: boolean;
  isAway: boolean;
  release(): void;
  readPast: ReadPast;
}

export const createPast = (): Past => {
  const waiting: (() => void)[] = [];
  const past: Past = {
    ...{ events: [], isHeld: false, isAway: false },
    release: () => {
      for (const release of waiting.splice(0)) release();
    },
    readPast: async ({ event, session }) => {
      const { events, isAway } = past;
      if (past.isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
      if (isAway) throw new Problem('Nobody answers.', { status: 0, code: 'unreachable' });
      return events.filter(
        (told) => told.event === event && (session === undefined || told.session === session),
      );
    },
  };
  return past;
};
