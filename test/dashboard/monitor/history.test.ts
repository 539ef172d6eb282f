import { describe, expect, it } from 'vitest';
import { type History, SPAN_MS, withStretch } from '../../../dashboard/src/monitor/history.ts';
import { eventOf } from '../agents.ts';

const NOW = 10 * SPAN_MS;

const historyOf = (...events: Parameters<typeof eventOf>[0][]): History => {
  let history: History = new Map();
  for (const event of events) history = withStretch(history, eventOf(event), NOW);
  return history;
};

describe('the history of an agent', () => {
  it('is a stretch for each state, and none after it is gone', () => {
    const history = historyOf(
      { state: 'working', timestamp: NOW - 3_000 },
      { state: 'complete', timestamp: NOW - 2_000 },
      { event: 'session_gone', timestamp: NOW - 1_000 },
    );
    expect(history.get('shop-api')).toEqual([
      { at: NOW - 3_000, state: 'working' },
      { at: NOW - 2_000, state: 'complete' },
      { at: NOW - 1_000, state: null },
    ]);
  });

  it('keeps of older times only what lasts into the hour', () => {
    const history = historyOf(
      { state: 'working', timestamp: NOW - 3 * SPAN_MS },
      { state: 'stuck', timestamp: NOW - 2 * SPAN_MS },
      { state: 'working', timestamp: NOW - 1_000 },
      { state: 'complete', timestamp: NOW },
    );
    expect(history.get('shop-api')?.map(({ state }) => state)).toEqual([
      ...['stuck', 'working', 'complete'],
    ]);
  });

  it('is not changed by any other event', () => {
    const before = historyOf({ state: 'working', timestamp: NOW });
    expect(withStretch(before, eventOf({ event: 'progress' }), NOW)).toBe(before);
  });
});
