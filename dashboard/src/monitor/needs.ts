/** Who needs a person, and who comes first. Pure. */

import type { Attention, State } from '../../../machines/vocabulary.ts';
import type { Shown } from './apply.ts';

/** How an agent is shown: its state, unless something else matters more to a person. */
export type Look = State | 'waiting' | 'gone' | 'unknown';

export const lookOf = ({ state, attention, connection }: Shown): Look => {
  if (connection === 'gone') return 'gone';
  if (WAITS.has(attention)) return 'waiting';
  return state ?? 'unknown';
};

/** A menu that a person has opened holds nobody up. */
const WAITS = new Set<Attention>(['approval', 'question', 'trust', 'login', 'limit']);

export const needsPerson = (agent: Shown): boolean => NEEDS.has(lookOf(agent));

const NEEDS = new Set<Look>(['waiting', 'stuck', 'error']);

const ORDER: Record<Look, number> = {
  waiting: 0,
  error: 1,
  stuck: 2,
  working: 3,
  reading: 3,
  unknown: 4,
  complete: 5,
  gone: 6,
};

/** Those who need a person first, the longest wait first; then by name, so that nothing jumps about. */
export const byNeed = (one: Shown, other: Shown): number =>
  ORDER[lookOf(one)] - ORDER[lookOf(other)] ||
  (needsPerson(one) ? waitsSince(one) - waitsSince(other) : 0) ||
  NAMES.compare(one.session, other.session);

/** One for all: `localeCompare` makes its own every time. */
const NAMES = new Intl.Collator(undefined, { numeric: true });

/** Since when it is as it is shown, in ms since the epoch; 0 where that is not known, as of one that is gone. */
export const waitsSince = (agent: Shown): number =>
  lookOf(agent) === 'gone'
    ? 0
    : ((lookOf(agent) === 'waiting' ? agent.dialog?.since : undefined) ?? agent.since ?? 0);

export const LOOK_NAMES: Record<Look, string> = {
  waiting: 'waiting',
  error: 'error',
  stuck: 'stuck',
  working: 'working',
  reading: 'reading',
  complete: 'complete',
  gone: 'gone',
  unknown: 'not yet known',
};

/** What each kind of dialog wants, after "waits for". */
export const WANTS: Record<Attention, string> = {
  none: 'nothing',
  approval: 'your approval',
  question: 'an answer',
  trust: 'your trust in the folder',
  login: 'a login',
  limit: 'a decision about its limit',
  'other-dialog': 'nothing: a menu is open',
};
