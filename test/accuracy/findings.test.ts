import { describe, expect, it } from 'vitest';
import { findingsOf, runFaults } from '../../accuracy/findings.ts';
import type { RecordedRun } from '../../accuracy/recordings.ts';
import type { Truth } from '../../accuracy/timeline.ts';
import type { Step, Watched } from '../../accuracy/watcher.ts';
import { type Indicators, NO_INDICATORS } from '../../machines/vocabulary.ts';

const RUN: RecordedRun = {
  name: 'claude-9.9.9-invented',
  kind: 'claude-code',
  version: '9.9.9',
  width: 120,
  height: 40,
  chunks: [],
  timeline: [],
};

/** A turn from 3 to 20 that asks for an approval from 10 to 15. */
const TRUTH: Truth = {
  until: 30,
  entered: [2.5, 15],
  requested: [3, 8, 16],
  turns: [{ from: 3, to: 20, ended: true }],
  asks: [{ from: 10, to: 15, what: 'approval', knownAt: 12 }],
  mayAsk: [
    { from: 0, to: 2 },
    { from: 10, to: 15.2 },
  ],
  checkpoints: [
    { t: 5, state: 'working', file: 'x/05.txt' },
    { t: 12, state: 'waiting-approval', file: 'x/12.txt' },
    { t: 25, state: 'complete', file: 'x/25.txt' },
  ],
  calls: { read: 2, write: 1, command: 0 },
};

const step = (t: number, state: Step['state'], more: Partial<Step> = {}): Step => ({
  ...{ t, state, attention: 'none', interrupted: false, reason: '', rule: '' },
  ...more,
});

const TOLD: Step[] = [
  step(0, null),
  step(1, 'complete'),
  step(3.1, 'reading'),
  step(10.2, 'reading', { attention: 'approval' }),
  step(15.4, 'working'),
  step(20.5, 'complete'),
];

const COUNTED: Indicators = { ...NO_INDICATORS, filesRead: 2, filesEdited: 1, toolCalls: 3 };

const findings = (steps: Step[] = TOLD, indicators = COUNTED, truth = TRUTH) => {
  const watched: Watched = { steps, indicators, looks: 1, until: 30 };
  return findingsOf(RUN, truth, watched);
};

const without = (at: number): Step[] => TOLD.filter((_, index) => index !== at);
const faults = (...args: Parameters<typeof findings>) => runFaults(RUN, findings(...args));

describe('findingsOf', () => {
  it('finds nothing wrong where all is told, and says how soon', () => {
    expect(faults()).toEqual([]);
    expect(findings()).toMatchObject({
      latency: { begun: [100], ended: [500], asked: [200] },
      overlooked: [],
    });
  });

  it('finds a state that flaps', () => {
    const flap = [step(7, 'complete'), step(7.2, 'reading')];
    expect(faults([...TOLD.slice(0, 3), ...flap, ...TOLD.slice(3)])).toContain(
      'claude-9.9.9-invented at 7.00 s: flap: complete for 200 ms',
    );
    const long = [step(7, 'stuck'), step(7.4, 'reading')];
    expect(findings([...TOLD.slice(0, 3), ...long, ...TOLD.slice(3)]).flaps).toEqual([]);
  });

  it('finds a turn told as ended, or as failed, that goes on', () => {
    const told = (state: 'complete' | 'error') => [
      ...TOLD.slice(0, 3),
      step(6, state),
      step(9, 'reading'),
      ...TOLD.slice(3),
    ];
    expect(findings(told('complete')).premature).toEqual([{ t: 6, what: 'complete' }]);
    expect(findings(told('error')).premature).toEqual([{ t: 6, what: 'error' }]);
    const givenUp = { ...TRUTH, requested: [3], turns: [{ from: 3, to: 30, ended: false }] };
    expect(findings(told('error'), COUNTED, givenUp).premature).toEqual([]);
  });

  it('finds an attention that flaps', () => {
    const menu = [step(7, 'reading', { attention: 'other-dialog' }), step(7.1, 'reading')];
    expect(findings([...TOLD.slice(0, 3), ...menu, ...TOLD.slice(3)]).flaps).toHaveLength(1);
  });

  it('calls a state that was short in truth no flap', () => {
    const short = [step(20.5, 'complete'), step(20.7, 'reading'), step(23, 'complete')];
    const truth = {
      ...TRUTH,
      entered: [...TRUTH.entered, 20.6],
      turns: [...TRUTH.turns, { from: 20.65, to: 22, ended: true }],
    };
    expect(findings([...TOLD.slice(0, 5), ...short], COUNTED, truth).flaps).toEqual([]);
    expect(findings([...TOLD.slice(0, 5), ...short]).flaps).toHaveLength(1);
  });

  it('finds a dialog that is not told, and one told too late', () => {
    expect(findings(without(3)).dialogs.missed).toEqual([{ t: 12, what: 'no approval is told' }]);
    expect(findings(without(3)).overlooked).toEqual([{ t: 10, what: 'asked' }]);
    const late = TOLD.map((each) => (each.t === 10.2 ? { ...each, t: 15.1 } : each));
    expect(findings(late).dialogs.missed).toHaveLength(1);
  });

  it('finds a dialog told as another', () => {
    const asQuestion = TOLD.map((each) =>
      each.t === 10.2 ? step(10.2, 'reading', { attention: 'question' }) : each,
    );
    expect(findings(asQuestion).dialogs.missed).toHaveLength(1);
  });

  it('finds a dialog where none can be, and one told long after its answer', () => {
    const invented = [...TOLD.slice(0, 3), step(5, 'reading', { attention: 'approval' })];
    expect(findings([...invented, ...TOLD.slice(3)]).dialogs.invented).toHaveLength(1);
    const stale = TOLD.map((each) => (each.t === 15.4 ? { ...each, t: 18 } : each));
    expect(findings(stale).dialogs.invented).toHaveLength(1);
  });

  it('finds a moment at which something else is told', () => {
    expect(findings(without(2)).checkpoints.wrong).toEqual([
      { t: 5, what: 'working, but told as complete, none' },
    ]);
    expect(findings(without(5)).checkpoints.wrong).toHaveLength(1);
  });

  it('finds an end that is never told', () => {
    expect(findings(without(5)).overlooked).toEqual([{ t: 20, what: 'ended' }]);
  });

  it('finds a wrong count', () => {
    expect(faults(TOLD, { ...COUNTED, filesRead: 3 })).toEqual([
      'claude-9.9.9-invented: 3 read are counted, not 2',
    ]);
  });
});
