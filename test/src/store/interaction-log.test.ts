import { describe, expect, it } from 'vitest';
import type { InteractionEntry } from '../../../actors/ports.ts';
import type { Interaction } from '../../../machines/vocabulary.ts';
import { createTallies } from '../../../src/store/tallies.ts';
import { endOfTurn, startStore } from '../../support/store.ts';

const HOUR_MS = 60 * 60 * 1000;

const API = { session: 'shop-api', key: '1/$1' };
const WEB = { session: 'shop-web', key: '1/$2' };
const NONE = { session: null, key: null };

const entry = (parts: Partial<InteractionEntry> = {}): InteractionEntry => ({
  ...{ at: 1, ...API, source: 'zoe', caller: 'token' },
  ...{ action: 'command', detail: 'detail', text: 'go on' },
  ...parts,
});

const hookBy = (of: { session: string; key: string }) => ({
  ...{ ...of, source: 'socket', caller: 'socket', action: 'hook' },
});

it('keeps who did what to which agent, newest first', async () => {
  using store = startStore();
  for (const [of, action] of [
    [API, 'command'],
    [WEB, 'kill'],
    [API, 'answer'],
    [API, 'interrupt'],
  ] as const)
    store.interactions.log(entry({ ...of, action }));
  await endOfTurn();
  const found = store.interactions.recent(API, 2);
  expect(found.map(({ id, action }) => [id, action])).toEqual([
    [4, 'interrupt'],
    [3, 'answer'],
  ]);
  const { key: _key, ...shown } = entry({ action: 'answer' });
  expect(found[1]).toEqual({ id: 3, ...shown });
  expect(store.interactions.recent({ session: 'nobody', key: '1/$9' }, 2)).toEqual([]);
});

it('finds what was done to a session under its old name, and not what to another of that name', async () => {
  using store = startStore();
  const { log, count, recent } = store.interactions;
  const renamed = { session: 'shop-front', key: API.key };
  const namesake = { session: API.session, key: '1/$7' };
  log(entry({ ...API, action: 'command' }));
  count({ ...hookBy(API), at: 1 }, 'Stop');
  log(entry({ ...renamed, action: 'answer' }));
  log(entry({ ...namesake, action: 'kill' }));
  count({ ...hookBy(namesake), at: 1 }, 'Stop');
  await endOfTurn();
  const foundOf = (of: typeof renamed, limit: number) =>
    recent(of, limit).map(({ session, action, detail }) => `${session}: ${action} ${detail}`);
  const last = ['shop-api: hook Stop 1', 'shop-front: answer detail', 'shop-api: command detail'];
  expect(foundOf(renamed, 9)).toEqual(last);
  expect(foundOf(renamed, 2)).toEqual(last.slice(0, 2));
  expect(foundOf(namesake, 9)).toContain('shop-api: kill detail');
});

it('finds what an earlier version wrote by its name', async () => {
  using store = startStore();
  for (const session of ['shop-api', null]) store.interactions.log(entry({ session, key: null }));
  await endOfTurn();
  expect(store.interactions.recent(API, 9)).toHaveLength(1);
  expect(store.interactions.recent(null, 9)).toHaveLength(1);
});

it('keeps what was done to no session, and gives all of it by the page', async () => {
  using store = startStore();
  for (const of of [API, NONE, WEB, NONE]) store.interactions.log(entry(of));
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
  const hook = hookBy(API);
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
    for (const of of [API, NONE, API]) store.interactions.count({ ...hook, ...of, at }, 'Stop');
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
