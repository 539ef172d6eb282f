import { expect, it } from 'vitest';
import { createDataFolder, draft, endOfTurn, startStore } from '../../support/store.ts';

it('gives committed events in order, from where the reader stands', async () => {
  using store = startStore();
  store.journal.announce(['a', 'b', 'c', 'd'].map((session) => draft(session)));
  expect(store.outbox.last()).toBe(0);
  await endOfTurn();
  expect(store.outbox.last()).toBe(4);
  expect(store.outbox.after(1, 2).map(({ seq, session }) => [seq, session])).toEqual([
    [2, 'b'],
    [3, 'c'],
  ]);
  expect(store.outbox.after(4, 10)).toEqual([]);
});

it('remembers how far each reader has come, across a restart', () => {
  using folder = createDataFolder();
  {
    using store = startStore({ folder: folder.path });
    expect(store.outbox.cursor('published')).toBe(0);
    store.outbox.moveCursor('published', 5);
    store.outbox.moveCursor('jobs', 3);
    store.outbox.moveCursor('published', 7);
    expect(store.outbox.cursor('published')).toBe(7);
  }
  using store = startStore({ folder: folder.path });
  expect(store.outbox.cursor('published')).toBe(7);
  expect(store.outbox.cursor('jobs')).toBe(3);
});

it('writes a cursor within a second, with no commit of its own where one comes anyway', async () => {
  using store = startStore();
  const others = store.clock.pending();
  store.outbox.moveCursor('published', 1);
  expect(store.clock.pending()).toBe(others + 1);
  store.journal.announce([draft('a')]);
  await endOfTurn();
  expect(store.clock.pending()).toBe(others);
});

it('counts on in a new epoch', async () => {
  using store = startStore();
  const before = store.outbox.epoch;
  store.journal.announce([draft('a')]);
  await endOfTurn();
  store.outbox.renewEpoch();
  store.journal.announce([draft('b')]);
  await endOfTurn();
  const { epoch } = store.outbox;
  expect(epoch).not.toBe(before);
  expect(store.outbox.after(0, 10).map((event) => [event.seq, event.epoch])).toEqual([
    [1, epoch],
    [2, epoch],
  ]);
});
