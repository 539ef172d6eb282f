import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../../dashboard/src/monitor/api.ts';
import type { Wanted } from '../../../dashboard/src/monitor/journal.ts';
import { followJournal } from '../../../dashboard/src/monitor/live-journal.ts';
import { eventOf } from '../agents.ts';
import { CONNECTED, startFeed } from '../feed.ts';

const ALL: Wanted = { session: null, kinds: [], text: '' };

/** What is asked of the past, and answered when the test says so. */
const createReader = (last: number) => {
  const asked: { wanted: Wanted; before: number; answer(seqs: number[]): void; fail(): void }[] =
    [];
  return {
    asked,
    readExtent: async () => ({ last, oldest: 1 }),
    readBack: (wanted: Wanted, { before }: { before: number }) => {
      const { promise, resolve, reject } = Promise.withResolvers<{
        events: ReturnType<typeof eventOf>[];
        from: number;
      }>();
      asked.push({
        ...{ wanted, before },
        answer: (seqs) =>
          resolve({ events: seqs.map((seq) => eventOf({ seq })), from: Math.min(...seqs) }),
        fail: () => reject(new Problem('Nobody answers.', { status: 0, code: 'unreachable' })),
      });
      return promise;
    },
  };
};

const following = async ({ last = 0 } = {}) => {
  const test = await startFeed();
  const reader = createReader(last);
  const live = followJournal(ALL, { feed: test.feed, ...reader });
  const seqs = () => live.journal.value.shown.map(({ seq }) => seq);
  /** The newest question, once there are so many. */
  const asked = (count: number) =>
    vi.waitUntil(() => (reader.asked.length >= count ? reader.asked.at(-1) : undefined));
  return Object.assign(test, { reader, live, seqs, asked });
};

const SNAPSHOT = { type: 'snapshot', epoch: 'e', seq: 1, agents: [] } as const;
const happens = (...seqs: number[]) =>
  seqs.map((seq) => ({ type: 'event', ...eventOf({ seq }) }) as const);

/** A browser that draws whenever it is asked to. */
beforeAll(
  () => void vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw)),
);

describe('a live journal', () => {
  it('has the past and what happens, the newest first', async () => {
    await using test = await following();
    (await test.asked(1)).answer([1, 2]);
    await test.tell(CONNECTED, ...happens(3, 4));
    await expect.poll(test.seqs).toEqual([4, 3, 2, 1]);
    expect(test.live.reading.value).toEqual({ at: 'rest' });
    expect(test.live.heard()).toBe(2);
  });

  it('takes no answer to what it asked before the monitor told all anew', async () => {
    await using test = await following();
    const first = await test.asked(1);
    await test.tell(CONNECTED, SNAPSHOT);
    const second = await test.asked(2);
    first.answer([90, 91]);
    second.answer([1, 2]);
    await expect.poll(test.seqs).toEqual([2, 1]);
    expect(test.live.reading.value).toEqual({ at: 'rest' });
  });

  it('takes no answer to what is no longer wanted', async () => {
    await using test = await following();
    const first = await test.asked(1);
    test.live.want({ ...ALL, text: 'nothing of the kind' });
    test.live.want({ ...ALL, session: 'shop-api' });
    first.answer([1, 2]);
    const second = await test.asked(2);
    expect(second.wanted.session).toBe('shop-api');
    second.answer([1]);
    await expect.poll(test.seqs).toEqual([1]);
    expect(test.reader.asked).toHaveLength(2);
  });

  it('stays held where the monitor tells all anew, and then shows that alone', async () => {
    await using test = await following();
    (await test.asked(1)).answer([90, 91]);
    await test.tell(CONNECTED);
    await expect.poll(test.seqs).toEqual([91, 90]);
    test.live.pause();
    await test.tell({ type: 'reset', epoch: 'f', seq: 3 }, SNAPSHOT, ...happens(4, 5));
    await expect.poll(() => test.live.journal.value.heldCount).toBe(2);
    expect(test.seqs()).toEqual([91, 90]);
    expect(test.reader.asked).toHaveLength(1);
    test.live.resume();
    (await test.asked(2)).answer([2, 3]);
    await expect.poll(test.seqs).toEqual([5, 4, 3, 2]);
    expect(test.live.journal.value.held).toBeNull();
  });

  it('looks further back from where it is, not from now', async () => {
    await using test = await following({ last: 9 });
    const first = await test.asked(1);
    expect(first.before).toBe(10);
    first.answer([8, 9]);
    await expect.poll(test.seqs).toEqual([9, 8]);
    test.live.readOlder();
    const older = await test.asked(2);
    expect(older.before).toBe(8);
    older.answer([6, 7]);
    await expect.poll(test.seqs).toEqual([9, 8, 7, 6]);
  });

  it('says why the past cannot be read, and still tells what happens', async () => {
    await using test = await following();
    (await test.asked(1)).fail();
    await test.tell(CONNECTED, ...happens(3));
    await expect.poll(test.seqs).toEqual([3]);
    expect(test.live.reading.value).toEqual({ at: 'failed', problem: 'Nobody answers.' });
  });

  it('hears nothing more once it has ended', async () => {
    await using test = await following();
    const first = await test.asked(1);
    test.live.end();
    first.answer([1]);
    await test.tell(CONNECTED, ...happens(2));
    expect(test.live.heard()).toBe(0);
    expect(test.seqs()).toEqual([]);
  });
});
