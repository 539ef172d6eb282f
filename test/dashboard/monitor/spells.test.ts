import { describe, expect, it } from 'vitest';
import {
  barsOf,
  DAY_MS,
  knownPart,
  moved,
  spanOf,
  spellsOf,
  ticksOf,
  timesIn,
  WHOLE_DAY,
  zoomed,
} from '../../../dashboard/src/monitor/spells.ts';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { eventOf } from '../agents.ts';

let seq = 0;
const happened = (timestamp: number, fields: Partial<MonitorEvent>): MonitorEvent => {
  seq += 1;
  return eventOf({ timestamp, seq, ...fields });
};
const changed = (at: number, prevState: string | null, state: string): MonitorEvent =>
  happened(at, { prevState, state, reason: 'tool', evidence: '● Bash(npm test)' });

const toldOf = (events: MonitorEvent[]) =>
  spellsOf(events, { since: 0, now: 'complete' }).map(({ from, to, state }) => [from, to, state]);

const LASTS = Number.POSITIVE_INFINITY;

describe('spellsOf', () => {
  it('begins with the state before the first change', () => {
    expect(toldOf([changed(10, 'reading', 'working'), changed(30, 'working', 'complete')])).toEqual(
      [
        [0, 10, 'reading'],
        [10, 30, 'working'],
        [30, LASTS, 'complete'],
      ],
    );
  });

  it('knows nothing before an agent was seen for the first time', () => {
    expect(toldOf([changed(10, null, 'reading')])).toEqual([
      [0, 10, null],
      [10, LASTS, 'reading'],
    ]);
  });

  it('has been in its state all the time where nothing has happened', () => {
    expect(toldOf([])).toEqual([[0, LASTS, 'complete']]);
  });

  it('ends with the session, once', () => {
    const gone = [
      happened(20, { event: 'session_killed' }),
      happened(21, { event: 'session_gone' }),
    ];
    expect(toldOf([changed(10, 'reading', 'working'), ...gone])).toEqual([
      [0, 10, 'reading'],
      [10, 20, 'working'],
      [20, LASTS, null],
    ]);
  });

  it('leaves out the time in which the monitor did not run, and goes on in the state from before', () => {
    const away = [
      happened(20, { event: 'monitor_stopped', session: '' }),
      happened(25, { event: 'monitor_started', session: '' }),
    ];
    expect(toldOf([changed(10, 'reading', 'working'), ...away])).toEqual([
      [0, 10, 'reading'],
      [10, 20, 'working'],
      [20, 25, null],
      [25, LASTS, 'working'],
    ]);
  });

  it('does not wake a session that had gone before the monitor stopped', () => {
    const events = [
      changed(10, 'reading', 'working'),
      happened(20, { event: 'session_gone' }),
      happened(30, { event: 'monitor_stopped', session: '' }),
      happened(40, { event: 'monitor_started', session: '' }),
    ];
    expect(toldOf(events).at(-1)).toEqual([20, LASTS, null]);
  });

  it('says why each began', () => {
    const [, working] = spellsOf([changed(10, 'reading', 'working')], { since: 0, now: null });
    expect(working).toMatchObject({ reason: 'tool', evidence: '● Bash(npm test)' });
  });
});

describe('a view', () => {
  const now = 10 * DAY_MS;

  it('zooms about a place, which stays where it is', () => {
    const view = zoomed(WHOLE_DAY, { factor: 0.5, at: 0.25, now });
    const { from, to } = spanOf(view, now);
    expect(to - from).toBe(DAY_MS / 2);
    expect(from + (to - from) * 0.25).toBe(now - DAY_MS * 0.75);
  });

  it('ends now as long as its right edge is zoomed about', () => {
    expect(zoomed(WHOLE_DAY, { factor: 0.5, at: 1, now })).toEqual({
      lengthMs: DAY_MS / 2,
      to: null,
    });
  });

  it('is never longer than a day, nor shorter than a minute', () => {
    expect(zoomed(WHOLE_DAY, { factor: 8, at: 0.5, now })).toEqual(WHOLE_DAY);
    expect(zoomed(WHOLE_DAY, { factor: 1e-9, at: 1, now }).lengthMs).toBe(60_000);
  });

  it('stays within the last day when it is moved', () => {
    const hour = { lengthMs: 3_600_000, to: null };
    expect(spanOf(moved(hour, { by: -1, now }), now).to).toBe(now - 3_600_000);
    expect(spanOf(moved(hour, { by: -100, now }), now).from).toBe(now - DAY_MS);
    expect(moved(moved(hour, { by: -2, now }), { by: 5, now })).toEqual(hour);
  });

  it('begins with what is known, though not less than an hour', () => {
    const spells = spellsOf([changed(now - 60_000, null, 'working')], {
      since: now - DAY_MS,
      now: null,
    });
    expect(knownPart(spells, now)).toEqual({ lengthMs: 3_600_000, to: null });
    expect(knownPart([], now)).toEqual(WHOLE_DAY);
  });
});

describe('barsOf', () => {
  const spells = spellsOf([changed(10, 'reading', 'working'), changed(50, 'working', 'complete')], {
    since: 0,
    now: null,
  });

  it('cuts spells to what is looked at', () => {
    expect(barsOf(spells, { from: 20, to: 60, narrowest: 0.001 })).toMatchObject([
      { state: 'working', x: 0, width: 0.75 },
      { state: 'complete', x: 0.75, width: 0.25 },
    ]);
  });

  it('shows what is too short to be seen, and no more bars than there is room for', () => {
    const many = Array.from({ length: 5_000 }, (_, index) =>
      changed(index, 'reading', index % 2 === 0 ? 'working' : 'reading'),
    );
    const bars = barsOf(spellsOf(many, { since: 0, now: null }), {
      ...{ from: 0, to: 1_000_000, narrowest: 0.001 },
    });
    expect(bars.length).toBeLessThan(20);
    expect(bars.find(({ state }) => state === 'working')?.width).toBeGreaterThanOrEqual(0.001);
  });
});

it('timesIn adds up each state within the time that is looked at', () => {
  const spells = spellsOf([changed(10, 'reading', 'working'), changed(30, 'working', 'reading')], {
    since: 0,
    now: null,
  });
  expect([...timesIn(spells, { from: 5, to: 100 })]).toEqual([
    ['reading', 75],
    ['working', 20],
  ]);
});

describe('ticksOf', () => {
  const hour = 3_600_000;

  it('are round in local time', () => {
    const ticks = ticksOf({ from: 0, to: DAY_MS }, { most: 8, offsetMs: 2 * hour });
    expect(ticks.map((at) => (at + 2 * hour) / hour)).toEqual([3, 6, 9, 12, 15, 18, 21, 24]);
  });

  it.each([60_000, 600_000, hour, 5 * hour, DAY_MS])('are few in %d ms', (length) => {
    const ticks = ticksOf({ from: 1_234_567, to: 1_234_567 + length }, { most: 8, offsetMs: 0 });
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThanOrEqual(9);
  });
});
