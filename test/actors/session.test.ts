import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import type { Change, JudgeRequest, Look, WatchListener } from '../../actors/ports.ts';
import { sessionLogics } from '../../actors/session.ts';
import type { SessionSnapshot } from '../../machines/session.ts';
import type { Activity, HookReport, Verdict } from '../../machines/vocabulary.ts';
import { createAttribution } from '../../src/attribution.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { FACTS, INPUT, verdict } from '../support/sessions.ts';

let clock: ManualClock;
let changes: Change[];
let watches: { listener: WatchListener; looks: number; stopped: boolean }[];
let judging: { request: JudgeRequest; answer(verdict: Verdict): void; fail(error: Error): void }[];

/** To whom everything is attributed that is done for all sessions. */
let doneFor: (string | null)[];
const attribution = createAttribution();

beforeEach(() => {
  doneFor = [];
  clock = createManualClock();
  changes = [];
  watches = [];
  judging = [];
});

const start = (snapshot?: unknown) => {
  const logics = sessionLogics({
    clock,
    log: createRecordedLog(),
    attribution,
    journal: {
      record: (change) => {
        changes.push(change);
      },
    },
    sight: {
      judge: (request) =>
        new Promise((answer, fail) => {
          doneFor.push(attribution.current());
          judging.push({ request, answer, fail });
        }),
    },
    tmux: {
      watch: (_, listener) => {
        doneFor.push(attribution.current());
        const watch = { listener, looks: 0, stopped: false };
        watches.push(watch);
        return {
          look: () => {
            watch.looks += 1;
          },
          stop: () => {
            watch.stopped = true;
          },
        };
      },
    },
  });
  const actor = createActor(logics(), { input: INPUT, ...(snapshot ? { snapshot } : {}) } as never);
  const errors: unknown[] = [];
  actor.subscribe({ error: (error: unknown) => errors.push(error) });
  actor.start();
  return { actor, errors, value: () => (actor.getSnapshot() as SessionSnapshot).value };
};

const screen = (text: string): Look => ({
  text,
  title: '✳ Claude Code',
  width: 120,
  height: 40,
  command: 'claude',
  panePid: 100,
  dead: false,
  deadStatus: null,
  at: clock.now(),
});

/** Shows a screen to the newest watch and lets it be judged. */
const show = async (activity: Activity, text = `${activity}\n\n`) => {
  watches.at(-1)?.listener.looked(screen(text));
  judging.shift()?.answer(verdict(activity));
  await setImmediate();
};

const events = () => changes.flatMap((change) => change.events.map(({ event }) => event));

describe('a look', () => {
  it('is recorded as one change: row, snapshot and events', async () => {
    start();
    watches[0]?.listener.connected('attached');
    await show('working', 'one\ntwo\n\n\n');
    const change = changes.at(-1);
    expect(change?.row).toMatchObject({
      key: INPUT.key,
      session: 'shop-api',
      state: 'working',
      connection: 'attached',
      lastActivity: clock.now(),
    });
    expect(change?.events).toMatchObject([{ event: 'state_change', prevState: null }]);
    expect(JSON.parse(JSON.stringify(change?.snapshot))).toMatchObject({
      status: 'active',
      value: { activity: 'working' },
      children: {},
    });
  });

  it('that changes nothing is not recorded', async () => {
    start();
    await show('working');
    const before = changes.length;
    await show('working');
    expect(changes).toHaveLength(before);
  });

  it('waits while another is judged, and only the newest waits', async () => {
    start();
    for (const text of ['1', '2', '3']) watches[0]?.listener.looked(screen(text));
    expect(judging.map(({ request }) => request.text)).toEqual(['1']);
    judging.shift()?.answer(verdict('reading'));
    await setImmediate();
    expect(judging.map(({ request }) => request.text)).toEqual(['3']);
  });

  it('that cannot be judged ends the connection, which is tried again', async () => {
    const { value } = start();
    watches[0]?.listener.looked(screen('?'));
    judging.shift()?.fail(new Error('no worker'));
    await setImmediate();
    expect(value().connection).toBe('reconnecting');
    clock.advance(1_000);
    expect(value().connection).toBe('connecting');
    expect(watches).toHaveLength(2);
    expect(watches[0]?.stopped).toBe(true);
  });

  it('after one of which sight could say nothing waits, longer each time', async () => {
    const { actor } = start();
    const unjudged = () => judging.shift()?.answer(verdict('unknown', { rule: 'sight.deadline' }));
    const waits: number[] = [];
    watches[0]?.listener.looked(screen('poison'));
    for (let time = 0; time < 3; time += 1) {
      unjudged();
      await setImmediate();
      watches[0]?.listener.looked(screen(`poison ${time}`));
      let waited = 0;
      for (; judging.length === 0; waited += 50) {
        clock.advance(50);
        await setImmediate();
      }
      waits.push(waited);
    }
    expect(waits[0]).toBeGreaterThanOrEqual(250);
    expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
    expect(waits[2]).toBeGreaterThan(waits[1] ?? 0);

    judging.shift()?.answer(verdict('reading'));
    await setImmediate();
    watches[0]?.listener.looked(screen('well'));
    expect(judging).toHaveLength(1);

    unjudged();
    await setImmediate();
    actor.stop();
    expect(clock.pending()).toBe(0);
  });

  it('of which sight could say nothing is judged again, though the screen does not change', async () => {
    start();
    watches[0]?.listener.looked(screen('still'));
    judging.shift()?.answer(verdict('unknown', { rule: 'sight.deadline' }));
    await setImmediate();
    clock.advance(1_000);
    await setImmediate();
    expect(judging.map(({ request }) => request.text)).toEqual(['still']);
    judging.shift()?.answer(verdict('working'));
    await setImmediate();
    expect(changes.at(-1)?.row).toMatchObject({ state: 'working', reason: expect.any(String) });
    clock.advance(60_000);
    expect(judging).toEqual([]);
  });

  it('belongs to its session, but not what is done about it for all', async () => {
    const { actor } = start();
    const owners: (string | null)[] = [];
    actor.subscribe(() => owners.push(attribution.current()));
    watches[0]?.listener.connected('attached');
    await show('working');
    expect(owners).toEqual([INPUT.key, INPUT.key]);
    // Watched and judged.
    expect(doneFor).toEqual([null, null]);
  });

  it('gives its last lines to an alert, bounded', async () => {
    start();
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    await show('error', `${lines.join('\n')}\n\n\n`);
    const alert = changes.at(-1)?.events.find(({ event }) => event === 'agent_error');
    expect(String(alert?.output).split('\n')).toEqual(lines.slice(-20));
  });
});

describe('a hook', () => {
  const hook = (report: HookReport) => ({ type: 'hook.received', report, at: clock.now() });

  it('is not undone by a look at what was drawn before', async () => {
    const { actor, value } = start();
    await show('error');
    actor.send(hook({ tells: 'turn-started', evidence: 'a prompt' }) as never);
    expect(changes.at(-1)?.events).toMatchObject([{ prevState: 'error', reason: 'prompt' }]);
    clock.advance(100);
    await show('error');
    expect(value().activity).toBe('reading');
    clock.advance(2_000);
    await show('error');
    expect(value().activity).toBe('error');
  });

  it('is counted in the row and in the events', async () => {
    const { actor } = start();
    await show('reading');
    const told = { inside: false, id: '1', tool: 'edit', changes: true } as const;
    actor.send(hook({ tells: 'tool-ended', evidence: 'an edit', ...told }) as never);
    expect(changes.at(-1)?.row.indicators).toMatchObject({ filesEdited: 1, toolCalls: 1 });
    expect(changes.at(-1)?.events).toMatchObject([{ indicators: { filesEdited: 1 } }]);
  });

  it('that names a transcript has its calls recorded, though no state changes', async () => {
    const { actor } = start();
    await show('reading');
    const counts = { read: 3 };
    actor.send({ type: 'transcript.read', path: '/t', counts, at: clock.now() } as never);
    expect(changes.at(-1)).toMatchObject({ row: { indicators: { filesRead: 3 } }, events: [] });
  });
});

describe('time', () => {
  it('asks for the second look that completes a turn', async () => {
    const { value } = start();
    watches[0]?.listener.connected('attached');
    await show('reading');
    await show('complete');
    expect(value().activity).toBe('reading');
    clock.advance(300);
    expect(watches[0]?.looks).toBe(1);
    await show('complete');
    expect(value().activity).toBe('complete');
    expect(events()).toContain('agent_complete');
  });

  it.each([
    ['was set', { wallMs: 3_600_000, lostMs: 0 }],
    ['was set back', { wallMs: -3_600_000, lostMs: 0 }],
    ['went on while nothing ran', { wallMs: 0, lostMs: 600_000 }],
  ])('takes no deadline for past where the clock %s, and counts on from then', async (_why, by) => {
    const steady = clock;
    let moved = { wallMs: 0, lostMs: 0 };
    clock = {
      ...steady,
      now: () => steady.now() + moved.wallMs + moved.lostMs,
      monotonic: () => steady.monotonic() + moved.lostMs,
    };
    const { value } = start();
    await show('reading', 'one');
    steady.advance(1_000);
    moved = by;
    await show('reading', 'two');
    steady.advance(INPUT.policy.stuckAfterMs);
    expect(value().activity).toBe('reading');
    steady.advance(INPUT.policy.stuckAfterMs);
    expect(value().activity).toBe('stuck');
  });

  /** The wall clock is moved by `by()` ms against the time that really passes. */
  const onMovedClock = (by: () => number): ManualClock => {
    const steady = clock;
    clock = { ...steady, now: () => steady.now() + by() };
    return steady;
  };

  it.each([
    ['back', -3_600_000],
    ['forth', 3_600_000],
  ])('still asks for the look that completes a turn after the clock was set %s', async (_, ms) => {
    let moved = 0;
    const steady = onMovedClock(() => moved);
    const { actor, value } = start();
    watches[0]?.listener.connected('attached');
    await show('reading');
    moved = ms;
    actor.send({ type: 'clock.jumped', at: clock.now() } as never);
    steady.advance(1_700);
    await show('complete');
    steady.advance(600);
    expect(watches[0]?.looks).toBe(1);
    await show('complete');
    expect(value().activity).toBe('complete');
  });

  it('still asks for it where the clock is set just before', async () => {
    let moved = 0;
    const steady = onMovedClock(() => moved);
    const { value } = start();
    watches[0]?.listener.connected('attached');
    await show('reading');
    await show('complete');
    moved = -3_600_000;
    steady.advance(600);
    expect(watches[0]?.looks).toBe(1);
    await show('complete');
    expect(value().activity).toBe('complete');
  });

  it('takes no look for one of later, though the clock was set back while it was judged', async () => {
    let moved = 0;
    const steady = onMovedClock(() => moved);
    const { actor } = start();
    watches[0]?.listener.connected('attached');
    await show('reading');
    watches[0]?.listener.looked(screen('complete'));
    moved = -3_600_000;
    actor.send({ type: 'clock.jumped', at: clock.now() } as never);
    judging.shift()?.answer(verdict('complete'));
    await setImmediate();
    steady.advance(600);
    expect(watches[0]?.looks).toBe(1);
  });

  it('counts once from a clock that was set, though it is told of it and finds out itself', async () => {
    let moved = 0;
    const steady = onMovedClock(() => moved);
    const { actor, value } = start();
    await show('reading');
    moved = -3_600_000;
    actor.send({ type: 'clock.jumped', at: clock.now() } as never);
    steady.advance(INPUT.policy.stuckAfterMs);
    expect(value().activity).toBe('stuck');
  });

  it('makes a silent turn stuck, without any look', async () => {
    const { value } = start();
    await show('reading');
    clock.advance(300_000);
    expect(value().activity).toBe('stuck');
    expect(events()).toContain('agent_stuck');
  });

  it('leaves no timer behind when the actor stops', async () => {
    const { actor } = start();
    await show('reading');
    expect(clock.pending()).toBe(1);
    actor.stop();
    expect(clock.pending()).toBe(0);
    expect(watches[0]?.stopped).toBe(true);
  });
});

describe('a restart', () => {
  it('resumes what was recorded, tells nothing anew, and connects again', async () => {
    const first = start();
    await show('working');
    first.actor.stop();
    const stored = JSON.parse(JSON.stringify(changes.at(-1)?.snapshot));
    changes = [];

    const before = watches.length;
    const { actor, value } = start(stored);
    expect(watches).toHaveLength(before);
    actor.send({
      type: 'session.resumed',
      facts: FACTS,
      policy: INPUT.policy,
      restarts: 1,
      at: clock.now(),
    } as never);
    expect(value()).toMatchObject({ activity: 'working', connection: 'connecting' });
    await show('working');
    expect(events()).toEqual([]);
    expect(changes.at(-1)?.row.restarts).toBe(1);
  });

  it('knows that the clock was set in the life before, and calls nobody stuck for that', async () => {
    const first = start();
    await show('working');
    const setAt = clock.now() + 10 * INPUT.policy.stuckAfterMs;
    first.actor.send({ type: 'clock.jumped', at: setAt } as never);
    first.actor.stop();
    expect(changes.at(-1)?.snapshot).toMatchObject({ context: { meaningfulAt: setAt } });
  });

  it('follows a crash in which nothing was recorded', async () => {
    const { actor, errors } = start();
    await show('working');
    const before = changes.length;
    actor.send({ type: 'screen.classified' } as never);
    expect(errors).toHaveLength(1);
    expect(changes).toHaveLength(before);
    expect(clock.pending()).toBe(0);
  });
});
