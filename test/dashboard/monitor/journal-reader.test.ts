import { describe, expect, it } from 'vitest';
import type { Wanted } from '../../../dashboard/src/monitor/journal.ts';
import { FEW, type ReadPage, readBack } from '../../../dashboard/src/monitor/journal-reader.ts';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { eventOf } from '../agents.ts';

const ALL: Wanted = { session: null, kinds: [], text: '' };
const LAST = 60_000;

/** Every hundredth is a stuck agent, the very first a start; all others are progress. */
const eventAt = (seq: number): MonitorEvent =>
  eventOf({
    seq,
    event: seq === 1 ? 'monitor_started' : seq % 100 === 0 ? 'agent_stuck' : 'progress',
  });

/** A journal of `LAST` events behind the API, and how often it was asked. */
const createApi = (): { page: ReadPage; asked: Parameters<ReadPage>[0][] } => {
  const all = Array.from({ length: LAST }, (_, index) => eventAt(index + 1));
  const asked: Parameters<ReadPage>[0][] = [];
  const page: ReadPage = async (query) => {
    asked.push(query);
    const { after, limit, event } = query as { after: number; limit: number; event?: string };
    const found = all.slice(after).filter((each) => event === undefined || each.event === event);
    const events = found.slice(0, limit);
    return { events, next: found.length >= limit ? (events.at(-1)?.seq ?? null) : null };
  };
  return { page, asked };
};

describe('reading back', () => {
  it('finds the last few with one question', async () => {
    const { page, asked } = createApi();
    const past = await readBack(ALL, { before: LAST + 1, oldest: 1 }, page);
    expect(past.events).toHaveLength(FEW);
    expect(past.events.at(-1)?.seq).toBe(LAST);
    expect(past.from).toBe(LAST - FEW + 1);
    expect(asked).toHaveLength(1);
  });

  it('goes on before where it was', async () => {
    const { page } = createApi();
    const past = await readBack(ALL, { before: 301, oldest: 1 }, page);
    expect(past.events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: FEW }, (_, index) => 101 + index),
    );
  });

  it('ends where the journal does', async () => {
    const { page } = createApi();
    const past = await readBack(ALL, { before: 51, oldest: 21 }, page);
    expect(past).toMatchObject({ from: 21 });
    expect(past.events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 30 }, (_, index) => 21 + index),
    );
    expect(await readBack(ALL, { before: 21, oldest: 21 }, page)).toEqual({ events: [], from: 21 });
  });

  it('looks further for what is rare, in growing steps', async () => {
    const { page, asked } = createApi();
    const rare: Wanted = { ...ALL, kinds: ['agent_stuck'] };
    const past = await readBack(rare, { before: LAST, oldest: 1 }, page);
    expect(past.events.length).toBeGreaterThanOrEqual(FEW);
    expect(past.events.every(({ event }) => event === 'agent_stuck')).toBe(true);
    expect(past.events.map(({ seq }) => seq)).toEqual(
      past.events.map((_, index) => LAST - 100 * (past.events.length - index)),
    );
    expect(asked.length).toBeLessThan(8);
  });

  it('has patience for only so much of what it must sort out itself', async () => {
    const { page, asked } = createApi();
    const nowhere: Wanted = { ...ALL, text: 'nowhere' };
    const past = await readBack(nowhere, { before: LAST + 1, oldest: 1 }, page);
    expect(past).toEqual({ events: [], from: LAST + 1 - 8_000 });
    expect(asked).toHaveLength(8);
  });
});
