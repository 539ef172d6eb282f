/** What the API is built on: the committed rows, the running actors and tmux, seen as one thing. */

import { messageOf } from '../actors/crash-news.ts';
import type { Dispatcher } from '../actors/dispatcher.ts';
import { PaneGone, SessionNotFound } from '../actors/errors.ts';
import type {
  AgentFilter,
  AgentRow,
  Check,
  Clock,
  HookDesk,
  Inspector,
  Machines,
  Metrics,
  Monitor,
  NamedLife,
  PaneReader,
  Stats,
  Supervised,
  Tmux,
} from '../actors/ports.ts';
import type { Sessions } from '../actors/sessions.ts';
import type { ChildReport, SupervisorSnapshot } from '../actors/supervisor.ts';
import type { SessionContext } from '../machines/session-context.ts';
import { type Agent, type AgentDetail, STATES, type State } from '../machines/vocabulary.ts';
import type { Boots } from './boots.ts';
import { createCommandDesk } from './command-desk.ts';
import type { Screens } from './screens.ts';
import { together } from './store/checks.ts';
import type { Commands } from './store/commands.ts';
import type { Store } from './store/store.ts';

export interface MonitorParts {
  store: Store;
  queue: Commands;
  tmux: Pick<Tmux, 'capture' | 'killSession'> & { watching(): Stats['watching'] };
  reader: PaneReader;
  sessions: Pick<Sessions, 'watched' | 'expectEnd' | 'expectNoEnd'>;
  hooks: HookDesk;
  machines: Machines;
  inspector: Inspector;
  metrics: Metrics;
  screens: Screens;
  /** Why a command that is queued is not typed yet. */
  heldBy: Dispatcher['heldBy'];
  supervisor: { getSnapshot(): SupervisorSnapshot; restart(key: string): void };
  /** What adapters keep running by themselves. */
  parts(): Supervised[];
  checks: { tmux(): Check; redis(): Check };
  boots: Pick<Boots, 'mayType' | 'recent' | 'check'>;
  relayed(): number;
  eventLoop(): Stats['eventLoop'];
  clock: Clock;
  version: string;
}

const LAST_TRANSITIONS = 10;

export const createMonitor = (parts: MonitorParts): Monitor => {
  const { store, queue, tmux, reader, sessions, supervisor, checks, boots, clock, version } = parts;
  const startedAt = clock.monotonic();
  const uptime = () => Math.round((clock.monotonic() - startedAt) / 1000);

  const listed = (): AgentRow[] => onePerName(store.journal.rows());

  const find = (session: string): AgentRow => {
    const [row] = onePerName(store.journal.named(session));
    if (!row) throw new SessionNotFound(session);
    return row;
  };

  const findLiving = (session: string): AgentRow => {
    const row = find(session);
    if (row.goneAt !== null) throw new PaneGone(`the session "${session}"`);
    return row;
  };

  const toAgent = (row: AgentRow): Agent => ({ ...toListed(row), queued: queue.queued(row.key) });

  const log = (of: NamedLife, caller: string, action: string) =>
    store.interactions.log({
      at: clock.now(),
      session: of.session,
      key: of.key,
      source: caller,
      caller,
      action,
      detail: '',
      text: '',
    });

  const toSupervised = ({ key, restarts, state }: ChildReport): Supervised => {
    const session = sessions.watched.get(key)?.facts.session ?? '';
    return {
      actor: session ? 'session' : key,
      ...{ session, restarts, status: state.at },
      since: state.at === 'running' ? null : state.since,
      error: state.at === 'running' ? '' : messageOf(state.error),
      nextAt: 'until' in state ? state.until : null,
    };
  };

  const supervision = (): Supervised[] => [
    ...supervisor.getSnapshot().children.map(toSupervised),
    ...parts.parts(),
  ];

  const supervisorCheck = (): Check => {
    const down = supervision().filter(
      ({ status }) => status === 'quarantined' || status === 'spent',
    );
    if (down.length === 0) return { status: 'ok', detail: '' };
    return { status: 'degraded', detail: down.map(inWords).join('; ') };
  };

  return {
    agents: (filter) => listed().filter(matches(filter)).map(toAgent),
    agent: (session) => {
      const row = find(session);
      return {
        ...toAgent(row),
        ...toDetail(row),
        indicatorsApproximate: !wasTold(store.journal.snapshot(row.key)),
        transitions: store.events.transitions(session, LAST_TRANSITIONS),
      };
    },
    look: async (session) => {
      const { key, state, title } = findLiving(session);
      const watched = sessions.watched.get(key);
      if (!watched) throw new PaneGone(`the session "${session}"`);
      const { server, facts } = watched;
      const { kind, sessionId, pane: paneId, panePid } = facts;
      const reading = await reader.read({ server, sessionId, paneId, panePid }, kind);
      if (!reading) throw new PaneGone(`the pane of "${session}"`);
      return { session, kind, state, title, verdict: reading.verdict };
    },
    output: (session, options) => tmux.capture(findLiving(session).pane, options),
    kill: async (session, source) => {
      const { key } = findLiving(session);
      const watched = sessions.watched.get(key);
      if (!watched) throw new PaneGone(`the session "${session}"`);
      sessions.expectEnd(key);
      try {
        await tmux.killSession(watched.server, watched.facts.sessionId);
      } catch (error) {
        sessions.expectNoEnd(key);
        throw error;
      }
      log({ session, key }, source, 'kill');
      store.journal.announce([
        { event: 'session_killed', session, timestamp: clock.now(), source },
      ]);
    },
    restart: (session, source) => {
      const { key } = findLiving(session);
      supervisor.restart(key);
      log({ session, key }, source, 'restart');
    },
    log: (session, limit) => {
      const { key } = find(session);
      return store.interactions.recent({ session, key }, limit);
    },
    interactions: store.interactions,
    events: store.events.page,
    subscribe: store.journal.onCommit,
    health: () => {
      const all = {
        store: together([store.health(), queue.health()]),
        tmux: checks.tmux(),
        redis: checks.redis(),
        supervisor: together([supervisorCheck(), boots.check()]),
      };
      const isWell = Object.values(all).every(({ status }) => status === 'ok');
      return {
        status: isWell ? 'ok' : 'degraded',
        timestamp: clock.now(),
        version,
        uptime: uptime(),
        checks: all,
      };
    },
    stats: () => {
      const rows = listed();
      const living = rows.filter(({ goneAt }) => goneAt === null);
      const { restarts, quarantined } = supervisor.getSnapshot();
      const { rss, heapUsed } = process.memoryUsage();
      return {
        agents: {
          total: living.length,
          byState: countByState(living),
          gone: rows.length - living.length,
        },
        commands: queue.counts(),
        events: {
          last: store.events.last(),
          oldest: store.events.oldest(),
          relayed: parts.relayed(),
          epoch: store.outbox.epoch,
        },
        restarts: restarts + sumOf(parts.parts().map((part) => part.restarts)),
        supervision: supervision(),
        quarantined: quarantined.map((key) => sessions.watched.get(key)?.facts.session ?? key),
        watching: tmux.watching(),
        typing: { on: boots.mayType(), recentStarts: boots.recent() },
        uptime: uptime(),
        memory: { rss, heapUsed },
        eventLoop: parts.eventLoop(),
      };
    },
    hooks: parts.hooks,
    machines: parts.machines,
    inspector: parts.inspector,
    metrics: parts.metrics,
    watchScreen: (session, listener) => {
      const watched = sessions.watched.get(findLiving(session).key);
      if (!watched) throw new PaneGone(`the session "${session}"`);
      const { server, facts } = watched;
      const { sessionId, pane: paneId, panePid } = facts;
      return parts.screens.watch({ server, sessionId, paneId, panePid }, listener);
    },
    machine: (session) => {
      const { key, machine: value } = find(session);
      const stored = store.journal.snapshot(key) ?? { value, context: {} };
      return parts.machines.look('session', stored);
    },
    commands: createCommandDesk({
      ...{ queue, find, clock },
      heldBy: parts.heldBy,
      watched: sessions.watched,
      interactions: store.interactions,
    }),
  };
};

/** What is set aside, and what is to be done about it. */
const inWords = ({ actor, session, status, since, error, nextAt }: Supervised): string => {
  const time = (at: number | null) => new Date(at ?? 0).toISOString();
  const byHand = `POST /api/agents/${encodeURIComponent(session)}/restart starts it again`;
  const byItself =
    nextAt === null ? 'it runs on trial now' : `it is tried again at ${time(nextAt)}`;
  const next = status === 'quarantined' ? byHand : byItself;
  return `${session || actor} keeps failing and is down since ${time(since)} (${error}): ${next}`;
};

const sumOf = (numbers: number[]): number => numbers.reduce((sum, each) => sum + each, 0);

/** Hooks or a transcript have told of calls, as the session's snapshot has it. */
const wasTold = (snapshot: unknown): boolean => {
  const { context } = (snapshot ?? {}) as { context?: Partial<SessionContext> };
  return context?.told != null;
};

/** The rows as people know them: by name, a living session before the gone ones it replaced. */
const onePerName = (rows: AgentRow[]): AgentRow[] => {
  const byName = new Map<string, AgentRow>();
  for (const row of rows) {
    const other = byName.get(row.session);
    if (!other || isNewer(row, other)) byName.set(row.session, row);
  }
  return [...byName.values()];
};

/**
 * Of two rows with one name the living one counts, of two gone ones the later. Two living ones with
 * one name there are only between two listings, when a name was given on: the later seen counts.
 */
const isNewer = (row: AgentRow, other: AgentRow): boolean => {
  const [end, otherEnd] = [row, other].map(({ goneAt }) => goneAt ?? Number.POSITIVE_INFINITY);
  if (end !== otherEnd) return Number(end) > Number(otherEnd);
  return (row.since ?? 0) >= (other.since ?? 0);
};

const matches =
  ({ state, kind, attention }: AgentFilter) =>
  (row: AgentRow): boolean =>
    (state === undefined || row.state === state) &&
    (kind === undefined || row.kind === kind) &&
    (attention === undefined || row.attention === attention);

const toListed = ({
  key: _key,
  rule: _rule,
  dialog: _dialog,
  todos: _todos,
  machine: _machine,
  goneAt: _goneAt,
  ...agent
}: AgentRow): Agent => agent;

const toDetail = ({
  machine,
  rule,
  dialog,
  todos,
}: AgentRow): Pick<AgentDetail, 'machine' | 'rule' | 'dialog' | 'todos'> => ({
  machine,
  rule,
  dialog,
  todos,
});

const countByState = (rows: AgentRow[]): Record<State, number> => {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
  for (const { state } of rows) counts[state] += 1;
  return counts;
};
