import { expect, it } from 'vitest';
import { agentRow, draft, endOfTurn, startStore } from '../../support/store.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

it('deletes events after seven days, the oldest first and at most 500 at a time', {
  timeout: 30_000,
}, async () => {
  using store = startStore();
  const timestamp = store.clock.now() - 7 * DAY_MS;
  store.journal.announce(Array.from({ length: 1200 }, () => draft('shop-api', { timestamp })));
  store.journal.announce([draft('shop-api', { timestamp: timestamp + 120_000 })]);
  await endOfTurn();
  expect(store.events.oldest()).toBe(1);
  const oldest: number[] = [];
  for (let step = 0; step < 4; step += 1) {
    store.clock.advance(50);
    oldest.push(store.events.oldest());
  }
  expect(oldest).toEqual([501, 1001, 1201, 1201]);
  store.clock.advance(180_000);
  expect(store.events.oldest()).toBe(0);
  expect(store.events.last()).toBe(1201);
});

it.each([
  { days: [-8, 5, -8, -8], kept: [2, 3, 4], what: 'keeps those after it' },
  {
    days: [-8, 400, -8, -1],
    kept: [4],
    what: 'does not where it lies further off than all is kept',
  },
])('leaves no holes: an event of the future $what', async ({ days, kept }) => {
  using store = startStore();
  const now = store.clock.now();
  store.journal.announce(days.map((day) => draft('a', { timestamp: now + day * DAY_MS })));
  await endOfTurn();
  store.clock.advance(50);
  expect(store.events.after(0, 10).map(({ seq }) => seq)).toEqual(kept);
});

it('deletes interactions after thirty days', { timeout: 30_000 }, async () => {
  using store = startStore();
  const log = (at: number) =>
    store.interactions.log({
      at,
      session: 'a',
      key: '1/a',
      source: 'zoe',
      caller: 'token',
      action: 'kill',
      detail: '',
      text: '',
    });
  log(store.clock.now() - 30 * DAY_MS);
  log(store.clock.now() - 29 * DAY_MS);
  await endOfTurn();
  store.clock.advance(50);
  expect(store.interactions.recent({ session: 'a', key: '1/a' }, 10).map(({ id }) => id)).toEqual([
    2,
  ]);
});

it('forgets a gone session and its snapshot after an hour', async () => {
  using store = startStore();
  const goneAt = store.clock.now() - HOUR_MS + 90_000;
  const record = (session: string, gone: number | null) =>
    store.journal.record({
      row: agentRow(session, { goneAt: gone }),
      snapshot: { session },
      events: [draft(session)],
    });
  record('gone', goneAt);
  record('here', null);
  await endOfTurn();
  store.clock.advance(61_000);
  expect(store.journal.rows()).toHaveLength(2);
  store.clock.advance(60_000);
  expect(store.journal.rows().map(({ session }) => session)).toEqual(['here']);
  expect(store.journal.snapshot('1/gone')).toBeNull();
  expect(store.journal.snapshot('1/here')).toEqual({ session: 'here' });
});
