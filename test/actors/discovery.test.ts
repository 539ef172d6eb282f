import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { createActor, setup } from 'xstate';
import { type DiscoveryReport, discoveryLogic } from '../../actors/discovery.ts';
import type { Listing, ProcessInfo } from '../../actors/ports.ts';
import type { Finding, Watched } from '../../machines/discovery.ts';
import type { Pane } from '../../machines/vocabulary.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';

const SERVER = { pid: 10, startTime: 1_000 };

const pane = (parts: Partial<Pane> = {}): Pane => ({
  sessionId: '$1',
  session: 'shop-api',
  windowId: '@1',
  paneId: '%1',
  pid: 100,
  command: 'claude',
  title: '✳ Claude Code',
  cwd: '/home/user/project',
  width: 120,
  height: 40,
  active: true,
  dead: false,
  deadStatus: null,
  fragile: false,
  ...parts,
});

let clock: ManualClock;
let hint: () => void;
let listing: Listing | null | Error;
let listings: number;
let below: Map<number, ProcessInfo[]>;
let lookups: number;
let watched: Map<string, Watched>;
let found: Finding[];
let reports: string[];
let log: RecordedLog;

beforeEach(() => {
  clock = createManualClock();
  hint = () => undefined;
  listing = { server: SERVER, panes: [pane()] };
  listings = 0;
  below = new Map([[100, [{ pid: 101, argv: ['claude'] }]]]);
  lookups = 0;
  watched = new Map();
  found = [];
  reports = [];
  log = createRecordedLog();
});

const start = () => {
  const logic = discoveryLogic({
    clock,
    log,
    tmux: {
      list: async () => {
        listings += 1;
        if (listing instanceof Error) throw listing;
        return listing;
      },
      onChange: (listener) => {
        hint = listener;
        return () => {
          hint = () => undefined;
        };
      },
    },
    processes: {
      tree: async (pid) => {
        lookups += 1;
        return below.get(pid) ?? [];
      },
    },
    kindOf: ({ processes }) => {
      const agent = processes.find(({ argv }) => argv[0] === 'claude');
      return agent ? { kind: 'claude-code', pid: agent.pid } : null;
    },
    report: (status) => reports.push(status),
  });
  const parent = setup({ actors: { discovery: logic } }).createMachine({
    invoke: {
      src: 'discovery',
      input: {
        wanted: { named: () => false, admits: () => true, kindOf: () => null },
        watched: () => watched,
      },
    },
    on: {
      'sessions.listed': {
        actions: ({ event }) => found.push(...(event as DiscoveryReport).findings),
      },
    },
  });
  return createActor(parent).start();
};

/** Lets a listing that is under way come to its end. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
};

const types = () => found.map(({ type }) => type);

describe('discovery', () => {
  it('lists at once, and again every one and a half seconds', async () => {
    start();
    await settle();
    expect(types()).toEqual(['session.found']);
    clock.advance(1_500);
    await settle();
    expect(listings).toBe(2);
  });

  it('lists soon after a hint, once for a burst of them', async () => {
    start();
    await settle();
    for (let burst = 0; burst < 10; burst += 1) hint();
    clock.advance(20);
    await settle();
    expect(listings).toBe(2);
  });

  it('lists once more after hints that came during a listing', async () => {
    start();
    hint();
    hint();
    await settle();
    expect(listings).toBe(1);
    clock.advance(100);
    await settle();
    expect(listings).toBe(2);
  });

  it('keeps the sessions when tmux fails to answer, and says so', async () => {
    start();
    await settle();
    listing = new Error('no answer');
    clock.advance(1_500);
    await settle();
    clock.advance(1_500);
    await settle();
    expect(types()).toEqual(['session.found']);
    expect(reports).toEqual(['ok', 'failed', 'failed']);
    expect(log.messages('warn')).toHaveLength(1);
  });

  it('looks below a pane ever more seldom, and at once when its program changes', async () => {
    start();
    await settle();
    const asked = async (ms: number) => {
      const before = lookups;
      for (let passed = 0; passed < ms; passed += 1_500) {
        clock.advance(1_500);
        await settle();
      }
      return lookups - before;
    };
    expect(await asked(6_000)).toBe(3);
    expect(await asked(60_000)).toBeLessThanOrEqual(8);
    listing = { server: SERVER, panes: [pane({ command: 'bash' })] };
    expect(await asked(1_500)).toBe(1);
  });

  it('finds a program that turns into an agent', async () => {
    below.set(100, [{ pid: 100, argv: ['node', 'agent.js'] }]);
    start();
    await settle();
    expect(types()).toEqual([]);
    below.set(100, [{ pid: 100, argv: ['claude'] }]);
    clock.advance(1_500);
    await settle();
    expect(types()).toEqual(['session.found']);
  });

  it('does not take an unreadable process for an agent that ended', async () => {
    start();
    await settle();
    const [first] = found;
    if (first?.type === 'session.found')
      watched.set(first.key, { server: SERVER, facts: first.facts, exited: false });
    below.clear();
    clock.advance(10_500);
    await settle();
    expect(types()).toEqual(['session.found']);
    below.set(100, [{ pid: 100, argv: ['bash'] }]);
    clock.advance(1_500);
    await settle();
    expect(types()).toEqual(['session.found', 'agent.exited']);
  });

  it('ends with nothing left behind', async () => {
    const actor = start();
    await settle();
    actor.stop();
    expect(clock.pending()).toBe(0);
    hint();
    expect(clock.pending()).toBe(0);
  });
});
