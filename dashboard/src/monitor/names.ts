/** Under which names an agent was known. Pure. */

import type { MonitorEvent } from '../../../machines/vocabulary.ts';

/** The session had this name after the event `after`, and before the event `before`. */
export interface NameSpan {
  name: string;
  after: number;
  before: number;
}

/** Those of the session that has this name now, the newest first. What had the name before it is another one. */
export const namesOf = (session: string, events: readonly MonitorEvent[]): NameSpan[] => {
  const spans: NameSpan[] = [];
  let [name, before] = [session, Number.POSITIVE_INFINITY];
  const renames = events.filter(({ event }) => event === 'session_renamed');
  for (const rename of renames.toSorted((one, other) => other.seq - one.seq)) {
    const isTaken = rename.session === name;
    if (!isTaken && rename.previousSession !== name) continue;
    spans.push({ name, after: rename.seq, before });
    // Whoever gave the name up took what had happened along.
    if (!isTaken || typeof rename.previousSession !== 'string') return spans;
    [name, before] = [rename.previousSession, rename.seq];
  }
  return [...spans, { name, after: 0, before }];
};
