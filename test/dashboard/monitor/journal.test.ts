import { describe, expect, it } from 'vitest';
import {
  emptyJournal,
  type Journal,
  MOST_EVER,
  MOST_LIVE,
  paused,
  resumed,
  rewanted,
  type Wanted,
  withNewEvent,
  withPast,
  withRoom,
} from '../../../dashboard/src/monitor/journal.ts';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { eventOf } from '../agents.ts';

const ALL: Wanted = { session: null, kinds: [], text: '' };

const events = (from: number, to: number, fields: Partial<MonitorEvent> = {}): MonitorEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => eventOf({ seq: from + index, ...fields }));

const taking = (journal: Journal, list: MonitorEvent[]): Journal =>
  list.reduce(withNewEvent, journal);

const seqs = ({ shown }: Journal): number[] => shown.map(({ seq }) => seq);

const range = (newest: number, oldest: number): number[] =>
  Array.from({ length: newest - oldest + 1 }, (_, index) => newest - index);

describe('a journal', () => {
  it('shows what happens, the newest first', () => {
    expect(seqs(taking(emptyJournal(ALL), events(1, 3)))).toEqual([3, 2, 1]);
  });

  it('keeps only so many, and says from where on it has them all', () => {
    const read = withPast(emptyJournal(ALL), { events: events(1, 10), from: 1 });
    const journal = taking(read, events(11, MOST_LIVE + 20));
    expect(journal.shown).toHaveLength(MOST_LIVE);
    expect(journal.from).toBe(21);
    expect(seqs(journal).at(-1)).toBe(21);
  });

  it('puts what was read of the past behind what came meanwhile, each once', () => {
    const live = taking(emptyJournal(ALL), events(4, 6));
    const journal = withPast(live, { events: events(2, 5), from: 2 });
    expect(seqs(journal)).toEqual([6, 5, 4, 3, 2]);
    expect(journal.from).toBe(2);
  });

  it('takes nothing twice that is told again', () => {
    const journal = taking(emptyJournal(ALL), events(1, 3));
    expect(taking(journal, events(2, 3))).toBe(journal);
  });

  it('makes room for older ones, up to a bound', () => {
    const full = taking(emptyJournal(ALL), events(201, 200 + MOST_LIVE));
    const older = withPast(withRoom(full, 200), { events: events(1, 200), from: 1 });
    expect(seqs(older)).toEqual(range(200 + MOST_LIVE, 1));
    expect(withRoom(full, 10 * MOST_EVER).most).toBe(MOST_EVER);
  });
});

describe('what is wanted', () => {
  const list = [
    eventOf({ seq: 1, session: 'shop-api', reason: 'tool', state: 'working' }),
    eventOf({ seq: 2, session: 'shop-web', event: 'agent_stuck', output: '✻ Baking… 529' }),
    eventOf({ seq: 3, session: 'shop-web', event: 'progress', progress: 40 }),
  ];

  it.each<{ name: string; wanted: Partial<Wanted>; expected: number[] }>([
    { name: 'everything', wanted: {}, expected: [3, 2, 1] },
    { name: 'one session', wanted: { session: 'shop-web' }, expected: [3, 2] },
    { name: 'some kinds', wanted: { kinds: ['progress', 'state_change'] }, expected: [3, 1] },
    { name: 'words of the screen', wanted: { text: 'BAKING 529' }, expected: [2] },
    { name: 'words of a line', wanted: { text: 'working' }, expected: [1] },
    { name: 'a name', wanted: { text: ' api ' }, expected: [1] },
    { name: 'all of its words', wanted: { text: 'web tool' }, expected: [] },
  ])('is $name', ({ wanted, expected }) => {
    const journal = taking(emptyJournal({ ...ALL, ...wanted }), list);
    expect(seqs(journal)).toEqual(expected);
    const past = withPast(emptyJournal({ ...ALL, ...wanted }), { events: list, from: 1 });
    expect(seqs(past)).toEqual(expected);
  });

  it('leaves of what is shown what is still wanted, and all else to be read', () => {
    const read = withPast(emptyJournal(ALL), { events: list, from: 1 });
    const journal = rewanted(read, { ...ALL, session: 'shop-web' });
    expect(seqs(journal)).toEqual([3, 2]);
    expect(journal.from).toBeNull();
  });
});

describe('a pause', () => {
  const before = withPast(emptyJournal(ALL), { events: events(1, 2), from: 1 });

  it('holds what comes, and counts it', () => {
    const journal = taking(paused(before), events(3, 5));
    expect(seqs(journal)).toEqual([2, 1]);
    expect(journal.heldCount).toBe(3);
    expect(seqs(resumed(journal))).toEqual([5, 4, 3, 2, 1]);
    expect(resumed(journal)).toMatchObject({ held: null, heldCount: 0, from: 1 });
  });

  it('goes on when it is asked for twice', () => {
    const journal = paused(taking(paused(before), events(3, 3)));
    expect(journal.heldCount).toBe(1);
  });

  it('leaves no gap where more came than was held', () => {
    const journal = resumed(taking(paused(before), events(3, MOST_LIVE + 12)));
    expect(seqs(journal)).toEqual(range(MOST_LIVE + 12, 13));
    expect(journal.from).toBe(13);
  });

  it('leaves none either where there has been room for older ones since', () => {
    const full = taking(paused(before), events(3, MOST_LIVE + 12));
    expect(seqs(resumed(withRoom(full, MOST_LIVE + 200))).at(-1)).toBe(13);
  });

  it('does not stop what is read of the past', () => {
    const journal = withPast(taking(paused(before), events(3, 3)), {
      ...{ events: events(-3, 0), from: -3 },
    });
    expect(seqs(journal)).toEqual([2, 1, 0, -1, -2, -3]);
    expect(journal.heldCount).toBe(1);
  });
});
