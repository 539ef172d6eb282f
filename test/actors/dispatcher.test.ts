import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createActor } from 'xstate';
import { createDispatcher, type Dispatcher } from '../../actors/dispatcher.ts';
import { StoreFailed } from '../../actors/errors.ts';
import type { KnownAgent } from '../../actors/lane.ts';
import type { CommandDraft, StoredCommand } from '../../actors/ports.ts';
import type { Command, State } from '../../machines/vocabulary.ts';
import { startCommands, type TestCommands } from '../support/commands.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { APPROVAL } from '../support/sessions.ts';
import {
  createVirtualPanes,
  type VirtualPane,
  type VirtualPanes,
} from '../support/virtual-panes.ts';

const KEY = '10.1000.$1';

let queue: TestCommands;
let panes: VirtualPanes;
let pane: VirtualPane;
let agents: Map<string, KnownAgent>;
let dispatcher: Dispatcher;
let stop: () => void;
const unsubmitted = vi.fn();
const answered = vi.fn();

const agent = (state: State): KnownAgent => ({
  kind: 'claude-code',
  state,
  since: queue.clock.now(),
  dialog: null,
});

/** A dispatcher, as the supervisor would start it. */
const start = (ports: Partial<Parameters<typeof createDispatcher>[0]> = {}) => {
  const { clock, store } = queue;
  dispatcher = createDispatcher({
    ...{ clock, log: createRecordedLog(), commands: queue, journal: store.outbox },
    ...{ typist: panes.typist, reader: panes.reader, mayType: () => true },
    agent: (key) => agents.get(key) ?? null,
    ...{ unsubmitted, answered },
    ...ports,
  });
  const actor = createActor(dispatcher.logic);
  const failed = vi.fn();
  actor.subscribe({ error: failed });
  actor.start();
  stop = () => actor.stop();
  return { failed };
};

beforeEach(() => {
  queue = startCommands();
  unsubmitted.mockClear();
  answered.mockClear();
  panes = createVirtualPanes();
  pane = panes.add('%1');
  agents = new Map([[KEY, agent('complete')]]);
});
afterEach(() => {
  stop();
  queue[Symbol.dispose]();
});

/** Lets time pass in small steps, and everything that it sets off happen. */
const pass = async (ms: number) => {
  for (let passed = 0; passed < ms; passed += 10) {
    queue.clock.advance(10);
    await setImmediate();
    await setImmediate();
  }
};

const status = ({ id }: StoredCommand): Command['status'] => queue.get(id).status;
const add = (command: string, more: Partial<CommandDraft> = {}) =>
  queue.add({ target: pane.target, command, ...more });
const answer = (dialog: string) =>
  add('Yes', { when: 'now', act: { action: 'answer', dialog, choice: '1' } });
const STALE = { status: 'failed', error: 'dialog_stale', evidence: 'not-typed', attempts: 0 };
/** The pane shows the approval, and the session knows it by this id. */
const show = (dialog: string): void => {
  pane.dialog = APPROVAL;
  agents.set(KEY, { ...agent('complete'), dialog });
};
const INTERRUPT: Partial<CommandDraft> = { act: { action: 'interrupt' }, when: 'now' };

describe('a lane', () => {
  it('types what waits, one after the other, in the order in which it was accepted', async () => {
    const [one, two, three] = [await add('one'), await add('two'), await add('three')];
    start();
    await pass(50);
    expect([status(one), status(two), status(three)]).toEqual(['sending', 'queued', 'queued']);
    expect(panes.pasted).toEqual(['one']);
    await pass(1_500);
    expect(pane.prompts).toEqual(['one', 'two', 'three']);
    expect([status(one), status(two), status(three)]).toEqual(['sent', 'sent', 'sent']);
    expect(queue.get(one.id)).toMatchObject({ evidence: 'turn-started', attempts: 1, error: null });
  });

  it('waits while typing is off, though what is due expires, and goes on when it is on', async () => {
    let isOn = false;
    const waiting = await add('one');
    const late = await add('two', { expiresAt: queue.clock.now() + 1_500 });
    start({ mayType: () => isOn });
    await pass(3_000);
    expect([status(waiting), status(late)]).toEqual(['queued', 'expired']);
    expect(panes.pasted).toEqual([]);
    expect(dispatcher.heldBy(waiting)).toBe('typing-off');
    isOn = true;
    await pass(2_000);
    expect(status(waiting)).toBe('sent');
    expect(panes.pasted).toEqual(['one']);
  });

  it('has `sending` on disk before the first byte', async () => {
    const command = await add('one');
    const seen: string[] = [];
    const { typist } = panes;
    start({
      typist: {
        ...typist,
        paste: (...call) => {
          seen.push(status(command));
          return typist.paste(...call);
        },
      },
    });
    await pass(50);
    expect(seen).toEqual(['sending']);
  });

  it("believes the agent's own hook before its screen", async () => {
    pane.swallows = 100;
    const { clock } = queue;
    const asked: unknown[] = [];
    const submitted = (...given: unknown[]) => {
      asked.push(given);
      return pane.keys.length > 0;
    };
    const { id } = await add('fix it');
    const began = clock.monotonic();
    start({ prompts: { submitted } });
    await pass(1_000);
    expect(queue.get(id)).toMatchObject({ status: 'sent', evidence: 'hook', attempts: 1 });
    expect(asked.at(-1)).toEqual([pane.target, 'fix it', expect.closeTo(began, -2)]);
  });

  it('asks for no hook of what is no prompt', async () => {
    pane.running = true;
    const submitted = vi.fn(() => true);
    const interrupt = await add('', INTERRUPT);
    start({ prompts: { submitted } });
    await pass(1_000);
    expect(queue.get(interrupt.id)).toMatchObject({ status: 'sent', evidence: 'turn-ended' });
    expect(submitted).not.toHaveBeenCalled();
  });

  it('does not wait for another one whose pane is frozen', async () => {
    const frozen = panes.add('%2');
    frozen.state = 'frozen';
    const stuck = await add('never', { target: frozen.target });
    const free = await add('soon');
    start();
    await pass(600);
    expect([status(stuck), status(free)]).toEqual(['queued', 'sent']);
  });

  it('serves answers and interrupts before text', async () => {
    pane.running = true;
    await add('later');
    const interrupt = await queue.add({ ...INTERRUPT, target: pane.target, command: '' });
    start();
    await pass(1_000);
    expect(queue.get(interrupt.id)).toMatchObject({ status: 'sent', evidence: 'turn-ended' });
    expect(pane.keys[0]).toBe('Escape');
    expect(pane.prompts).toEqual(['later']);
  });

  it('fails all that waits for a pane life that is over, and types into no other', async () => {
    const [one, two] = [await add('one'), await add('two')];
    pane.state = 'gone';
    const successor = panes.add('%1', 200);
    successor.draft = 'a draft';
    const alive = await queue.add({ target: successor.target, command: 'three' });
    start();
    await pass(50);
    for (const command of [one, two])
      expect(queue.get(command.id)).toMatchObject({
        status: 'failed',
        error: 'target_gone',
        evidence: 'not-typed',
        attempts: 0,
      });
    expect(status(alive)).toBe('queued');
    expect(panes.pasted).toEqual([]);
    successor.draft = '';
    await pass(1_600);
    expect(status(alive)).toBe('sent');
  });

  it('answers the dialog that was asked about, and no other', async () => {
    show('d1@b');
    const stale = [await answer('another@b'), await answer('d1@a'), await answer('d1')];
    const right = await answer('d1@b');
    start();
    await pass(300);
    for (const { id } of stale) expect(queue.get(id)).toMatchObject(STALE);
    expect(queue.get(right.id)).toMatchObject({ status: 'sent', evidence: 'dialog-closed' });
    expect(pane.keys).toEqual(['1']);
    expect(answered.mock.calls).toEqual([[KEY, 'd1@b']]);
  });

  it('answers a dialog once, though the same is asked again before anybody has seen it go', async () => {
    show('d1@b');
    const [one, two, three] = [await answer('d1@b'), await answer('d1@b'), await answer('d1@b')];
    start({
      answered: () => {
        pane.dialog = APPROVAL;
      },
    });
    await pass(300);
    expect(queue.get(one.id)).toMatchObject({ status: 'sent' });
    for (const { id } of [two, three]) expect(queue.get(id)).toMatchObject(STALE);
    expect(pane.keys).toEqual(['1']);
  });
});

describe('what may not be typed yet', () => {
  it('waits for a dialog to go, and is noticed by the slow timer', async () => {
    pane.dialog = APPROVAL;
    const command = await add('one');
    start();
    await pass(3_000);
    expect(status(command)).toBe('queued');
    pane.dialog = null;
    await pass(1_500);
    expect(status(command)).toBe('sent');
  });

  it('is looked at anew when a session changes', async () => {
    const command = await add('one', { when: 'idle' });
    agents.set(KEY, agent('working'));
    start();
    await pass(50);
    expect(status(command)).toBe('queued');
    agents.set(KEY, agent('complete'));
    queue.store.journal.announce([
      { event: 'agent_complete', session: 'shop-api', timestamp: queue.clock.now() },
    ]);
    await pass(100);
    expect(status(command)).toBe('sending');
  });

  it('waits for a session that is not watched, as long as its pane lives', async () => {
    agents.clear();
    const command = await add('one');
    start();
    await pass(2_500);
    expect(status(command)).toBe('queued');
    pane.state = 'gone';
    await pass(1_100);
    expect(status(command)).toBe('failed');
  });

  it('goes back into the queue where tmux blocked the paste, and is tried once a second', async () => {
    pane.nextPaste = 'blocked';
    const command = await add('one');
    const begin = vi.fn(queue.begin);
    start({ commands: { ...queue, begin } });
    await pass(3_100);
    expect(begin.mock.calls.length).toBeLessThan(6);
    expect(queue.get(command.id)).toMatchObject({ status: 'queued', startedAt: null });
    expect(queue.cancel(command.id)).toMatchObject({ status: 'cancelled' });
    await pass(1_500);
    expect(panes.pasted).toEqual([]);
  });

  it('expires in time, and is never typed late', async () => {
    pane.draft = 'half a sentence';
    const command = await add('one', { expiresAt: queue.clock.now() + 5_000 });
    start();
    await pass(4_900);
    expect(status(command)).toBe('queued');
    expect(dispatcher.heldBy(command)).toBe('draft-in-composer');
    await pass(200);
    pane.draft = '';
    await pass(2_000);
    expect(status(command)).toBe('expired');
    expect(panes.pasted).toEqual([]);
  });

  it('is not typed where it was cancelled while the pane was looked at', async () => {
    const command = await add('one');
    const { reader } = panes;
    start({
      reader: {
        read: async (...call) => {
          if (status(command) === 'queued') queue.cancel(command.id);
          return reader.read(...call);
        },
      },
    });
    await pass(500);
    expect(status(command)).toBe('cancelled');
    expect(panes.pasted).toEqual([]);
  });
});

it('types nothing that could not be begun, as what has just expired', async () => {
  await add('one');
  const begin = vi.fn(() => false);
  start({ commands: { ...queue, begin } });
  await pass(500);
  expect(panes.pasted).toEqual([]);
  // Not again and again: only when something changes.
  expect(begin.mock.calls.length).toBeLessThan(5);
});

describe('sessions that show the same pane', () => {
  it('do not wait for one that nobody watches any more', async () => {
    const unwatched = await add('one', { key: '10.1000.$2', session: 'gone' });
    const watched = await add('two');
    start();
    await pass(600);
    expect([status(unwatched), status(watched)]).toEqual(['queued', 'sent']);
  });
});

describe('what waits for an idle agent', () => {
  it('is not typed into the turn that the one before has just begun', async () => {
    const [one, two] = [await add('one', { when: 'idle' }), await add('two', { when: 'idle' })];
    start();
    await pass(600);
    expect(status(one)).toBe('sent');
    // Its session still says complete, as of before.
    pane.running = false;
    await pass(2_000);
    expect(status(two)).toBe('queued');
    await pass(5_000);
    expect(status(two)).toBe('sent');
  });

  it('is typed in time though the clock is set back meanwhile', async () => {
    const [one, two] = [await add('one', { when: 'idle' }), await add('two', { when: 'idle' })];
    const { clock } = queue;
    let setBackMs = 0;
    start({ clock: { ...clock, now: () => clock.now() - setBackMs } });
    await pass(600);
    expect(status(one)).toBe('sent');
    pane.running = false;
    setBackMs = 3_600_000;
    await pass(7_000);
    expect(status(two)).toBe('sent');
  });

  it('is typed as soon as the turn in between is over', async () => {
    const [one, two] = [await add('one', { when: 'idle' }), await add('two', { when: 'idle' })];
    start();
    await pass(600);
    expect(status(one)).toBe('sent');
    pane.running = false;
    agents.set(KEY, agent('complete'));
    await pass(1_500);
    expect(status(two)).toBe('sent');
  });
});

it('looks only at panes of sessions that have changed', async () => {
  const other = panes.add('%2');
  for (const target of [pane.target, other.target]) {
    await add('later', { target, when: 'idle', session: target.paneId });
  }
  agents.set(KEY, agent('working'));
  const { reader } = panes;
  const read = vi.fn(reader.read);
  start({ reader: { read } });
  await pass(20);
  read.mockClear();
  for (let count = 0; count < 9; count += 1) {
    const timestamp = queue.clock.now();
    queue.store.journal.announce([{ event: 'progress', session: '%2', timestamp }]);
    await pass(100);
  }
  expect(read.mock.calls.filter(([{ paneId }]) => paneId === '%1').length).toBeLessThan(3);
  expect(read.mock.calls.filter(([{ paneId }]) => paneId === '%2').length).toBeGreaterThan(7);
});

describe('a fault in the program', () => {
  it.each([
    { where: 'typing', broken: { paste: () => Promise.reject(new TypeError('no')) } },
    { where: 'looking', broken: { read: () => Promise.reject(new TypeError('no')) } },
  ])('while $where is for the supervisor to see', async ({ broken }) => {
    await add('one');
    const { failed } = start({
      typist: { ...panes.typist, ...broken },
      reader: { ...panes.reader, ...broken },
    });
    await pass(100);
    expect(failed).toHaveBeenCalledWith(expect.objectContaining({ message: 'no' }));
  });
});

it('tells the session of a text that the agent does not take', async () => {
  pane.swallows = 100;
  const command = await add('one');
  start();
  await pass(12_000);
  expect(queue.get(command.id)).toMatchObject({ status: 'failed', evidence: 'left-in-composer' });
  expect(unsubmitted.mock.calls).toEqual([[KEY]]);
});

describe('what cannot be known', () => {
  it('is unknown where tmux did not answer, and the next one is typed', async () => {
    pane.nextPaste = 'lost';
    const one = await add('one');
    start();
    await pass(50);
    expect(queue.get(one.id)).toMatchObject({ status: 'unknown', error: 'typing_unknown' });
    pane.nextPaste = null;
    const two = await add('two');
    await pass(600);
    expect(status(two)).toBe('sent');
  });

  it('is unknown where an earlier dispatcher was typing it', async () => {
    const command = await add('one');
    queue.begin(command.id);
    start();
    expect(status(command)).toBe('unknown');
    await pass(500);
    expect(panes.pasted).toEqual([]);
  });

  it('is unknown to the next one where this one stops in the middle', async () => {
    const command = await add('one');
    start();
    await pass(50);
    stop();
    await pass(1_000);
    expect(status(command)).toBe('sending');
    expect(pane.keys).toEqual([]);
    start();
    expect(status(command)).toBe('unknown');
  });
});

describe('stopping', () => {
  it('finishes what is being typed, and begins nothing new', async () => {
    const one = await add('one');
    start();
    await pass(50);
    const two = await add('two');
    let isDrained = false;
    const drained = dispatcher.drain(3_000).then(() => {
      isDrained = true;
    });
    await pass(1_000);
    await drained;
    expect(isDrained).toBe(true);
    expect([status(one), status(two)]).toEqual(['sent', 'queued']);
  });

  it('begins nothing though a look was on its way', async () => {
    const command = await add('one');
    const { reader } = panes;
    const looking = Promise.withResolvers<void>();
    start({
      reader: {
        read: async (...call) => {
          await looking.promise;
          return reader.read(...call);
        },
      },
    });
    await pass(50);
    await dispatcher.drain(1_000);
    looking.resolve();
    await pass(500);
    expect(status(command)).toBe('queued');
    expect(panes.pasted).toEqual([]);
  });

  it('does not wait longer than it may', async () => {
    pane.swallows = 100;
    const command = await add('one');
    start();
    await pass(50);
    const drained = dispatcher.drain(300);
    await pass(400);
    await drained;
    expect(status(command)).toBe('sending');
  });
});

describe('a disk that takes nothing', () => {
  /** Fails so many times, and does what it should from then on. */
  const failing = <Arguments extends unknown[], Result>(
    times: number,
    call: (...given: Arguments) => Result,
  ) => {
    let left = times;
    return (...given: Arguments): Result => {
      left -= 1;
      if (left >= 0) throw new StoreFailed('the disk is full');
      return call(...given);
    };
  };

  it.each(['begin', 'expire', 'lanes'] as const)(
    'at %s keeps a command waiting, and nothing is typed meanwhile',
    async (name) => {
      const command = await add('one');
      const { failed } = start({
        commands: { ...queue, [name]: failing(2, queue[name] as () => never) },
      });
      await pass(500);
      expect(panes.pasted).toEqual([]);
      await pass(3_000);
      expect(status(command)).toBe('sent');
      expect(failed).not.toHaveBeenCalled();
    },
  );

  it('what was being typed when the monitor ended waits to be told, and all else with it', async () => {
    const interrupted = await add('one');
    queue.begin(interrupted.id);
    const { failed } = start({ commands: { ...queue, recover: failing(2, queue.recover) } });
    const next = await add('two');
    await pass(500);
    expect([status(interrupted), status(next)]).toEqual(['sending', 'queued']);
    expect(panes.pasted).toEqual([]);
    await pass(3_000);
    expect([status(interrupted), status(next)]).toEqual(['unknown', 'sent']);
    expect(failed).not.toHaveBeenCalled();
  });

  it('when it has ended does not make anyone forget how', async () => {
    const [one, two] = [await add('one'), await add('two')];
    const { failed } = start({ commands: { ...queue, finish: failing(3, queue.finish) } });
    await pass(2_000);
    expect([status(one), status(two)]).toEqual(['sending', 'queued']);
    await pass(4_000);
    expect([status(one), status(two)]).toEqual(['sent', 'sent']);
    expect(failed).not.toHaveBeenCalled();
  });
});

it('types nothing more in any lane once it has failed: another takes its place', async () => {
  const other = panes.add('%2');
  const command = await add('one');
  const bad = await add('two', { target: other.target });
  const { failed } = start({
    commands: {
      ...queue,
      begin: (id) => {
        if (id === bad.id) throw new Error('a row makes no sense');
        return queue.begin(id);
      },
    },
  });
  await pass(1_000);
  expect(failed).toHaveBeenCalledTimes(1);
  expect(panes.pasted).toEqual(['one']);
  expect(pane.keys).toEqual([]);
  start();
  expect(status(command)).toBe('unknown');
});

it('fails where the queue does, for the supervisor to see', async () => {
  await add('one');
  const { failed } = start({
    commands: {
      ...queue,
      begin: () => {
        throw new Error('a row makes no sense');
      },
    },
  });
  await pass(50);
  expect(failed).toHaveBeenCalledWith(expect.objectContaining({ message: 'a row makes no sense' }));
  expect(panes.pasted).toEqual([]);
});
