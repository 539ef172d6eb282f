import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../dashboard/src/monitor/alerts.ts';
import {
  CALM,
  type Outcome,
  released,
  type StormGuard,
  withAlert,
  without,
} from '../../../dashboard/src/monitor/storm-guard.ts';

const alert = (session: string): Alert => ({ kind: 'waiting', session, text: '' });

const NAMES = ['a', 'b', 'c', 'd', 'e'];

/** One after the other, at these times. */
const taking = (guard: StormGuard, at: (index: number) => number): Outcome[] => {
  let last = guard;
  return NAMES.map((name, index) => {
    const outcome = withAlert(last, alert(name), at(index));
    last = outcome.guard;
    return outcome;
  });
};

const told = (outcomes: Outcome[]): string[] =>
  outcomes.flatMap(({ tell }) => tell.map(({ session }) => session));

describe('alerts', () => {
  it('that come one by one are told one by one', () => {
    expect(told(taking(CALM, (index) => index * 3_000))).toEqual(NAMES);
  });

  it('that come at once are held after the first two, and told as one', () => {
    const outcomes = taking(CALM, (index) => 1_000 + index);
    expect(told(outcomes)).toEqual(['a', 'b']);
    const storm = outcomes.at(-1)?.guard ?? CALM;
    expect(storm.dueAt).toBe(6_002);
    expect(released(storm, 6_001)).toEqual({ guard: storm, tell: [] });
    const { guard, tell } = released(storm, 6_002);
    expect(tell.map(({ session }) => session)).toEqual(['c', 'd', 'e']);
    expect(guard).toEqual({ called: [6_002], held: [], dueAt: null });
  });

  it('of a storm that goes on are held too, for no longer than the span', () => {
    const storm = taking(CALM, (index) => index * 100).at(-1)?.guard ?? CALM;
    const { guard, tell } = withAlert(storm, alert('f'), 5_199);
    expect(tell).toEqual([]);
    expect(guard.dueAt).toBe(storm.dueAt);
    expect(released(guard, 5_200).tell).toHaveLength(4);
  });

  it('that are over before they were told are not told', () => {
    const storm = taking(CALM, (index) => index).at(-1)?.guard ?? CALM;
    const rest = ['c', 'd', 'e'].reduce(without, storm);
    expect(released(rest, 10_000)).toEqual({
      ...{ guard: { called: [], held: [], dueAt: null }, tell: [] },
    });
    expect(without(storm, 'nobody')).toBe(storm);
  });
});
