import { describe, expect, it } from 'vitest';
import { createAlerter } from '../../../dashboard/src/monitor/alerter.ts';
import type { AlertSettings } from '../../../dashboard/src/monitor/alerts.ts';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { eventOf } from '../agents.ts';
import { CONNECTED, startFeed } from '../feed.ts';

/** A page whose alerts are on, and what it has called. */
const alerting = async (settings: Partial<AlertSettings> = {}) => {
  const test = await startFeed();
  const page = {
    ...{ isCaller: true, lookedAt: '', stored: JSON.stringify({ isOn: true, ...settings }) },
    ...{ called: [] as string[], standing: [] as string[] },
  };
  const alerter = createAlerter({
    ...{ feed: test.feed, time: test.clock, stored: page.stored },
    store: (stored) => {
      page.stored = stored;
    },
    isCaller: () => page.isCaller,
    isLookedAt: (session) => session === page.lookedAt,
    call: ({ title }) => {
      page.called.push(title);
      page.standing.push(title);
      return () => page.standing.splice(page.standing.indexOf(title), 1);
    },
  });
  alerter.follow();
  let seq = 10;
  /** Tells of an event, the next one. */
  const happens = (event: MonitorEvent['event'], session = 'shop', more = {}) => {
    seq += 1;
    return test.tell({ type: 'event', ...eventOf({ event, session, seq, ...more }) });
  };
  await test.tell({ ...CONNECTED, seq } as typeof CONNECTED);
  return Object.assign(test, { page, alerter, happens });
};

describe('a page that calls', () => {
  it('calls for the kinds that were chosen, of agents that are not muted', async () => {
    await using test = await alerting({ kinds: ['waiting'], muted: ['web'] });
    await test.happens('agent_waiting');
    await test.happens('agent_stuck', 'billing');
    await test.happens('agent_waiting', 'web');
    expect(test.page.called).toEqual(['shop waits for you']);
  });

  it('calls not for what somebody looks at, nor where another tab does, nor unasked', async () => {
    await using test = await alerting();
    test.page.lookedAt = 'shop';
    await test.happens('agent_waiting');
    test.page.lookedAt = '';
    test.page.isCaller = false;
    await test.happens('agent_waiting');
    test.page.isCaller = true;
    test.alerter.change({ isOn: false });
    await test.happens('agent_waiting');
    expect(test.page.called).toEqual([]);
    test.alerter.change({ isOn: true });
    await test.happens('agent_waiting');
    expect(test.page.called).toHaveLength(1);
  });

  it('calls for what happened while the line was lost, and not for what was before the page', async () => {
    await using test = await alerting();
    await test.happens('agent_waiting', 'old', { seq: 10 });
    expect(test.page.called).toEqual([]);
    await test.lose();
    test.clock.advance(500);
    await test.connections(2);
    await test.tell({ ...CONNECTED, seq: 99 } as typeof CONNECTED);
    await test.happens('agent_waiting');
    expect(test.page.called).toEqual(['shop waits for you']);
    await test.tell({ type: 'reset', epoch: 'f', seq: 500 });
    await test.happens('agent_waiting', 'web');
    expect(test.page.called).toHaveLength(1);
  });

  it('makes one call of a storm, without those that are over by then', async () => {
    await using test = await alerting();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await test.happens('agent_waiting', name);
    expect(test.page.called).toEqual(['a waits for you', 'b waits for you']);
    await test.happens('state_change', 'd');
    test.page.lookedAt = 'e';
    await test.happens('agent_stuck', 'f');
    test.clock.advance(5_000);
    expect(test.page.called.slice(2)).toEqual(['2 agents: 1 waiting, 1 stuck']);
  });

  it('takes a call back once all that it was about is over', async () => {
    await using test = await alerting();
    for (const name of ['a', 'b', 'c', 'd']) await test.happens('agent_waiting', name);
    test.clock.advance(5_000);
    expect(test.page.standing).toHaveLength(3);
    await test.happens('attention_change', 'a');
    await test.happens('state_change', 'c');
    expect(test.page.standing).toEqual(['b waits for you', '2 agents: 2 waiting']);
    await test.happens('session_gone', 'd');
    expect(test.page.standing).toEqual(['b waits for you']);
  });

  it('ends a call before another of the same agent, so that it is heard', async () => {
    await using test = await alerting();
    await test.happens('agent_waiting');
    await test.happens('agent_error');
    expect(test.page.standing).toEqual(['shop has failed']);
  });

  it('keeps an agent muted under its new name, also for the next page', async () => {
    await using test = await alerting({ muted: ['shop'] });
    await test.happens('session_renamed', 'store', { previousSession: 'shop' });
    await test.happens('agent_waiting', 'store');
    expect(test.page.called).toEqual([]);
    expect(JSON.parse(test.page.stored)).toMatchObject({ isOn: true, muted: ['store'] });
  });

  it('does as another tab was told', async () => {
    await using test = await alerting();
    test.alerter.take('{"isOn":true,"muted":["shop"]}');
    await test.happens('agent_waiting');
    expect(test.page.called).toEqual([]);
  });
});
