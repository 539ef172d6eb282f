import { describe, expect, it } from 'vitest';
import type { Interaction } from '../../../machines/vocabulary.ts';
import { createTallies } from '../../../src/store/tallies.ts';
import { endOfTurn, startStore } from '../../support/store.ts';

const HOUR_MS = 60 * 60 * 1000;

const entry = (parts: Partial<Interaction> = {}): Omit<Interaction, 'id'> => ({
  ...{ at: 1, session: 'shop-api', source: 'zoe', caller: 'token' },
  ...{ action: 'command', detail: 'detail', text: 'go on' },
  ...parts,
});

it('keeps who did what to which agent, newest first', async () => {
  using store = startStore();
  for (const [session, action] of [
    ['shop-api', 'command'],
    ['shop-web', 'kill'],
    ['shop-api', 'answer'],
    ['shop-api', 'interrupt'],
  ] as const)
    store.interactions.log(entry({ session, action }));
  await endOfTurn();
  expect(store.interactions.recent('shop-api', 2)).toEqual([
    { id: 4, ...entry({ action: 'interrupt' }) },
    { id: 3, ...entry({ action: 'answer' }) },
  ]);
  expect(store.interactions.recent('nobody', 2)).toEqual([]);
});

it('keeps what was done to no session, and gives all of it by the page', async () => {
  using store = startStore();
  for (const session of ['shop-api', null, 'shop-web', null])
    store.interactions.log(entry({ session }));
  await endOfTurn();
  const idsOf = (found: Interaction[]) => found.map(({ id, session }) => `${id} ${session}`);
  expect(idsOf(store.interactions.recent(null, 9))).toEqual(['4 null', '2 null']);
  expect(idsOf(store.interactions.page({ limit: 3 }))).toEqual(['4 null', '3 shop-web', '2 null']);
  expect(idsOf(store.interactions.page({ before: 2, limit: 3 }))).toEqual(['1 shop-api']);
});

it('keeps the beginning of a long text', async () => {
  using store = startStore();
  store.interactions.log(entry({ text: `${'x'.repeat(499)}😀${'y'.repeat(60_000)}` }));
  await endOfTurn();
  const [{ text } = entry()] = store.interactions.page({ limit: 1 });
  expect(text).toBe(`${'x'.repeat(499)}\uFFFD…`);
});

describe('what comes often', () => {
  const hook = { session: 'shop-api', source: 'socket', caller: 'socket', action: 'hook' };
  const detailsIn = (store: ReturnType<typeof startStore>) =>
    store.interactions.page({ limit: 100 }).map(({ session, detail }) => `${session}: ${detail}`);

  it('is one entry an hour, which counts it', async () => {
    using store = startStore();
    const { clock, interactions } = store;
    const count = (what: string) => interactions.count({ ...hook, at: clock.now() }, what);
    count('PreToolUse');
    await endOfTurn();
    expect(detailsIn(store)).toEqual(['shop-api: PreToolUse 1']);
    for (let calls = 0; calls < 5000; calls += 1) count('PreToolUse');
    count('Stop');
    clock.advance(HOUR_MS - 1);
    await endOfTurn();
    expect(detailsIn(store)).toEqual(['shop-api: PreToolUse 5001, Stop 1']);
    clock.advance(1);
    count('Stop');
    await endOfTurn();
    expect(detailsIn(store)).toEqual(['shop-api: Stop 1', 'shop-api: PreToolUse 5001, Stop 1']);
  });

  it('is one entry for each session, caller and action', async () => {
    using store = startStore();
    const at = store.clock.now();
    for (const session of ['shop-api', null, 'shop-api'])
      store.interactions.count({ ...hook, at, session }, 'Stop');
    store.interactions.count({ ...hook, at, caller: 'token' }, 'Stop');
    store.interactions.count({ ...hook, at, action: 'login-refused' }, '192.0.2.1');
    await endOfTurn();
    expect(detailsIn(store)).toEqual([
      'shop-api: 192.0.2.1 1',
      'shop-api: Stop 1',
      'null: Stop 1',
      'shop-api: Stop 2',
    ]);
  });

  it('is no longer an entry, whatever it is called', async () => {
    using store = startStore();
    const at = store.clock.now();
    for (let name = 0; name < 10_000; name += 1)
      store.interactions.count({ ...hook, at }, `name-${name}`);
    await endOfTurn();
    const [{ detail } = entry()] = store.interactions.page({ limit: 2 });
    expect(detail).toMatch(/^name-0 1, name-1 1, .*, name-19 1, others 9980$/);
  });

  it('is counted anew by the next start', async () => {
    using first = startStore();
    first.interactions.count({ ...hook, at: first.clock.now() }, 'Stop');
    first.close();
    using again = startStore({ folder: first.folder });
    again.interactions.count({ ...hook, at: again.clock.now() }, 'Stop');
    await endOfTurn();
    expect(detailsIn(again)).toEqual(['shop-api: Stop 1', 'shop-api: Stop 1']);
  });

  it('has an entry though the commit that began it failed', () => {
    const tallies = createTallies();
    const rows: string[] = [];
    const write = () =>
      tallies.write({
        insert: (_entry, detail) => rows.push(`insert ${detail}`),
        update: (id, detail) => rows.push(`update ${id} ${detail}`),
      });
    tallies.count({ ...hook, at: 1 }, 'Stop');
    write();
    // It is not said to be on disk: what was written then is not.
    tallies.count({ ...hook, at: 1 }, 'Stop');
    write();
    tallies.written();
    tallies.count({ ...hook, at: 1 }, 'Stop');
    write();
    tallies.written();
    write();
    expect(rows).toEqual(['insert Stop 1', 'insert Stop 2', 'update 2 Stop 3']);
  });
});
