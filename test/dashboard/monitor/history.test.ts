import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createHistory,
  foldHistory,
  SPAN_MS,
  type Stretch,
  withStretch,
} from '../../../dashboard/src/monitor/history.ts';
import { eventOf } from '../agents.ts';
import { CONNECTED, startFeed } from '../feed.ts';
import { createPast } from '../past.ts';

const NOW = 10 * SPAN_MS;
const MINUTE = 60_000;

const changes = (...events: Parameters<typeof eventOf>[0][]): readonly Stretch[] =>
  events
    .map(eventOf)
    .reduce<readonly Stretch[]>((stretches, event) => withStretch(stretches, event, NOW), []);

describe('the history of an agent', () => {
  it('is a stretch for each state, and none once it is gone', () => {
    const history = changes(
      { state: 'working', timestamp: NOW - 3 * MINUTE },
      { state: 'complete', timestamp: NOW - 2 * MINUTE },
      { event: 'session_gone', timestamp: NOW - MINUTE },
    );
    expect(history).toEqual([
      { at: NOW - 3 * MINUTE, state: 'working' },
      { at: NOW - 2 * MINUTE, state: 'complete' },
      { at: NOW - MINUTE, state: null },
    ]);
  });

  it('begins with the state before the first change that is known', () => {
    const change = { state: 'working', prevState: 'complete', timestamp: NOW - MINUTE } as const;
    expect(changes(change).map(({ state }) => state)).toEqual(['complete', 'working']);
  });

  it('keeps of older times only what lasts into the hour', () => {
    const history = changes(
      { state: 'working', timestamp: NOW - 3 * SPAN_MS },
      { state: 'stuck', timestamp: NOW - 2 * SPAN_MS },
      { state: 'working', timestamp: NOW - MINUTE },
      { state: 'complete', timestamp: NOW },
    );
    expect(history.map(({ state }) => state)).toEqual(['stuck', 'working', 'complete']);
  });

  it('stays short however often the state changes', () => {
    const flapping = Array.from({ length: 1_000 }, (_, index) => ({
      state: index % 2 === 0 ? 'reading' : 'working',
      timestamp: NOW - MINUTE + index * 10,
    }));
    expect(changes(...flapping)).toEqual([{ at: NOW - MINUTE, state: 'working' }]);
  });
});

it('what was read and heard is told apart by session, in order, each event once', () => {
  const first = eventOf({ seq: 1, state: 'working', timestamp: MINUTE });
  const second = eventOf({ seq: 2, state: 'complete', timestamp: 2 * MINUTE });
  const other = eventOf({ seq: 3, session: 'shop-web', state: 'stuck', timestamp: 3 * MINUTE });
  const unrelated = eventOf({ seq: 4, event: 'progress' });
  expect([...foldHistory([second, first, unrelated, second, other])]).toEqual([
    [
      'shop-api',
      [
        { at: MINUTE, state: 'working' },
        { at: 2 * MINUTE, state: 'complete' },
      ],
    ],
    ['shop-web', [{ at: 3 * MINUTE, state: 'stuck' }]],
  ]);
});

describe('what the strips are drawn of', () => {
  beforeAll(
    () => void vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw)),
  );

  const following = async () => {
    const test = await startFeed();
    const past = createPast();
    const history = createHistory({
      ...{ feed: test.feed, readPast: past.readPast, time: test.clock },
    });
    history.follow();
    /** A change of state so many minutes ago. */
    const change = (seq: number, minutes: number, more: Parameters<typeof eventOf>[0]) =>
      eventOf({ seq, timestamp: test.clock.now() - minutes * MINUTE, ...more });
    const states = (session: string) => history.of(session).value.map(({ state }) => state);
    return Object.assign(test, { past, history, change, states });
  };
  const snapshot = { type: 'snapshot', epoch: 'e', seq: 1, agents: [] } as const;

  it('has what happened while the past was read', async () => {
    await using test = await following();
    const { past, change, states } = test;
    past.events = [change(1, 30, { state: 'working' })];
    past.isHeld = true;
    await test.tell(CONNECTED, snapshot);
    await test.tell({ type: 'event', ...change(2, 10, { state: 'stuck' }) });
    past.release();
    await expect.poll(() => states('shop-api')).toEqual(['working', 'stuck']);
  });

  it('goes along with a session to its new name, read or heard', async () => {
    await using test = await following();
    const { past, history, change, states } = test;
    const to = (session: string, previousSession: string) =>
      ({ event: 'session_renamed', session, previousSession }) as const;
    past.events = [
      change(1, 30, { session: 'a', state: 'working' }),
      change(2, 20, to('b', 'a')),
      change(3, 10, { session: 'b', state: 'stuck' }),
    ];
    await test.tell(CONNECTED, snapshot);
    await expect.poll(() => states('b')).toEqual(['working', 'stuck']);
    expect(states('a')).toEqual([]);
    const kept = history.of('b');
    await test.tell({ type: 'event', ...change(4, 1, to('c', 'b')) });
    // A page may stay open for weeks.
    expect(history.of('b')).not.toBe(kept);
    // It is drawn once a second.
    const both = () => [states('b'), states('c')];
    await expect.poll(both, { timeout: 4_000 }).toEqual([[], ['working', 'stuck']]);
  });
});
