import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AnyActorRef, createActor, fromCallback } from 'xstate';
import type { AgentRow, Change, WatchListener } from '../../actors/ports.ts';
import { rootLogic } from '../../actors/root.ts';
import { sessionLogics } from '../../actors/session.ts';
import { createSessions } from '../../actors/sessions.ts';
import type { SupervisorSnapshot } from '../../actors/supervisor.ts';
import { type SessionSnapshot, sessionMachine } from '../../machines/session.ts';
import type { EventDraft } from '../../machines/vocabulary.ts';
import { createAttribution } from '../../src/attribution.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { agreedComplete, begin, FACTS, INPUT, look, stepped } from '../support/sessions.ts';
import { agentRow } from '../support/store.ts';

const KEYS = { poisoned: '10.1000.$1', healthy: '10.1000.$2' } as const;
type Name = keyof typeof KEYS;

let clock: ManualClock;
let stored: Map<string, { row: AgentRow; snapshot: unknown }>;
let told: EventDraft[];
let watches: Map<string, WatchListener>;
let root: AnyActorRef;

/** What is stored of a session in the middle of a turn. */
const snapshotOf = (name: Name): { context: Record<string, unknown>; value: unknown } => {
  const sessionId = name === 'poisoned' ? '$1' : '$2';
  const input = { ...INPUT, key: KEYS[name], facts: { ...FACTS, session: name, sessionId } };
  const turn = stepped(begin(), ...agreedComplete(1_000), look(2_000, 'working'));
  const snapshot = { ...turn, context: { ...turn.context, ...input } } as SessionSnapshot;
  const persisted = sessionMachine.getPersistedSnapshot(snapshot) as object;
  return JSON.parse(JSON.stringify({ ...persisted, children: {} }));
};

beforeEach(() => {
  clock = createManualClock();
  told = [];
  watches = new Map();
  stored = new Map();
  for (const name of ['poisoned', 'healthy'] as const) {
    const row = agentRow(name, { key: KEYS[name], state: 'working' });
    stored.set(KEYS[name], { row, snapshot: snapshotOf(name) });
  }
});

afterEach(() => root.stop());

const journal = {
  record: ({ row, snapshot, events }: Change) => {
    stored.set(row.key, { row, snapshot });
    told.push(...events);
  },
  announce: (events: EventDraft[]) => told.push(...events),
  snapshot: (key: string) => stored.get(key)?.snapshot ?? null,
  row: (key: string) => stored.get(key)?.row ?? null,
  rows: () => [...stored.values()].map(({ row }) => row),
};

const start = () => {
  const timing = { clock, log: createRecordedLog(), attribution: createAttribution() };
  const wanted = { named: () => true, admits: () => true, kindOf: () => null };
  const idle = fromCallback(() => undefined);
  const sessions = createSessions({
    ...{ ...timing, journal, wanted, policy: INPUT.policy },
    logic: sessionLogics({
      ...{ ...timing, journal },
      sight: { judge: () => new Promise(() => undefined) },
      tmux: {
        watch: ({ sessionId }, listener) => {
          watches.set(sessionId, listener);
          return { look: () => undefined, stop: () => undefined };
        },
      },
    }),
  });
  const logic = rootLogic({
    ...{ ...timing, journal, sessions, wanted },
    ...{ relay: idle, discovery: idle, dispatcher: idle, watchers: {} },
    policy: { maxRestarts: 3, withinMs: 5_000, baseMs: 100, capMs: 15_000 },
  });
  const actor = createActor(logic);
  root = actor;
  actor.subscribe({ error: () => undefined });
  actor.start();
  return { sessions, view: () => actor.getSnapshot() as SupervisorSnapshot };
};

const tellBoth = (event: object) => {
  for (const key of Object.values(KEYS)) root.send({ type: 'child.tell', key, event });
};

const of = (name: Name) => told.filter(({ session }) => session === name);

describe('a snapshot that is poisoned', () => {
  const fields = Object.keys(snapshotOf('poisoned').context);
  const poisons = [null, 7, 'poison', {}, []];

  it.each(fields)(
    'in its %s costs that session at most a clean start, and no other anything',
    (field) => {
      for (const poison of poisons) {
        told = [];
        const snapshot = snapshotOf('poisoned');
        snapshot.context[field] = poison;
        const row = agentRow('poisoned', { key: KEYS.poisoned, state: 'working' });
        stored.set(KEYS.poisoned, { row, snapshot });
        const { view, sessions } = start();
        const isDropped = !sessions.watched.has(KEYS.poisoned);
        for (let time = 0; time < 4; time += 1) {
          for (const listener of watches.values()) listener.connected('attached');
          tellBoth(look(clock.now(), 'working'));
          tellBoth({ type: 'clock.jumped', at: clock.now() });
          clock.advance(400);
        }
        expect(view()).toMatchObject({ status: 'active', quarantined: [] });
        expect(view().running).toBe(isDropped ? 4 : 5);
        expect(view().restarts).toBeLessThanOrEqual(2);
        expect(of('healthy')).toEqual([]);
        root.stop();
      }
    },
  );

  it.each([
    { what: 'state', poison: { value: { activity: 'dancing' } } },
    { what: 'value', poison: { value: null } },
    { what: 'children', poison: { children: { connection: { snapshot: {}, src: 'nothing' } } } },
  ])('in its $what costs that session at most a clean start', ({ poison }) => {
    const snapshot = { ...snapshotOf('poisoned'), ...poison };
    const row = agentRow('poisoned', { key: KEYS.poisoned });
    stored.set(KEYS.poisoned, { row, snapshot });
    const { view } = start();
    for (let time = 0; time < 4; time += 1) clock.advance(400);
    expect(view()).toMatchObject({ status: 'active', running: 5, quarantined: [] });
    expect(of('healthy')).toEqual([]);
  });
});

it('a session whose actor crashed is watched again only once its actor is back', () => {
  start();
  watches.get('$1')?.connected('attached');
  expect(stored.get(KEYS.poisoned)?.row.connection).toBe('attached');
  root.send({ type: 'child.escaped', key: KEYS.poisoned, error: new Error('escaped') });
  expect(stored.get(KEYS.poisoned)?.row.connection).toBe('reconnecting');
  expect(stored.get(KEYS.healthy)?.row.connection).not.toBe('reconnecting');
  clock.advance(1_000);
  watches.get('$1')?.connected('attached');
  expect(stored.get(KEYS.poisoned)?.row.connection).toBe('attached');
});

it('a session that is restarted by hand while it is quarantined begins clean at once', () => {
  const { view } = start();
  const fault = { type: 'child.escaped', key: KEYS.poisoned, error: new Error('escaped') };
  for (let time = 0; time < 4; time += 1) {
    root.send(fault);
    clock.advance(1_000);
  }
  expect(view().quarantined).toEqual([KEYS.poisoned]);
  expect(stored.get(KEYS.poisoned)?.row.connection).toBe('reconnecting');
  watches.clear();
  root.send({ type: 'child.restart', key: KEYS.poisoned });
  watches.get('$1')?.connected('attached');
  expect(view().quarantined).toEqual([]);
  expect(stored.get(KEYS.poisoned)?.row).toMatchObject({ connection: 'attached', restarts: 4 });
  expect(of('poisoned').map(({ event }) => event)).toEqual([
    ...['actor_crashed', 'actor_restarted', 'actor_crashed', 'actor_restarted'],
    ...['actor_crashed', 'actor_restarted', 'actor_quarantined', 'actor_restarted'],
  ]);
});
