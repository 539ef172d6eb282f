/** Whether the daemon says of an agent what the agent itself knows. */

import type { Agent, State } from '../../machines/vocabulary.ts';
import type { OwnState } from './troupe.ts';

export interface Compared {
  name: string;
  /** Null where the daemon does not list it. */
  said: Pick<Agent, 'state' | 'attention' | 'connection' | 'pane'> | null;
  /** Null where the agent does not answer. */
  own: Pick<OwnState, 'truth'> | null;
  pane: string;
}

export const misjudged = (all: readonly Compared[]): string[] =>
  all.flatMap(({ name, said, own, pane }) => {
    if (own === null) return [`${name} does not answer`];
    if (said === null) return [`${name} is not listed`];
    const { activity, attention } = own.truth;
    const is = `${name} is ${activity} with ${attention}`;
    return [
      ...(said.pane === pane ? [] : [`${name} is in ${pane}, the daemon watches ${said.pane}`]),
      ...(WATCHED.has(said.connection) ? [] : [`${name} is ${said.connection}`]),
      ...(MEANS[activity].includes(said.state) ? [] : [`${is}, the daemon says ${said.state}`]),
      ...(attention === said.attention ? [] : [`${is}, the daemon says ${said.attention}`]),
    ];
  });

const WATCHED = new Set<string>(['attached', 'shared']);

/** An agent that was interrupted keeps its state. None is stuck: no run is that long. */
const MEANS: Record<OwnState['truth']['activity'], readonly State[]> = {
  reading: ['reading', 'working'],
  working: ['reading', 'working'],
  complete: ['complete'],
  error: ['error'],
  idle: ['reading', 'working', 'complete'],
  unknown: [],
};
