/** What the committed events add up to. */

import type { Clock, Monitor } from '../../actors/ports.ts';
import {
  type AgentKind,
  type EventName,
  type MonitorEvent,
  STATES,
  type State,
} from '../../machines/vocabulary.ts';
import type { Figures } from './figures.ts';

export interface EventSources {
  monitor: Pick<Monitor, 'agents' | 'subscribe'>;
  /** What is watched now. */
  watched: ReadonlyMap<string, { facts: { session: string; kind: AgentKind } }>;
  clock: Clock;
}

interface Known {
  kind: AgentKind;
  state: State;
  since: number;
}

export const followEvents = (figures: Figures, { monitor, watched, clock }: EventSources): void => {
  /** The state of each session, as told so far. */
  const known = new Map<string, Known>();
  for (const { session, kind, state, since, connection } of monitor.agents({})) {
    if (since !== null && connection !== 'gone') known.set(session, { kind, state, since });
  }

  const kindOf = (session: string): AgentKind | undefined =>
    watched.values().find(({ facts }) => facts.session === session)?.facts.kind;

  const changed = (event: MonitorEvent): void => {
    const { session, timestamp: since } = event;
    const before = known.get(session);
    const { state: to, prevState } = event;
    if (!isState(to)) return;
    const kind = kindOf(session) ?? before?.kind ?? UNKNOWN;
    const from = isState(prevState) ? prevState : 'none';
    figures.transitions.inc({ agent: kind, from, to });
    if (before !== undefined && before.state === from) {
      const seconds = Math.max(0, since - before.since) / 1000;
      figures.stateDuration.observe({ agent: before.kind, state: from }, seconds);
    }
    known.set(session, { kind, state: to, since });
    if (to === 'stuck') return;
    figures.detectionLatency.observe(Math.max(0, clock.now() - since) / 1000);
  };

  const renamed = ({ session, previousSession }: MonitorEvent): void => {
    if (typeof previousSession !== 'string') return;
    const before = known.get(previousSession);
    known.delete(previousSession);
    if (before !== undefined) known.set(session, before);
  };

  const ended = ({ event }: MonitorEvent): void =>
    figures.commands.inc({ outcome: event.slice('command_'.length) });

  const acts: Partial<Record<EventName, (event: MonitorEvent) => void>> = {
    state_change: changed,
    session_renamed: renamed,
    session_gone: ({ session }) => known.delete(session),
    actor_restarted: ({ actor }) => figures.actorRestarts.inc({ actor: String(actor) }),
    command_sent: ended,
    command_failed: ended,
    command_unknown: ended,
    command_expired: ended,
    command_cancelled: ended,
  };

  const count = (event: MonitorEvent): void => {
    figures.events.inc({ event: event.event });
    acts[event.event]?.(event);
  };

  monitor.subscribe((events) => {
    for (const event of events) count(event);
  });
};

/** It went before the change was told. */
const UNKNOWN = 'unknown';

const isState = (value: unknown): value is State => STATES.some((state) => state === value);
