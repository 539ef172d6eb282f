/** What a fresh listing of the tmux server means for the sessions that are watched. */

import type { AgentKind, OtherPane, Pane, ServerIdentity, SessionFacts } from './vocabulary.ts';

/** An agent found in a pane. `pid` is null where only its title betrays it. */
export interface AgentSighting {
  kind: AgentKind;
  pid: number | null;
}

export interface Watched {
  server: ServerIdentity;
  facts: SessionFacts;
  /** The agent that was here has ended; its pane is kept until the session goes. */
  exited: boolean;
}

export interface Wanted {
  /** Watch this session even where no agent runs in it. */
  named(session: string): boolean;
  /** Watch this session if an agent runs in it. */
  admits(session: string): boolean;
  /** The kind that a person has set for it by hand. */
  kindOf(session: string): AgentKind | null;
}

export type Finding =
  | { type: 'session.found'; key: string; server: ServerIdentity; facts: SessionFacts }
  | { type: 'session.changed'; key: string; facts: SessionFacts }
  | { type: 'agent.exited'; key: string; status: number | null }
  | { type: 'agent.started'; key: string; facts: SessionFacts }
  | { type: 'session.gone'; key: string };

/**
 * Whether a session is to be watched.
 * @param kind of the agent found in it, or null where none was.
 */
export const isWanted = (wanted: Wanted, session: string, kind: AgentKind | null): boolean =>
  wanted.named(session) || ((wanted.kindOf(session) ?? kind) !== null && wanted.admits(session));

/** One life of one session on one life of its server: names and ids come again, this does not. */
export const sessionKey = ({ pid, startTime }: ServerIdentity, sessionId: string): string =>
  `${pid}.${startTime}.${sessionId}`;

/** @param sightings agents by pane id; a pane without one is missing. */
export const reconcile = (
  watched: ReadonlyMap<string, Watched>,
  listing: { server: ServerIdentity; panes: readonly Pane[] } | null,
  sightings: ReadonlyMap<string, AgentSighting>,
  wanted: Wanted,
): Finding[] => {
  const sessions = listing ? bySession(listing.server, listing.panes) : new Map<string, Pane[]>();
  const gone = [...watched.keys()].filter((key) => !sessions.has(key));
  return [
    ...gone.map((key): Finding => ({ type: 'session.gone', key })),
    ...[...sessions].flatMap(([key, panes]) => {
      const known = watched.get(key);
      if (known) return changesOf(key, known, panes, sightings, wanted);
      const facts = firstFacts(panes, sightings, wanted);
      return facts && listing
        ? [{ type: 'session.found' as const, key, server: listing.server, facts }]
        : [];
    }),
  ];
};

/** The pane that is watched: the present one while it has an agent, else one that has, else any. */
const choosePane = (
  panes: readonly Pane[],
  sightings: ReadonlyMap<string, AgentSighting>,
  present: string | null,
): Pane | undefined => {
  const current = panes.find(({ paneId }) => paneId === present);
  if (current && sightings.has(current.paneId)) return current;
  const withAgent = panes.filter(({ paneId }) => sightings.has(paneId));
  return (
    withAgent.find(({ active }) => active) ??
    withAgent[0] ??
    current ??
    panes.find(({ active }) => active) ??
    panes[0]
  );
};

const firstFacts = (
  panes: readonly Pane[],
  sightings: ReadonlyMap<string, AgentSighting>,
  wanted: Wanted,
): SessionFacts | null => {
  const pane = choosePane(panes, sightings, null);
  if (!pane) return null;
  const agent = sightings.get(pane.paneId) ?? null;
  if (!isWanted(wanted, pane.session, agent?.kind ?? null)) return null;
  const kind = wanted.kindOf(pane.session) ?? agent?.kind ?? 'generic';
  return factsOf(pane, panes, sightings, kind, agent?.pid ?? null);
};

const changesOf = (
  key: string,
  { facts, exited }: Watched,
  panes: readonly Pane[],
  sightings: ReadonlyMap<string, AgentSighting>,
  wanted: Wanted,
): Finding[] => {
  const pane = choosePane(panes, sightings, facts.pane);
  if (!pane) return [];
  const agent = sightings.get(pane.paneId) ?? null;
  const kind = wanted.kindOf(pane.session) ?? agent?.kind ?? facts.kind;
  const next = factsOf(pane, panes, sightings, kind, agent ? agent.pid : facts.agentPid);
  if (agent && isAnother(agent, facts, exited)) {
    const started: Finding = { type: 'agent.started', key, facts: next };
    // Another agent of the session takes its place, but this one has ended all the same.
    const left = pane.paneId !== facts.pane && facts.agentPid !== null && !exited;
    const status = panes.find(({ paneId }) => paneId === facts.pane)?.deadStatus ?? null;
    return left ? [{ type: 'agent.exited', key, status }, started] : [started];
  }
  const ended = !agent && !exited && (facts.agentPid !== null || pane.dead);
  return [
    ...(sameFacts(facts, next) ? [] : [{ type: 'session.changed' as const, key, facts: next }]),
    ...(ended ? [{ type: 'agent.exited' as const, key, status: pane.deadStatus }] : []),
  ];
};

const isAnother = (agent: AgentSighting, facts: SessionFacts, exited: boolean): boolean =>
  exited ||
  (agent.pid !== null && agent.pid !== facts.agentPid && facts.agentPid !== null) ||
  (facts.kind === 'generic' && facts.agentPid === null && agent.kind !== 'generic');

const factsOf = (
  pane: Pane,
  panes: readonly Pane[],
  sightings: ReadonlyMap<string, AgentSighting>,
  kind: AgentKind,
  agentPid: number | null,
): SessionFacts => ({
  session: pane.session,
  sessionId: pane.sessionId,
  pane: pane.paneId,
  panePid: pane.pid,
  kind,
  agentPid,
  cwd: pane.cwd,
  title: pane.title,
  fragile: pane.fragile,
  otherPanes: panes.flatMap(({ paneId }): OtherPane[] => {
    const other = paneId === pane.paneId ? undefined : sightings.get(paneId);
    return other ? [{ pane: paneId, kind: other.kind }] : [];
  }),
});

const bySession = (server: ServerIdentity, panes: readonly Pane[]): Map<string, Pane[]> => {
  const sessions = new Map<string, Pane[]>();
  for (const pane of panes) {
    const key = sessionKey(server, pane.sessionId);
    const others = sessions.get(key);
    if (others) others.push(pane);
    else sessions.set(key, [pane]);
  }
  return sessions;
};

const sameFacts = (one: SessionFacts, other: SessionFacts): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
