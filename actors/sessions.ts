/** Turns what discovery finds into session actors: starts, informs and ends them. */

import type { AnyActorLogic, AnyActorRef, Snapshot } from 'xstate';
import {
  type Finding,
  isWanted,
  sessionKey,
  type Wanted,
  type Watched,
} from '../machines/discovery.ts';
import type { SessionContext, SessionEvent, SessionPolicy } from '../machines/session-context.ts';
import type { EventDraft } from '../machines/vocabulary.ts';
import type { Clock, Journal } from './ports.ts';
import type { Child } from './supervisor.ts';

export interface SessionsPorts {
  journal: Journal;
  clock: Clock;
  policy: SessionPolicy;
  wanted: Wanted;
  logic(): AnyActorLogic;
}

export interface Sessions {
  /** What is watched now, by key. */
  watched: ReadonlyMap<string, Watched>;
  /** The sessions that were watched when the monitor last stopped, to be resumed at once. */
  remembered(): Child[];
  /** Acts on one listing: tells the supervisor which children to start, inform and stop. */
  take(findings: readonly Finding[], at: number, supervisor: AnyActorRef): void;
  /** The monitor itself is about to kill this session: its end is no failure of its agent. */
  expectEnd(key: string): void;
  /** It could not be killed after all. */
  expectNoEnd(key: string): void;
  /** Tells of a crash, and that the session is not watched until its actor is back. */
  crashed(key: string, event: EventDraft): void;
}

export const createSessions = (ports: SessionsPorts): Sessions => {
  const { journal, clock, policy, wanted, logic } = ports;
  const watched = new Map<string, Watched>();
  /** What happened to a session's agent while its actor was down. */
  const missed = new Map<string, SessionEvent[]>();
  const endsExpected = new Set<string>();

  const known = (key: string): Watched => {
    const session = watched.get(key);
    if (!session) throw new Error(`session ${key} is not watched`);
    return session;
  };

  const child = (key: string): Child => ({
    key,
    logic,
    input: (restarts) => {
      const { server, facts } = known(key);
      return { key, server, facts, policy, restarts };
    },
    restore: () => readSnapshot(journal.snapshot(key)),
    greetings: (began, restarts, at) => greet(key, began, restarts, at),
    unheard: (event) => {
      if (event.type === 'session.gone') return bury(key);
      const isAboutAgent = event.type === 'agent.exited' || event.type === 'agent.started';
      if (!isAboutAgent) return;
      // Its last end and start say all that a new life needs, and a quarantine may last for weeks.
      missed.set(key, [...(missed.get(key)?.slice(-1) ?? []), event as SessionEvent]);
    },
    whenSpent: 'quarantine',
  });

  /** The actor learns what it cannot know: where its session is now, and what it has missed. */
  const greet = (key: string, began: 'resumed' | 'clean', restarts: number, at: number) => {
    const { facts, exited } = known(key);
    const since = missed.get(key) ?? [];
    missed.delete(key);
    if (began === 'resumed')
      return [
        { type: 'session.resumed', restarts, at, policy, facts } as const,
        ...since.map((event) => ('facts' in event ? { ...event, facts } : event)),
      ];
    return exited ? [{ type: 'agent.exited', status: null, at } as const] : [];
  };

  /** The session is no longer watched, and no actor of its own is there to write it. */
  const bury = (key: string) => {
    const row = journal.row(key);
    if (!row) return;
    const at = clock.now();
    const { session, state, reason } = row;
    journal.record({
      row: {
        ...row,
        ...{ connection: 'gone', attention: 'none', dialog: null, goneAt: at },
        machine: { activity: state, attention: 'none', connection: 'gone' },
      },
      snapshot: journal.snapshot(key),
      events: [{ event: 'session_gone', session, timestamp: at, state, reason }],
    });
  };

  const takeOne = (finding: Finding, at: number, supervisor: AnyActorRef): void => {
    const { key } = finding;
    const tell = (event: SessionEvent) => supervisor.send({ type: 'child.tell', key, event });
    switch (finding.type) {
      case 'session.found': {
        const { server, facts } = finding;
        const { session, kind, pane, cwd } = facts;
        watched.set(key, { server, facts, exited: false });
        journal.announce([{ event: 'session_found', session, timestamp: at, kind, pane, cwd }]);
        supervisor.send({ type: 'child.start', child: child(key) });
        break;
      }
      case 'session.changed':
        watched.set(key, { ...known(key), facts: finding.facts });
        tell({ type: 'session.changed', facts: finding.facts, at });
        break;
      case 'agent.started':
        watched.set(key, { ...known(key), facts: finding.facts, exited: false });
        tell({ type: 'agent.started', facts: finding.facts, at });
        break;
      case 'agent.exited':
        watched.set(key, { ...known(key), exited: true });
        tell({ type: 'agent.exited', status: finding.status, at });
        break;
      case 'session.gone':
        tell({ type: 'session.gone', killed: endsExpected.delete(key), at });
        supervisor.send({ type: 'child.stop', key });
        watched.delete(key);
        missed.delete(key);
    }
  };

  return {
    watched,
    remembered: () =>
      journal.rows().flatMap(({ key, session, kind, goneAt }) => {
        if (goneAt !== null) return [];
        const found = kind === 'generic' ? null : kind;
        const context = readSnapshot(journal.snapshot(key))?.context;
        if (!isWanted(wanted, session, found) || !context || !isOf(key, context)) {
          // Another choice of sessions, or a snapshot of another version: found anew if need be.
          bury(key);
          return [];
        }
        const { server, facts, exited } = context;
        watched.set(key, { server, facts, exited });
        return [child(key)];
      }),
    take: (findings, at, supervisor) => {
      for (const finding of findings) takeOne(finding, at, supervisor);
    },
    expectEnd: (key) => endsExpected.add(key),
    expectNoEnd: (key) => endsExpected.delete(key),
    crashed: (key, event) => {
      const row = journal.row(key);
      if (!row || row.goneAt !== null) return journal.announce([event]);
      const snapshot = journal.snapshot(key);
      journal.record({ row: { ...row, connection: 'reconnecting' }, snapshot, events: [event] });
    },
  };
};

type StoredSnapshot = Snapshot<unknown> & { context: SessionContext };

const readSnapshot = (stored: unknown): StoredSnapshot | undefined => {
  const snapshot = stored as StoredSnapshot | null;
  return snapshot?.status === 'active' ? snapshot : undefined;
};

/** What every part goes by must be whole; whatever else is wrong with it costs its session alone. */
const isOf = (key: string, { server, facts }: Partial<SessionContext>): boolean =>
  server != null &&
  facts != null &&
  sessionKey(server, facts.sessionId) === key &&
  typeof facts.session === 'string' &&
  typeof facts.pane === 'string' &&
  Array.isArray(facts.otherPanes);
