import { describe, expect, it } from 'vitest';
import type { EventQuery } from '../../../actors/ports.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { draft, endOfTurn, startStore, stepTo, type TestStore } from '../../support/store.ts';

/** Ten events: odd ones of shop-api, even ones of shop-web; every fifth is a crash. */
const fill = async (store: TestStore): Promise<void> => {
  store.journal.announce(
    Array.from({ length: 10 }, (_, index) =>
      draft(index % 2 === 0 ? 'shop-api' : 'shop-web', {
        event: index % 5 === 4 ? 'actor_crashed' : 'progress',
      }),
    ),
  );
  await endOfTurn();
};

/** A store in which these ten are more than a week old, and deleted as soon as time goes on. */
const startLater = () => startStore({ clock: createManualClock(Date.UTC(2026, 0, 9)) });

describe('since a time', () => {
  it.each([
    { since: 0, first: 1 },
    { since: 1_000, first: 1 },
    { since: 1_001, first: 2 },
    { since: 5_000, first: 5 },
    { since: 10_000, first: 10 },
    { since: 10_001, first: undefined },
  ])('$since it begins with $first', async ({ since, first }) => {
    using store = startStore();
    store.journal.announce(
      Array.from({ length: 10 }, (_, index) => ({
        ...draft('shop-api'),
        timestamp: 1_000 * (index + 1),
      })),
    );
    await endOfTurn();
    expect(store.events.page({ limit: 20, since }).events[0]?.seq).toBe(first);
    expect(store.events.page({ limit: 20, since, after: 8 }).events[0]?.seq).toBe(
      first === undefined ? undefined : Math.max(9, first),
    );
  });

  it('nothing is there where nothing was told', () => {
    using store = startStore();
    expect(store.events.page({ limit: 20, since: 1 })).toMatchObject({ events: [], next: null });
  });
});

describe('a session that was renamed', () => {
  const renamed = { event: 'session_renamed', previousSession: 'shop' } as const;

  it.each<[Partial<EventQuery>, number[]]>([
    [{ session: 'shop' }, [1, 2]],
    [{ session: 'shop', event: 'session_renamed' }, [2]],
    [{ session: 'shop', event: 'progress' }, [1]],
    [{ session: 'shop-api' }, [2, 3]],
    [{ sessions: ['shop', 'shop-api', 'docs'] }, [1, 2, 3]],
    [{ session: 'docs' }, []],
  ])('is told to who asks for %o', async (query, expected) => {
    using store = startStore();
    store.journal.announce([draft('shop'), draft('shop-api', renamed), draft('shop-api')]);
    await endOfTurn();
    const { events } = store.events.page({ limit: 10, ...query });
    expect(events.map(({ seq }) => seq)).toEqual(expected);
  });
});

describe('a page', () => {
  it.each<[EventQuery, number[], number | null]>([
    [{ limit: 3 }, [1, 2, 3], 3],
    [{ limit: 3, after: 3 }, [4, 5, 6], 6],
    [{ limit: 3, after: 7 }, [8, 9, 10], null],
    [{ limit: 3, after: 10 }, [], null],
    [{ limit: 3, session: 'shop-web' }, [2, 4, 6], 6],
    [{ limit: 9, session: 'shop-web', after: 2 }, [4, 6, 8, 10], null],
    [{ limit: 9, event: 'actor_crashed' }, [5, 10], null],
    [{ limit: 9, event: 'actor_crashed', session: 'shop-api' }, [5], null],
    [{ limit: 9, session: 'nobody' }, [], null],
    [{ limit: 3, sessions: ['shop-web'] }, [2, 4, 6], 6],
    [{ limit: 3, sessions: ['nobody', 'shop-web', 'shop-web'] }, [2, 4, 6], 6],
    [{ limit: 3, sessions: ['shop-web', 'shop-api'], after: 3 }, [4, 5, 6], 6],
    [{ limit: 9, sessions: ['shop-api', 'shop-web'], event: 'actor_crashed' }, [5, 10], null],
    [{ limit: 9, sessions: ['nobody'] }, [], null],
    [{ limit: 9, sessions: [] }, [], null],
  ])('for %o has %o, next %s', async (query, expected, next) => {
    using store = startStore();
    await fill(store);
    const page = store.events.page(query);
    expect(page.events.map(({ seq }) => seq)).toEqual(expected);
    expect(page).toMatchObject({ next, count: expected.length, reset: false });
    expect(page.epoch).toBe(store.outbox.epoch);
  });

  it.each([
    { after: undefined, reset: false },
    { after: 0, reset: true },
    { after: 9, reset: true },
    { after: 10, reset: false },
    { after: 11, reset: true },
  ])(
    'after $after asks to begin anew: $reset, once all ten were deleted',
    async ({ after, reset }) => {
      using store = startLater();
      await fill(store);
      store.clock.advance(50);
      expect(
        store.events.page({ limit: 5, ...(after === undefined ? {} : { after }) }),
      ).toMatchObject({
        reset,
        events: [],
      });
    },
  );

  it.each([
    { after: 9, reset: true },
    { after: 10, reset: false },
  ])(
    'after $after asks to begin anew: $reset, where the next kept one is 11',
    async ({ after, reset }) => {
      using store = startLater();
      await fill(store);
      store.clock.advance(50);
      store.journal.announce([draft('shop-api', { timestamp: store.clock.now() })]);
      await endOfTurn();
      const page = store.events.page({ after, limit: 5 });
      expect(page.events.map(({ seq }) => seq)).toEqual([11]);
      expect(page.reset).toBe(reset);
      expect(store.events.oldest()).toBe(11);
    },
  );
});

it('asks to begin anew who counted in another epoch', async () => {
  using store = startStore();
  store.journal.announce([draft('shop-api'), draft('shop-api')]);
  await endOfTurn();
  const resetFor = (epoch: string) => store.events.page({ after: 1, epoch, limit: 5 }).reset;
  expect(resetFor(store.outbox.epoch)).toBe(false);
  expect(resetFor('another')).toBe(true);
  expect(store.events.page({ epoch: 'another', limit: 5 }).reset).toBe(false);
});

it('tells the last changes of state of one session, oldest first', async () => {
  using store = startStore();
  store.journal.record(stepTo('shop-api', 'reading'));
  store.journal.record(stepTo('shop-web', 'reading'));
  store.journal.record(stepTo('shop-api', 'working', 'reading'));
  store.journal.announce([draft('shop-api')]);
  store.journal.record(stepTo('shop-api', 'complete', 'working'));
  await endOfTurn();
  const at = 1_767_225_600_000;
  expect(store.events.transitions('shop-api', 2)).toEqual([
    { seq: 3, at, prevState: 'reading', state: 'working', reason: 'seen', evidence: 'line' },
    { seq: 5, at, prevState: 'working', state: 'complete', reason: 'seen', evidence: 'line' },
  ]);
  expect(store.events.transitions('shop-api', 10)[0]?.prevState).toBeNull();
});
