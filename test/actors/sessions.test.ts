import { beforeEach, describe, expect, it } from 'vitest';
import { createActor, fromCallback, type Snapshot } from 'xstate';
import type { AgentRow, Change } from '../../actors/ports.ts';
import { createSessions, type Sessions } from '../../actors/sessions.ts';
import type { Child, SupervisorEvent } from '../../actors/supervisor.ts';
import type { AgentKind, EventDraft } from '../../machines/vocabulary.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { begin, FACTS, INPUT } from '../support/sessions.ts';
import { agentRow } from '../support/store.ts';

const { key, server, policy } = INPUT;
const SNAPSHOT = { status: 'active', context: begin().context, value: {}, children: {} };

let rows: AgentRow[];
let snapshots: Map<string, unknown>;
let changes: Change[];
let announced: EventDraft[];
let sent: SupervisorEvent[];

beforeEach(() => {
  rows = [agentRow('shop-api', { key })];
  snapshots = new Map([[key, SNAPSHOT]]);
  changes = [];
  announced = [];
  sent = [];
});

const setUp = (names: string[] = [], byHand: AgentKind | null = null): Sessions =>
  createSessions({
    clock: createManualClock(),
    policy,
    logic: () => fromCallback(() => undefined),
    wanted: {
      named: (session) => names.includes(session),
      admits: () => names.length === 0,
      kindOf: () => byHand,
    },
    journal: {
      record: (change) => changes.push(change),
      announce: (events) => announced.push(...events),
      snapshot: (wanted) => snapshots.get(wanted) ?? null,
      row: (wanted) => rows.find((row) => row.key === wanted) ?? null,
      rows: () => rows,
    },
  });

const supervisor = createActor(
  fromCallback<SupervisorEvent>(({ receive }) => {
    receive((event) => sent.push(event));
  }),
).start();

const found = { type: 'session.found' as const, key, server, facts: FACTS };

describe('what was watched before', () => {
  it('is resumed from its snapshot with the facts it had', () => {
    const [child] = setUp().remembered() as [Child];
    expect(child.key).toBe(key);
    expect(child.restore?.()).toMatchObject({ status: 'active' } satisfies Partial<
      Snapshot<unknown>
    >);
    expect(child.greetings?.('resumed', 1, 5)).toEqual([
      { type: 'session.resumed', facts: FACTS, policy, restarts: 1, at: 5 },
    ]);
  });

  it.each([
    { why: 'it is not wanted any more', names: ['other'], snapshot: SNAPSHOT },
    { why: 'its snapshot cannot be understood', names: [], snapshot: null },
  ])('is gone where $why', ({ names, snapshot }) => {
    snapshots.set(key, snapshot);
    expect(setUp(names).remembered()).toEqual([]);
    expect(changes).toMatchObject([
      {
        row: { connection: 'gone', attention: 'none', dialog: null },
        events: [{ event: 'session_gone' }],
      },
    ]);
  });

  it('is resumed though it is a plain shell, where a person said so', () => {
    rows = [agentRow('shop-api', { key, kind: 'generic' })];
    expect(setUp([], 'generic').remembered()).toHaveLength(1);
    expect(setUp([]).remembered()).toHaveLength(0);
  });

  it('and is gone already is left in peace', () => {
    rows = [agentRow('shop-api', { key, goneAt: 1 })];
    expect(setUp().remembered()).toEqual([]);
    expect(changes).toEqual([]);
  });
});

describe('what discovery finds', () => {
  it('is told and started', () => {
    const sessions = setUp();
    sessions.take([found], 7, supervisor);
    expect(announced).toMatchObject([{ event: 'session_found', session: 'shop-api' }]);
    expect(sent).toMatchObject([{ type: 'child.start', child: { key } }]);
    expect(sessions.watched.get(key)).toEqual({ server, facts: FACTS, exited: false });
  });

  it('changed reaches the actor, and a later restart of it', () => {
    const sessions = setUp();
    const facts = { ...FACTS, session: 'shop-web' };
    sessions.take([found, { type: 'session.changed', key, facts }], 7, supervisor);
    expect(sent[1]).toMatchObject({ type: 'child.tell', event: { facts } });
    const started = sent[0] as Extract<SupervisorEvent, { type: 'child.start' }>;
    expect(started.child.input(2)).toMatchObject({ facts, restarts: 2 });
  });

  it('gone reaches the actor before it is stopped, with whether that was wanted', () => {
    const sessions = setUp();
    sessions.take([found], 7, supervisor);
    sessions.expectEnd(key);
    sessions.take([{ type: 'session.gone', key }], 8, supervisor);
    expect(sent.slice(1)).toMatchObject([
      { type: 'child.tell', event: { type: 'session.gone', killed: true } },
      { type: 'child.stop', key },
    ]);
    expect(sessions.watched.size).toBe(0);
  });

  it('gone while its actor is down is written all the same', () => {
    const sessions = setUp();
    const [child] = sessions.remembered() as [Child];
    child.unheard?.({ type: 'session.changed' });
    expect(changes).toEqual([]);
    child.unheard?.({ type: 'session.gone' });
    expect(changes).toMatchObject([
      { row: { key, connection: 'gone' }, events: [{ event: 'session_gone', state: 'reading' }] },
    ]);
  });
});

describe('what happens to an agent while its actor is down', () => {
  const events = (child: Child, began: 'resumed' | 'clean') =>
    child.greetings?.(began, 1, 9).map(({ type }) => type);

  it('is told to it when it resumes, once, with the facts as they are then', () => {
    const sessions = setUp();
    const [child] = sessions.remembered() as [Child];
    child.unheard?.({ type: 'agent.exited', status: 1, at: 7 } as never);
    child.unheard?.({ type: 'agent.started', facts: FACTS, at: 8 } as never);
    const facts = { ...FACTS, session: 'shop-web' };
    sessions.take([{ type: 'session.changed', key, facts }], 8, supervisor);
    expect(child.greetings?.('resumed', 1, 9)).toMatchObject([
      { type: 'session.resumed', facts },
      { type: 'agent.exited', status: 1 },
      { type: 'agent.started', facts },
    ]);
    expect(events(child, 'resumed')).toEqual(['session.resumed']);
  });

  it('is kept as its last start and end only, however often it is started', () => {
    const [child] = setUp().remembered() as [Child];
    for (let at = 0; at < 10_000; at += 2) {
      child.unheard?.({ type: 'agent.exited', status: 1, at } as never);
      child.unheard?.({ type: 'agent.started', facts: FACTS, at: at + 1 } as never);
    }
    expect(child.greetings?.('resumed', 1, 9)).toMatchObject([
      { type: 'session.resumed' },
      { type: 'agent.exited', at: 9_998 },
      { type: 'agent.started', at: 9_999 },
    ]);
  });

  it('is told to one that begins clean as it is in the end', () => {
    const sessions = setUp();
    const [child] = sessions.remembered() as [Child];
    expect(events(child, 'clean')).toEqual([]);
    sessions.take([{ type: 'agent.exited', key, status: 1 }], 8, supervisor);
    expect(events(child, 'clean')).toEqual(['agent.exited']);
  });
});

it('a session whose actor crashed is no longer called attached', () => {
  const event: EventDraft = { event: 'actor_crashed', session: 'shop-api', timestamp: 1 };
  setUp().crashed(key, event);
  expect(changes).toMatchObject([
    { row: { connection: 'reconnecting' }, snapshot: SNAPSHOT, events: [event] },
  ]);
  setUp().crashed('relay', event);
  expect(announced).toEqual([event]);
});
