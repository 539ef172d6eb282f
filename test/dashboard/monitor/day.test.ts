import { describe, expect, it } from 'vitest';
import { followDay } from '../../../dashboard/src/monitor/day.ts';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { eventOf } from '../agents.ts';
import { CONNECTED, startFeed } from '../feed.ts';
import { createPast } from '../past.ts';

const following = async () => {
  const test = await startFeed();
  const past = createPast();
  const { day, stop } = followDay('shop', {
    ...{ feed: test.feed, readPast: past.readPast, time: test.clock },
  });
  const seqs = () => day.value.events?.map(({ seq }) => seq) ?? null;
  const change = (seq: number, more: Partial<MonitorEvent> = {}) =>
    eventOf({ seq, timestamp: test.clock.now(), session: 'shop', ...more });
  const happens = (seq: number, more: Partial<MonitorEvent> = {}) =>
    ({ type: 'event', ...change(seq, more) }) as const;
  return Object.assign(test, { past, day, stop, seqs, change, happens });
};

const SNAPSHOT = { type: 'snapshot', epoch: 'e', seq: 1, agents: [] } as const;

describe('the last day of an agent', () => {
  it('has what happened while it was read, in order and once, and goes on', async () => {
    await using test = await following();
    const { past, change, happens, seqs } = test;
    past.events = [change(1), change(2)];
    past.isHeld = true;
    await test.tell(CONNECTED, SNAPSHOT, happens(2), happens(3));
    expect(seqs()).toBeNull();
    past.isHeld = false;
    await releaseAll(past, () => seqs() !== null);
    expect(seqs()).toEqual([1, 2, 3]);
    await test.tell(happens(4), happens(5, { session: 'web-shop' }));
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  it('loses nothing where it is read again before the first answer', async () => {
    await using test = await following();
    const { past, change, happens, seqs } = test;
    past.isHeld = true;
    await test.tell(CONNECTED, SNAPSHOT, happens(2));
    past.events = [change(1), change(2)];
    await test.tell(SNAPSHOT, happens(3));
    past.isHeld = false;
    await releaseAll(past, () => seqs() !== null);
    expect(seqs()).toEqual([1, 2, 3]);
  });

  it('goes back to what was under another name, and takes nothing of a namesake', async () => {
    await using test = await following();
    const { past, change, seqs } = test;
    const renamed = { event: 'session_renamed', session: 'shop', previousSession: 'api' } as const;
    past.events = [
      change(1, { session: 'api' }),
      change(2),
      change(3, renamed),
      change(4, { session: 'api' }),
      change(5),
      change(6, { event: 'monitor_stopped', session: '' }),
    ];
    await test.tell(CONNECTED, SNAPSHOT);
    await expect.poll(seqs).toEqual([1, 5, 6]);
  });

  it('is asked for again after a while where nobody answered, and keeps what was known', async () => {
    await using test = await following();
    const { past, change, day, seqs } = test;
    past.events = [change(1)];
    await test.tell(CONNECTED, SNAPSHOT);
    await expect.poll(seqs).toEqual([1]);
    past.isAway = true;
    await test.tell(SNAPSHOT);
    await expect.poll(() => day.value.problem?.message).toBe('Nobody answers.');
    expect(seqs()).toEqual([1]);
    past.isAway = false;
    test.clock.advance(10_000);
    await expect.poll(() => day.value.problem).toBeNull();
  });

  it('shows nothing of another journal', async () => {
    await using test = await following();
    const { past, change, day, seqs } = test;
    past.events = [change(70)];
    await test.tell(CONNECTED, SNAPSHOT);
    await expect.poll(seqs).toEqual([70]);
    past.events = [change(1)];
    await test.tell({ type: 'reset', epoch: 'f', seq: 1 });
    expect(day.value.events).toBeNull();
    await test.tell({ ...SNAPSHOT, epoch: 'f' });
    await expect.poll(seqs).toEqual([1]);
  });

  it('leaves out what is older than a day', async () => {
    await using test = await following();
    const { past, change, happens, seqs } = test;
    past.events = [change(1, { timestamp: test.clock.now() - 86_400_000 + 1_000 })];
    await test.tell(CONNECTED, SNAPSHOT);
    await expect.poll(seqs).toEqual([1]);
    test.clock.advance(2_000);
    await test.tell(happens(2, { timestamp: test.clock.now() }));
    expect(seqs()).toEqual([2]);
  });

  it('is not read any more once nobody looks', async () => {
    await using test = await following();
    const { past, change, happens, day } = test;
    past.events = [change(1)];
    past.isHeld = true;
    await test.tell(CONNECTED, SNAPSHOT);
    test.stop();
    past.isHeld = false;
    past.release();
    await test.tell(happens(2), SNAPSHOT);
    expect(day.value).toEqual({ events: null, problem: null });
    expect(test.clock.pending()).toBe(1);
  });
});

/** One answer may lead to another question. */
const releaseAll = (past: ReturnType<typeof createPast>, isDone: () => boolean) =>
  expect
    .poll(() => {
      past.release();
      return isDone();
    })
    .toBe(true);
