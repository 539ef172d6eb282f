import { SessionNotFound } from '../../../actors/errors.ts';
import type { InteractionEntry, InteractionHistory, Monitor } from '../../../actors/ports.ts';
import { sessionMachine } from '../../../machines/session.ts';
import {
  type AgentDetail,
  type Interaction,
  type MonitorEvent,
  NO_INDICATORS,
} from '../../../machines/vocabulary.ts';
import { unknownVerdict } from '../../../src/analysis/classify.ts';
import { createMachines } from '../../../src/inspect/machines.ts';
import { createFakeCommands } from './fake-commands.ts';

export const EPOCH = '0b7f3a54-2f0e-4b64-9f4e-1f7d6f1c2a10';

/** A monitor in memory: two agents, a journal that can be written and trimmed, calls written down. */
export interface FakeMonitor extends Monitor {
  /** What was done, and by whom. */
  calls: string[];
  /** Appends and tells, as one commit does. */
  commit(...events: Partial<MonitorEvent>[]): void;
  /** Forgets all events up to `seq`. */
  trim(seq: number): void;
  /** As a restored database does. */
  renewEpoch(epoch: string): void;
  /** How many pages of events were read. */
  reads(): number;
  /** How many listeners there are. */
  listeners(): number;
}

export const createFakeMonitor = (overrides: Partial<Monitor> = {}): FakeMonitor => {
  const calls: string[] = [];
  const listeners = new Set<(events: MonitorEvent[]) => void>();
  let journal: MonitorEvent[] = [];
  let last = 0;
  let epoch = EPOCH;
  let reads = 0;
  const agents = [agent('shop-api', {}), agent('café ☕ /1', { kind: 'codex', state: 'stuck' })];
  const find = (session: string): AgentDetail => {
    const found = agents.find((one) => one.session === session);
    if (found === undefined) throw new SessionNotFound(session);
    return found;
  };

  return {
    calls,
    listeners: () => listeners.size,
    reads: () => reads,
    renewEpoch: (renewed) => {
      epoch = renewed;
    },
    commit: (...events) => {
      const whole = events.map((event) => {
        last += 1;
        return {
          ...PROGRESS,
          session: 'shop-api',
          timestamp: 1_760_000_000_000,
          host: 'devbox',
          ...event,
          seq: last,
          epoch,
        } as const;
      });
      journal.push(...whole);
      for (const listener of listeners) listener(whole);
    },
    trim: (seq) => {
      journal = journal.filter((event) => event.seq > seq);
    },
    agents: (filter) =>
      agents
        .filter(
          ({ state, kind, attention }) =>
            (filter.state ?? state) === state &&
            (filter.kind ?? kind) === kind &&
            (filter.attention ?? attention) === attention,
        )
        .map(
          ({ indicatorsApproximate, machine, rule, dialog, todos, transitions, ...listed }) =>
            listed,
        ),
    agent: find,
    look: async (session) => {
      const { kind, state, title } = find(session);
      return { session, kind, state, title, verdict: unknownVerdict('unreadable', 'fake.blank') };
    },
    output: (session, { lines, ansi }) => {
      find(session);
      const text = Array.from({ length: 200 }, (_, index) => `line ${index + 1}`).slice(-lines);
      return Promise.resolve(text.map((line) => (ansi ? `\u001b[32m${line}` : line)).join('\n'));
    },
    kill: async (session, source) => {
      find(session);
      calls.push(`kill ${session} by ${source}`);
    },
    restart: (session, source) => {
      find(session);
      calls.push(`restart ${session} by ${source}`);
    },
    log: (session, limit) => {
      find(session);
      return Array.from({ length: 60 }, (_, id) => interaction(id + 1, session)).slice(0, limit);
    },
    interactions: createFakeInteractions(),
    events: ({ after, limit, session, sessions, event }) => {
      reads += 1;
      const matching = journal.filter(
        (one) =>
          one.seq > (after ?? 0) &&
          (session ?? one.session) === one.session &&
          (sessions?.includes(one.session) ?? true) &&
          (event ?? one.event) === one.event,
      );
      const events = matching.slice(0, limit);
      return {
        epoch,
        events,
        count: events.length,
        next: matching.length > limit ? (events.at(-1)?.seq ?? null) : null,
        reset: after !== undefined && (after > last || after < (journal[0]?.seq ?? last + 1) - 1),
      };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    health: () => ({
      status: 'degraded',
      timestamp: 1_760_000_000_000,
      version: '0.1.0',
      uptime: 12.5,
      checks: {
        store: { status: 'ok', detail: '' },
        tmux: { status: 'ok', detail: '2 sessions' },
        redis: { status: 'down', detail: 'redis://127.0.0.1:6379 refused' },
        supervisor: { status: 'degraded', detail: 'quarantined: shop-api' },
      },
    }),
    stats: () => ({
      agents: {
        total: 2,
        byState: { reading: 0, working: 1, stuck: 1, error: 0, complete: 0 },
        gone: 0,
      },
      commands: { ...NO_COMMANDS, queued: 1, unknown: 1 },
      events: { last, oldest: journal[0]?.seq ?? 0, relayed: last, epoch },
      restarts: 0,
      quarantined: [],
      supervision: [],
      watching: { attached: 2, shared: 0, swept: 0 },
      typing: { on: true, recentStarts: 0 },
      uptime: 12.5,
      memory: { rss: 100_000_000, heapUsed: 20_000_000 },
      eventLoop: { p99: 3.1, max: 12.4 },
    }),
    commands: createFakeCommands({ find, calls }),
    watchScreen: (session, listener) => {
      find(session);
      listener.shown({
        ...{ title: 'fake', width: 20, height: 2, rows: ['one', 'two'] },
        cursor: { x: 0, y: 1, visible: true },
      });
      return () => undefined;
    },
    machine: (session) => {
      find(session);
      return { value: { activity: 'working' }, context: {}, next: ['clock.ticked'] };
    },
    metrics: {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      text: async () => '# HELP fake_up Whether it is up.\n# TYPE fake_up gauge\nfake_up 1\n',
    },
    inspector: { join: () => () => undefined },
    machines: createMachines(
      [sessionMachine],
      { text: (text) => text, isSecretKey: () => false },
      async () => CHART,
    ),
    hooks: {
      take: ({ hook_event_name: event, session_id: id }, { pane, serverPid, agent }) => {
        const by = agent === null ? '' : ` by ${agent}`;
        calls.push(`hook ${event} of ${id} in ${pane} of ${serverPid}${by}`);
        return { session: 'shop-api', key: '1/$1' };
      },
    },
    ...overrides,
  };
};

const PROGRESS = {
  event: 'progress',
  progress: 40,
  prevProgress: 20,
  progressSource: 'todos',
  indicators: NO_INDICATORS,
} as const;

const NO_COMMANDS = {
  queued: 0,
  sending: 0,
  sent: 0,
  failed: 0,
  unknown: 0,
  expired: 0,
  cancelled: 0,
};

const agent = (session: string, fields: Partial<AgentDetail>): AgentDetail => ({
  session,
  kind: 'claude-code',
  state: 'working',
  since: 1_760_000_000_000,
  reason: 'claude-code.spinner',
  attention: 'none',
  progress: 40,
  progressSource: 'todos',
  indicators: NO_INDICATORS,
  connection: 'attached',
  restarts: 0,
  lastActivity: 1_760_000_000_000,
  pane: '%1',
  otherPanes: [{ pane: '%2', kind: 'generic' }],
  cwd: '/home/user/project',
  title: 'fix the tests',
  queued: 0,
  machine: { activity: 'working', attention: 'none', connection: 'attached' },
  rule: 'claude-code.spinner',
  evidence: '* Baking… (esc to interrupt)',
  dialog: {
    id: 'd1',
    attention: 'approval',
    question: 'Run this?',
    options: [{ id: '1', label: 'Yes', key: '1', preselected: true }],
    since: 1_760_000_000_000,
  },
  todos: [{ text: 'write the test', status: 'done' }],
  indicatorsApproximate: true,
  transitions: [
    {
      seq: 1,
      at: 1_760_000_000_000,
      prevState: null,
      state: 'working',
      reason: 'claude-code.spinner',
      evidence: '* Baking…',
    },
  ],
  ...fields,
});

const interaction = (id: number, session: string): Interaction => ({
  id,
  at: 1_760_000_000_000 + id,
  session,
  source: 'uid:1000',
  caller: 'uid:1000',
  action: 'restart',
  detail: '',
  text: '',
});

/** Each entry as it is given: what is counted is an entry each time. */
const createFakeInteractions = (): InteractionHistory => {
  const entries: Interaction[] = [];
  const add = ({ key: _key, ...entry }: InteractionEntry) => {
    entries.unshift({ id: entries.length + 1, ...entry });
  };
  return {
    log: add,
    count: (entry, what) => add({ ...entry, detail: what, text: '' }),
    recent: (of, limit) =>
      entries.filter(({ session }) => session === (of?.session ?? null)).slice(0, limit),
    page: ({ before = Number.POSITIVE_INFINITY, limit }) =>
      entries.filter(({ id }) => id < before).slice(0, limit),
  };
};

/** As if it had been laid out, which takes a thread and its time. */
const CHART = {
  ...{ width: 90, height: 30, arrows: [] },
  boxes: [
    {
      ...{ id: 'session.activity.working', name: 'working', kind: 'leaf' as const },
      ...{ isInitial: false, takes: [], x: 0, y: 0, width: 90, height: 30 },
    },
  ],
};
