import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CommandOutcome } from '../../../actors/ports.ts';
import {
  COMMAND_STATUSES,
  type CommandStatus,
  isFinal,
  laneOf,
} from '../../../machines/vocabulary.ts';
import { FINAL_EVENTS, startCommands, TARGET, type TestCommands } from '../../support/commands.ts';
import { createDataFolder, type DataFolder } from '../../support/store.ts';

const DEPTH = 6;
const STEP_MS = 1000;

interface ModelCommand {
  id: string;
  status: CommandStatus;
  rank: number;
  expiresAt: number;
  key: string | null;
  resolved: boolean;
}

/** The whole queue as a list of what was accepted, in that order. */
interface Model {
  all: ModelCommand[];
  now: number;
}

interface Real {
  folder: DataFolder;
  queue: TestCommands;
}

type Step = fc.AsyncCommand<Model, Real>;

const step = (name: string, run: (model: Model, real: Real) => Promise<void>): Step => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    expectSame(model, real);
  },
  toString: () => name,
});

/** The command that a number names, or one that is not there. */
const pick = (model: Model, n: number): ModelCommand | undefined =>
  model.all[n % (model.all.length + 1)];

const accept = (rank: number, livesMs: number, key: string | null): Step =>
  step(`accept(${rank}, ${livesMs}, ${key})`, async (model, { queue }) => {
    const known = key === null ? undefined : model.all.find((one) => one.key === key);
    const isFull = model.all.filter(({ status }) => status === 'queued').length >= DEPTH;
    const accepted = await queue
      .accept({
        ...{ session: 'shop-api', key: 'k', target: TARGET, command: 'x', source: 'zoe' },
        ...{ when: rank === 1 ? 'now' : 'safe', retryOf: null, expiresAt: model.now + livesMs },
        act: rank === 0 ? { action: 'interrupt' } : { action: 'text', submit: true, raw: false },
        idempotency: key === null ? null : { key, bodyHash: 'same' },
      })
      .catch(({ code }) => String(code));
    if (known) {
      expect(accepted).toMatchObject({ replayed: true, command: { id: known.id } });
    } else if (isFull) {
      expect(accepted).toBe('queue_full');
    } else {
      expect(accepted).toMatchObject({ replayed: false, command: { status: 'queued' } });
      const { id } = (accepted as Awaited<ReturnType<typeof queue.accept>>).command;
      const expiresAt = model.now + livesMs;
      model.all.push({ id, status: 'queued', rank, expiresAt, key, resolved: false });
    }
  });

const begin = (n: number): Step =>
  step(`begin(${n})`, async (model, { queue }) => {
    const command = pick(model, n);
    const may = command?.status === 'queued' && command.expiresAt > model.now;
    expect(queue.begin(command?.id ?? 'no-such')).toBe(may);
    if (may) command.status = 'sending';
  });

const finish = (n: number, status: CommandOutcome['status']): Step =>
  step(`finish(${n}, ${status})`, async (model, { queue }) => {
    const command = pick(model, n);
    const outcome: CommandOutcome = { status, evidence: 'none', error: null, attempts: 1 };
    const call = () => queue.finish(command?.id ?? 'no-such', outcome);
    if (!command) return expect(call).toThrow(/no-such/);
    if (command.status === 'queued' && status !== 'failed') return expect(call).toThrow(/begun/);
    call();
    if (!isFinal(command.status)) command.status = status;
  });

const putBack = (n: number): Step =>
  step(`putBack(${n})`, async (model, { queue }) => {
    const command = pick(model, n);
    if (!command) return expect(() => queue.putBack('no-such')).toThrow(/no-such/);
    queue.putBack(command.id);
    if (command.status === 'sending') command.status = 'queued';
  });

const cancel = (n: number): Step =>
  step(`cancel(${n})`, async (model, { queue }) => {
    const command = pick(model, n);
    const call = () => queue.cancel(command?.id ?? 'no-such');
    if (command?.status !== 'queued') return expect(call).toThrow();
    call();
    command.status = 'cancelled';
  });

const resolve = (n: number): Step =>
  step(`resolve(${n})`, async (model, { queue }) => {
    const command = pick(model, n);
    const call = () => queue.resolve(command?.id ?? 'no-such', 'typed');
    if (command?.status !== 'unknown' || command.resolved) return expect(call).toThrow();
    call();
    command.resolved = true;
  });

const wait = (steps: number): Step =>
  step(`wait(${steps})`, async (model, { queue }) => {
    queue.clock.advance(steps * STEP_MS);
    model.now += steps * STEP_MS;
  });

const expire = (): Step =>
  step('expire()', async (model, { queue }) => {
    for (const command of model.all) {
      if (command.status === 'queued' && command.expiresAt <= model.now) command.status = 'expired';
    }
    const times = model.all.filter(isQueued).map(({ expiresAt }) => expiresAt);
    expect(queue.expire(model.now)).toBe(times.length === 0 ? null : Math.min(...times));
  });

const reopen = (): Step =>
  step('reopen()', async (model, real) => {
    const { clock } = real.queue;
    real.queue[Symbol.dispose]();
    real.queue = open(real.folder, clock);
    const typing = model.all.filter(({ status }) => status === 'sending');
    expect(real.queue.recover()).toBe(typing.length);
    for (const command of typing) command.status = 'unknown';
  });

const isQueued = ({ status }: ModelCommand): boolean => status === 'queued';

const expectSame = ({ all }: Model, { queue }: Real): void => {
  const stored = queue.page({ session: 'shop-api', key: null }, { limit: 1000 }).commands.reverse();
  expect(stored.map(({ id, status }) => [id, status])).toEqual(
    all.map(({ id, status }) => [id, status]),
  );
  const served = all.filter(isQueued).sort((one, other) => one.rank - other.rank);
  expect(queue.waiting(laneOf(TARGET)).map(({ id }) => id)).toEqual(served.map(({ id }) => id));
  expect(queue.lanes()).toEqual(served.length === 0 ? [] : [laneOf(TARGET)]);
  expect(queue.queued('k')).toBe(served.length);
  const count = (wanted: CommandStatus) => all.filter(({ status }) => status === wanted).length;
  expect(queue.counts()).toEqual(
    Object.fromEntries(COMMAND_STATUSES.map((status) => [status, count(status)])),
  );
};

/** Each command was told once that it is queued, and once how it ended, if it has. */
const expectTold = async ({ all }: Model, { queue }: Real): Promise<void> => {
  const events = await queue.events();
  for (const { id, status, resolved } of all) {
    const names = events.filter((event) => event.id === id).map(({ event }) => event);
    const ends = names.filter((name) => FINAL_EVENTS.includes(name));
    expect(names[0]).toBe('command_queued');
    expect(ends).toEqual(isFinal(status) ? [`command_${status}`] : []);
    expect(names).toHaveLength(1 + ends.length + (resolved ? 1 : 0));
  }
  expect(new Set(events.map(({ id }) => id)).size).toBe(all.length);
};

const open = (folder: DataFolder, clock?: TestCommands['clock']): TestCommands =>
  startCommands({
    folder: folder.path,
    limits: { sessionDepth: DEPTH },
    ...(clock ? { clock } : {}),
  });

const n = fc.nat({ max: 20 });
const STEPS = [
  fc
    .tuple(
      fc.nat({ max: 2 }),
      fc.constantFrom(STEP_MS, 5 * STEP_MS),
      fc.option(fc.constantFrom('a', 'b')),
    )
    .map(([rank, livesMs, key]) => accept(rank, livesMs, key)),
  n.map(begin),
  fc
    .tuple(n, fc.constantFrom('sent', 'failed', 'unknown'))
    .map(([which, status]) => finish(which, status)),
  n.map(putBack),
  n.map(cancel),
  n.map(resolve),
  fc.integer({ min: 1, max: 3 }).map(wait),
  fc.constant(expire()),
  fc.constant(reopen()),
];

it('behaves as a list in memory does, through any steps', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(STEPS, { size: '+1', maxCommands: 60 }), async (steps) => {
      using folder = createDataFolder();
      const queue = open(folder);
      const [model, real]: [Model, Real] = [
        { all: [], now: queue.clock.now() },
        { folder, queue },
      ];
      try {
        await fc.asyncModelRun(() => ({ model, real }), steps);
        await expectTold(model, real);
      } finally {
        real.queue[Symbol.dispose]();
      }
    }),
    { numRuns: 60 },
  );
});
