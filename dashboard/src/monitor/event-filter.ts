/** Which events the page of events shows, as its address says. Pure. */

import { EVENT_NAMES, type EventName } from '../../../machines/vocabulary.ts';
import { EVENT_GROUPS } from './event-words.ts';

export interface EventFilter {
  /** The name of a kind or of a group; empty for all. */
  kind: string;
  text: string;
}

/** A kind that it does not know, such as by a hand's slip, it leaves out. */
export const parseEventFilter = (query: string): EventFilter => {
  const found = new URLSearchParams(query);
  const kind = found.get('kind') ?? '';
  return { kind: kindsOf(kind).length > 0 ? kind : '', text: found.get('find') ?? '' };
};

export const eventQuery = ({ kind, text }: EventFilter): string => {
  const query = new URLSearchParams();
  if (kind !== '') query.set('kind', kind);
  if (text !== '') query.set('find', text);
  return query.toString();
};

/** None for a name that is empty, or of nothing. */
export const kindsOf = (name: string): readonly EventName[] =>
  Object.hasOwn(EVENT_GROUPS, name)
    ? (EVENT_GROUPS[name] ?? [])
    : EVENT_NAMES.filter((each) => each === name);
