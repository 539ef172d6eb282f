import { describe, expect, test } from 'vitest';
import { beatMs, groupsOf, nextPace, type Pace, PUSHING, pollMs } from '../../../src/tmux/pace.ts';

/** Lets seconds pass in which every pane has as many events as its function says. */
const run = (
  seconds: number,
  panes: Pace[],
  events: (pace: Pace, pane: number) => number,
  elsewhere = 0,
) => {
  let paces = panes;
  for (let second = 0; second < seconds; second++) {
    const counted = paces.map((pace, pane) => ({ pace, events: events(pace, pane) }));
    paces = nextPace(counted, elsewhere);
  }
  return paces;
};

const panes = (count: number): Pace[] => Array.from({ length: count }, () => PUSHING);
const sweptOf = (paces: Pace[]): number => paces.filter(({ swept }) => swept).length;

describe('nextPace', () => {
  test('lets all push while their sum is calm', () => {
    expect(sweptOf(run(60, panes(25), () => 10))).toBe(0);
  });

  test('sweeps the busy panes at once when the sum is high, and only those', () => {
    const [busy, calm] = run(1, panes(100), (_, pane) => (pane % 2 === 0 ? 10 : 4));
    expect(busy).toMatchObject({ swept: true });
    expect(calm).toMatchObject({ swept: false });
  });

  test('sweeps a few busy panes too when the sum is high because of others', () => {
    expect(sweptOf(run(1, panes(3), () => 10))).toBe(0);
    expect(sweptOf(run(1, panes(3), () => 10, 240))).toBe(3);
  });

  test('keeps sweeping while much changes', () => {
    expect(sweptOf(run(60, panes(100), () => 10))).toBe(100);
  });

  test('lets a swept pane push again when it is calm, though the others are not', () => {
    const busy = run(1, panes(100), () => 10);
    const paces = run(1, busy, (_, pane) => (pane === 0 ? 2 : 10));
    expect(paces[0]).toMatchObject({ swept: false });
    expect(sweptOf(paces)).toBe(99);
  });

  test('lets all push again when the sum is calm', () => {
    const busy = run(1, panes(100), () => 10);
    expect(sweptOf(run(1, busy, (_, pane) => (pane < 20 ? 5 : 0)))).toBe(0);
  });

  test('does not switch a pane to and fro that redraws often and changes little', () => {
    const flicker = (pace: Pace) => (pace.swept ? 1 : 28);
    let paces = panes(100);
    let switches = 0;
    for (let second = 0; second < 120; second++) {
      const before = sweptOf(paces);
      paces = run(1, paces, flicker);
      if (sweptOf(paces) !== before) switches += 1;
    }
    // Swept after 1 s, then for 1, 2, 4, 8, 16, 32 and 64 s, with one second of pushing between.
    expect(switches).toBeLessThanOrEqual(14);
    expect(sweptOf(paces)).toBe(100);
  });

  test('forgets the patience when a pane pushed for long', () => {
    const flicker = (pace: Pace) => (pace.swept ? 1 : 28);
    const patient = run(30, panes(100), flicker);
    expect(patient[0]?.patience).toBeGreaterThan(4);
    const calm = run(100, patient, () => 0);
    expect(sweptOf(calm)).toBe(0);
    expect(run(1, calm, () => 10)[0]).toMatchObject({ swept: true, patience: 1 });
  });
});

describe('beatMs', () => {
  test.each([
    { swept: 10, server: 10, expected: 20 },
    { swept: 100, server: 100, expected: 50 },
    { swept: 50, server: 1000, expected: 100 },
    { swept: 200, server: 1000, expected: 250 },
  ])('$swept swept of $server panes: every $expected ms', ({ swept, server, expected }) => {
    expect(beatMs(swept, server)).toBe(expected);
  });
});

describe('groupsOf', () => {
  test.each([
    { panes: 1, expected: 1 },
    { panes: 50, expected: 1 },
    { panes: 100, expected: 3 },
  ])('$panes panes: $expected', ({ panes, expected }) => {
    expect(groupsOf(panes)).toBe(expected);
  });
});

describe('pollMs', () => {
  test.each([
    { panes: 5, lively: true, expected: 20 },
    { panes: 5, lively: false, expected: 100 },
    { panes: 60, lively: true, expected: 60 },
    { panes: 300, lively: false, expected: 300 },
    { panes: 5000, lively: true, expected: 500 },
  ])('$panes panes, lively: $lively: every $expected ms', ({ panes, lively, expected }) => {
    expect(pollMs(panes, lively)).toBe(expected);
  });
});
