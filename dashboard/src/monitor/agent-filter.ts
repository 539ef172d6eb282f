/** Which agents the overview shows, as its address says. Pure. */

import type { Shown } from './apply.ts';
import { type Look, lookOf } from './needs.ts';

export interface AgentFilter {
  /** All of its words must be in what is known of an agent. */
  text: string;
  /** Only these; all where there is none. */
  looks: ReadonlySet<Look>;
}

export const LOOKS: Look[] = [
  ...(['waiting', 'error', 'stuck', 'working', 'reading', 'complete', 'gone'] as const),
];

/** What it does not know, such as by a hand's slip, it leaves out. */
export const parseFilter = (query: string): AgentFilter => {
  const found = new URLSearchParams(query);
  const names = found.get('state')?.split(',') ?? [];
  return {
    text: found.get('find') ?? '',
    looks: new Set(LOOKS.filter((look) => names.includes(look))),
  };
};

export const filterQuery = ({ text, looks }: AgentFilter): string => {
  const query = new URLSearchParams();
  if (looks.size > 0) query.set('state', [...looks].join(','));
  if (text !== '') query.set('find', text);
  // A comma needs no escape there, and reads better.
  return query.toString().replaceAll('%2C', ',');
};

export const isFound = ({ text, looks }: AgentFilter, agent: Shown): boolean =>
  (looks.size === 0 || looks.has(lookOf(agent))) &&
  text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => textOf(agent).includes(word));

const textOf = ({ session, kind, cwd, title, reason, evidence }: Shown): string =>
  [session, kind, cwd, title, reason, evidence].join('\n').toLowerCase();
