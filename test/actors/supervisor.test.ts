import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AnyActorLogic,
  createActor,
  fromCallback,
  fromPromise,
  fromTransition,
  setup,
} from 'xstate';
import {
  type Child,
  type Crash,
  type SupervisorSnapshot,
  supervisorLogic,
} from '../../actors/supervisor.ts';
import { createAttribution } from '../../src/attribution.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';

const attribution = createAttribution();
const POLICY = { maxRestarts: 3, withinMs: 5_000, baseMs: 100, capMs: 15_000 };

interface Life {
  key: string;
  restarts: number;
}

let clock: ManualClock;
let crashes: Crash[];
let restarted: string[];
let heard: string[];
let lives: Life[];
let escaped: unknown[];
const keepEscaped = (error: unknown) => escaped.push(error);

beforeEach(() => {
  clock = createManualClock();
  crashes = [];
  restarted = [];
  heard = [];
  lives = [];
  escaped = [];
  process.on('uncaughtException', keepEscaped);
});

afterEach(async () => {
  // XState throws what nobody handled from a timer: it must have had its turn.
  await setTimeout();
  process.off('uncaughtException', keepEscaped);
  expect(escaped).toEqual([]);
});

const supervise = (...children: Child[]) => {
  const logic = supervisorLogic({
    clock,
    log: createRecordedLog(),
    policy: POLICY,
    attribution,
    children,
    crashed: (crash) => crashes.push(crash),
    restarted: (key) => restarted.push(key),
    heard: (event) => heard.push(event.type),
  });
  const actor = createActor(logic);
  const errors: unknown[] = [];
  actor.subscribe({ error: (error) => errors.push(error) });
  actor.start();
  return {
    send: actor.send.bind(actor),
    view: () => actor.getSnapshot() as SupervisorSnapshot,
    stop: () => actor.stop(),
    errors,
  };
};

/** A child that notes each life, counts its pokes and dies of a crash event. */
const counter = fromTransition(
  (count: number, event: { type: string }) => {
    if (event.type === 'crash') throw new Error('told to crash');
    return count + 1;
  },
  ({ input }: { input: Life }) => {
    lives.push(input);
    return 0;
  },
);

const child = (key: string, logic: AnyActorLogic, more: Partial<Child> = {}): Child => ({
  key,
  logic: () => logic,
  input: (restarts) => ({ key, restarts }),
  whenSpent: 'quarantine',
  ...more,
});

const tell = (key: string, type: string) => ({ type: 'child.tell' as const, key, event: { type } });

describe('a crash', () => {
  it('restarts that child only, after a delay', () => {
    const root = supervise(child('a', counter), child('b', counter));
    root.send(tell('a', 'crash'));
    expect(root.view().running).toBe(1);
    expect(crashes).toMatchObject([{ key: 'a', error: { message: 'told to crash' } }]);
    clock.advance(crashes[0]?.restartInMs ?? 0);
    expect(root.view()).toMatchObject({ running: 2, restarts: 1 });
    expect(lives.map(({ key }) => key)).toEqual(['a', 'b', 'a']);
    expect(restarted).toEqual(['a']);
  });

  it('waits longer each time, then is quarantined, and the root goes on', () => {
    const root = supervise(child('a', counter), child('b', counter));
    for (let crash = 0; crash < 4; crash += 1) {
      root.send(tell('a', 'crash'));
      clock.advance(crashes.at(-1)?.restartInMs ?? 0);
    }
    const delays = crashes.map(({ restartInMs }) => restartInMs);
    expect(delays[3]).toBeNull();
    expect(delays[0]).toBeLessThanOrEqual(100);
    expect(delays[1]).toBeGreaterThan(delays[0] ?? 0);
    expect(delays[2]).toBeGreaterThan(delays[1] ?? 0);
    expect(root.view()).toMatchObject({ running: 1, quarantined: ['a'], status: 'active' });
    clock.advance(60_000);
    expect(root.view().quarantined).toEqual(['a']);
  });

  it('is forgotten after the window', () => {
    const root = supervise(child('a', counter));
    for (let crash = 0; crash < 10; crash += 1) {
      root.send(tell('a', 'crash'));
      clock.advance(5_000);
    }
    expect(root.view()).toMatchObject({ running: 1, restarts: 10, quarantined: [] });
  });

  it('at every start does not turn into an endless loop', () => {
    const dead = fromCallback(() => {
      throw new Error('dead at start');
    });
    const root = supervise(child('a', dead), child('b', counter));
    clock.advance(60_000);
    expect(crashes).toHaveLength(4);
    expect(root.view()).toMatchObject({ running: 1, quarantined: ['a'] });
  });

  it('of a part that may not fail is escalated to the root', () => {
    const root = supervise(child('a', counter, { whenSpent: 'escalate' }));
    for (let crash = 0; crash < 4; crash += 1) {
      root.send(tell('a', 'crash'));
      clock.advance(crashes.at(-1)?.restartInMs ?? 0);
    }
    expect(root.errors).toMatchObject([{ message: 'a keeps crashing' }]);
  });

  it('of a part that must go on is retried for ever, and told of until its budget is spent', () => {
    const began: string[] = [];
    const dead = fromCallback(() => {
      began.push(`${clock.now()}`);
      throw new Error('dead at start');
    });
    const restore = () => ({ status: 'active', input: {} }) as never;
    const root = supervise(child('a', dead, { whenSpent: 'keep-trying', restore }));
    const since = clock.now();
    clock.advance(3_600_000);
    expect(began.length).toBeGreaterThan(3_600_000 / POLICY.capMs);
    expect(began.length).toBeLessThan(3_600_000 / (POLICY.capMs / 2) + 5);
    expect(crashes).toHaveLength(4);
    expect(crashes[3]).toMatchObject({ restartInMs: null });
    expect(restarted).toHaveLength(3);
    expect(root.view()).toMatchObject({ running: 0, restarts: began.length - 1 });
    const [{ state } = { state: null }] = root.view().children;
    expect(state).toMatchObject({ at: 'spent', until: expect.any(Number) });
    expect((state as { since: number }).since - since).toBeLessThan(1_000);
  });

  it('of a part whose budget is spent is told of anew once it has run for long', () => {
    const root = supervise(child('a', counter, { whenSpent: 'keep-trying' }));
    const crash = () => {
      root.send(tell('a', 'crash'));
      return crashes.length;
    };
    for (let time = 0; time < 4; time += 1) {
      crash();
      clock.advance(crashes.at(-1)?.restartInMs ?? 0);
    }
    const next = () => {
      const [{ state } = { state: { at: 'running' } }] = root.view().children;
      clock.advance((state as { until: number }).until - clock.now());
    };
    next();
    expect(root.view()).toMatchObject({
      running: 1,
      children: [{ state: { at: 'spent', until: null } }],
    });
    clock.advance(POLICY.withinMs - 1);
    expect(crash()).toBe(4);
    next();
    expect(restarted).toHaveLength(3);
    clock.advance(POLICY.withinMs);
    expect(restarted).toHaveLength(4);
    expect(root.view().children).toMatchObject([{ state: { at: 'running' } }]);
    expect(crash()).toBe(5);
    expect(crashes.at(-1)?.restartInMs).toBeLessThanOrEqual(100);
  });

  it('of an eternal loop inside a machine is a crash like any other', () => {
    const looping = setup({}).createMachine({
      options: { maxIterations: 100 },
      initial: 'calm',
      states: {
        calm: { on: { crash: 'one' } },
        one: { always: 'other' },
        other: { always: 'one' },
      },
    });
    const root = supervise(child('a', looping), child('b', counter));
    root.send(tell('a', 'crash'));
    expect(crashes).toHaveLength(1);
    expect(root.view().running).toBe(1);
  });

  it('of an earlier life that is heard late does not harm the present one', () => {
    const root = supervise(child('a', counter));
    root.send(tell('a', 'crash'));
    clock.advance(100);
    const late = { type: 'xstate.error.actor.a#1', actorId: 'a#1', error: new Error('late') };
    root.send(late as never);
    expect(crashes).toHaveLength(1);
    expect(root.view().running).toBe(1);
  });

  it('leaves no grandchild running', () => {
    const running = new Set<object>();
    const grandchild = fromCallback(() => {
      const life = {};
      running.add(life);
      return () => running.delete(life);
    });
    const parent = setup({
      actors: { grandchild },
      actions: {
        crash: () => {
          throw new Error('told to crash');
        },
      },
    }).createMachine({
      invoke: { src: 'grandchild', id: 'grandchild' },
      on: { crash: { actions: 'crash' } },
    });
    const root = supervise(child('a', parent));
    expect(running.size).toBe(1);
    root.send(tell('a', 'crash'));
    expect(running.size).toBe(0);
    clock.advance(1_000);
    expect(running.size).toBe(1);
    root.stop();
    expect(running.size).toBe(0);
  });
});

describe('what is restored', () => {
  const saved = { status: 'active', context: 7, output: undefined, error: undefined } as never;

  it('is the last snapshot at first, and nothing after a second crash in a row', () => {
    const resumed: number[] = [];
    const noting = fromTransition(
      (count: number, event: { type: string; restarts?: number }) => {
        if (event.type === 'crash') throw new Error('told to crash');
        if (event.type === 'resumed') resumed.push(count, event.restarts ?? -1);
        return count;
      },
      ({ input }: { input: Life }) => {
        lives.push(input);
        return 0;
      },
    );
    const root = supervise(
      child('a', noting, {
        restore: () => saved,
        greetings: (began, restarts) => [{ type: began, restarts } as never],
      }),
    );
    expect(resumed).toEqual([7, 0]);
    root.send(tell('a', 'crash'));
    clock.advance(100);
    expect(resumed).toEqual([7, 0, 7, 1]);
    root.send(tell('a', 'crash'));
    clock.advance(200);
    expect(resumed).toHaveLength(4);
    expect(lives).toEqual([{ key: 'a', restarts: 2 }]);
  });

  it('is nothing where the snapshot cannot be read', () => {
    const root = supervise(
      child('a', counter, {
        restore: () => {
          throw new Error('unreadable');
        },
      }),
    );
    expect(root.view().running).toBe(1);
    expect(lives).toHaveLength(1);
  });
});

describe('by hand', () => {
  it('a quarantine is lifted with a clean count', () => {
    const root = supervise(child('a', counter));
    for (let crash = 0; crash < 4; crash += 1) {
      root.send(tell('a', 'crash'));
      clock.advance(crashes.at(-1)?.restartInMs ?? 0);
    }
    root.send({ type: 'child.restart', key: 'a' });
    expect(root.view()).toMatchObject({ running: 1, quarantined: [] });
    root.send(tell('a', 'crash'));
    expect(crashes.at(-1)?.restartInMs).toBeLessThanOrEqual(100);
  });

  it('a restart begins clean, whatever was remembered', () => {
    const began: string[] = [];
    const root = supervise(
      child('a', counter, {
        restore: () => ({ status: 'active', context: 7 }) as never,
        greetings: (how) => {
          began.push(how);
          return [];
        },
      }),
    );
    root.send({ type: 'child.restart', key: 'a' });
    expect(began).toEqual(['resumed', 'clean']);
  });

  it('a child stopped while it waits is not restarted', () => {
    const root = supervise(child('a', counter));
    root.send(tell('a', 'crash'));
    root.send({ type: 'child.stop', key: 'a' });
    clock.advance(60_000);
    expect(lives).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  it('an event for a child that is down is not lost without a word', () => {
    const unheard: string[] = [];
    const root = supervise(child('a', counter, { unheard: ({ type }) => unheard.push(type) }));
    root.send(tell('a', 'crash'));
    root.send(tell('a', 'news'));
    expect(unheard).toEqual(['news']);
  });
});

describe('stopping', () => {
  it('ends the children in reverse order', () => {
    const ended: string[] = [];
    const ending = (key: string) => fromCallback(() => () => ended.push(key));
    const root = supervise(child('a', ending('a')), child('b', ending('b')));
    root.stop();
    expect(ended).toEqual(['b', 'a']);
  });

  it('hears what its children tell it', () => {
    const talker = fromCallback(({ sendBack }) => sendBack({ type: 'news' }));
    supervise(child('a', talker));
    expect(heard).toEqual(['news']);
  });
});

describe('where in a child it crashes', () => {
  const fault = () => {
    throw new Error('told to crash');
  };
  const states = (go: object | string, hit: object = {}) => ({
    initial: 'calm',
    states: { calm: { on: { crash: go } }, hit },
  });
  const leaving = {
    initial: 'calm',
    states: { calm: { exit: 'fault', on: { crash: 'hit' } }, hit: {} },
  };
  const machine = (config: object) =>
    setup({
      actions: { fault },
      guards: { fault },
      actors: { fault: fromPromise(async () => fault()), beginning: fromCallback(fault) },
    }).createMachine(config as never) as AnyActorLogic;

  it.each([
    { where: 'a guard', logic: machine(states({ target: 'hit', guard: 'fault' })) },
    { where: 'an action', logic: machine(states({ actions: 'fault' })) },
    { where: 'an entry action', logic: machine(states('hit', { entry: 'fault' })) },
    { where: 'an exit action', logic: machine(leaving) },
    { where: 'an invoked promise', logic: machine(states('hit', { invoke: { src: 'fault' } })) },
    {
      where: 'an invoked callback',
      logic: machine(states('hit', { invoke: { src: 'beginning' } })),
    },
    { where: 'its context', logic: machine({ context: fault, ...states('hit') }) },
  ])('$where: that child alone is restarted', async ({ logic }) => {
    const root = supervise(child('a', logic), child('b', counter));
    root.send(tell('a', 'crash'));
    await setTimeout(); // A promise that rejects is heard a little later.
    const message = expect.stringContaining('told to crash');
    expect(crashes).toMatchObject([{ key: 'a', error: { message } }]);
    expect(root.view()).toMatchObject({ running: 1, status: 'active' });
    clock.advance(crashes[0]?.restartInMs ?? 0);
    expect(restarted).toEqual(['a']);
    expect(lives.map(({ key }) => key)).toEqual(['b']);
  });

  it('its input: that child alone, and it is tried again', () => {
    let faults = 1;
    const input = (restarts: number) => {
      faults -= 1;
      return faults >= 0 ? fault() : { key: 'a', restarts };
    };
    const root = supervise(child('a', counter, { input }), child('b', counter));
    expect(crashes).toMatchObject([{ key: 'a', error: { message: 'told to crash' } }]);
    clock.advance(100);
    expect(root.view()).toMatchObject({ running: 2, restarts: 1 });
    expect(lives).toEqual([
      { key: 'b', restarts: 0 },
      { key: 'a', restarts: 1 },
    ]);
  });
});

describe('an error that escaped from a child', () => {
  const escapeOf = (key: string) =>
    ({ type: 'child.escaped', key, error: new Error('escaped') }) as const;

  it('ends that child, and it is restarted like any that crashed', () => {
    const ended: string[] = [];
    const lasting = fromCallback(() => () => ended.push('a'));
    const root = supervise(child('a', lasting), child('b', counter));
    root.send(escapeOf('a'));
    expect(ended).toEqual(['a']);
    expect(crashes).toMatchObject([{ key: 'a', error: { message: 'escaped' } }]);
    clock.advance(crashes[0]?.restartInMs ?? 0);
    expect(root.view()).toMatchObject({ running: 2, restarts: 1 });
  });

  it('counts once, in however many places it shows', () => {
    const root = supervise(child('a', counter));
    root.send(escapeOf('a'));
    root.send(escapeOf('a'));
    expect(crashes).toHaveLength(1);
    root.send(escapeOf('nobody'));
    expect(root.view().status).toBe('active');
  });

  it('again and again quarantines it', () => {
    const root = supervise(child('a', counter), child('b', counter));
    for (let error = 0; error < 10; error += 1) {
      root.send(escapeOf('a'));
      clock.advance(crashes.at(-1)?.restartInMs ?? 0);
    }
    expect(crashes).toHaveLength(4);
    expect(root.view()).toMatchObject({ running: 1, quarantined: ['a'] });
  });
});

describe('attribution', () => {
  it('is to the child for all it is told and begun with, and to nobody for the supervisor', () => {
    const seen: (string | null)[] = [];
    const note = () => seen.push(attribution.current());
    const noting = fromCallback(({ receive }) => {
      note();
      receive(note);
      return note;
    });
    const root = supervise(child('a', noting));
    attribution.to('somebody', () => root.send(tell('a', 'news')));
    attribution.to('somebody', () => root.send({ type: 'children.tell', event: { type: 'news' } }));
    attribution.to('somebody', () => root.send({ type: 'child.restart', key: 'a' }));
    // Begun, told, told, ended by the supervisor, begun again.
    expect(seen).toEqual(['a', 'a', 'a', null, 'a']);
  });
});

describe('what is told of the children', () => {
  it('is every part that must run, and every other that does not', () => {
    const root = supervise(
      child('relay', counter, { whenSpent: 'keep-trying' }),
      child('a', counter),
      child('b', counter),
    );
    root.send(tell('a', 'crash'));
    const since = clock.now();
    expect(root.view().children).toMatchObject([
      { key: 'relay', restarts: 0, state: { at: 'running' } },
      {
        key: 'a',
        restarts: 0,
        state: { at: 'waiting', since, error: { message: 'told to crash' } },
      },
    ]);
    clock.advance(100);
    expect(root.view().children).toMatchObject([{ key: 'relay' }]);
    for (let crash = 0; crash < 4; crash += 1) {
      root.send(tell('relay', 'crash'));
      if (crash < 3) clock.advance(crashes.at(-1)?.restartInMs ?? 0);
    }
    expect(root.view().children).toMatchObject([{ key: 'relay', state: { at: 'spent' } }]);
  });
});

describe('many children', () => {
  const keys = Array.from({ length: 1_000 }, (_, index) => `child ${index}`);

  it('that crash together come back one after the other, and harm nobody', () => {
    const root = supervise(...keys.map((key) => child(key, counter)));
    const [healthy = '', ...crashing] = keys;
    for (const key of crashing) root.send(tell(key, 'crash'));
    root.send(tell(healthy, 'news'));
    expect(root.view().running).toBe(1);
    const delays = crashes.map(({ restartInMs }) => restartInMs ?? 0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(100);
    // In any fifth of the time, no more than a third of them.
    for (let from = 50; from < 100; from += 10) {
      const together = delays.filter((ms) => ms >= from && ms < from + 10);
      expect(together.length).toBeLessThan(keys.length / 3);
    }
    clock.advance(100);
    expect(root.view()).toMatchObject({ running: keys.length, restarts: crashing.length });
    expect(lives.filter(({ key }) => key === healthy)).toHaveLength(1);
  });

  it('are not gone through for every event', () => {
    const root = supervise(...keys.map((key) => child(key, counter)));
    const before = root.view();
    root.send(tell('child 7', 'news'));
    expect(root.view()).toBe(before);
  });
});
