import { describe, expect, it } from 'vitest';
import { isRight, type Judged, scoreFaults, scoresOf } from '../../accuracy/scoring.ts';

const judged = (
  file: string,
  state: Judged['screen']['state'],
  verdict: Partial<Judged['verdict']>,
): Judged => ({
  screen: { file, kind: 'codex', state },
  verdict: {
    activity: 'complete',
    attention: 'none',
    reason: 'done',
    rule: 'codex.done',
    ...verdict,
  },
});

const right = (count: number): Judged[] =>
  Array.from({ length: count }, (_, at) => judged(`codex/1.0/${at}.txt`, 'complete', {}));

const faults = (...all: Judged[]) => scoresOf(all).flatMap(scoreFaults);

describe('scoresOf', () => {
  it('is content with 95 of 100 screens, and with no less', () => {
    const wrong = Array.from({ length: 5 }, () => judged('codex/1.0/w.txt', 'error', {}));
    expect(faults(...right(95), ...wrong)).toEqual([]);
    expect(faults(...right(94), ...wrong)).toEqual(['codex 1.0: 94 of 99 screens are told right']);
  });

  it('wants every dialog, and none that is none', () => {
    const missed = judged('codex/1.0/d.txt', 'waiting-approval', {});
    const invented = judged('codex/1.0/i.txt', 'complete', { attention: 'approval' });
    expect(faults(...right(50), missed)).toEqual(['codex 1.0: 0 of 1 dialogs are found']);
    expect(faults(...right(50), invented)).toEqual(['codex 1.0: 1 dialogs are told that are none']);
  });

  it('scores each version by itself', () => {
    const [first, second] = scoresOf([...right(2), judged('codex/2.0/e.txt', 'error', {})]);
    expect(first).toMatchObject({ version: '1.0', screens: 2, right: 2 });
    expect(second).toMatchObject({ version: '2.0', screens: 1, right: 0 });
    expect(second?.confusion.get('error')?.get('complete')).toBe(1);
  });

  it('counts what is listed as wrong, apart from what is told otherwise than listed', () => {
    const file = 'codex/0.169.0/49-status-command.txt';
    const as = (activity: 'idle' | 'reading') => judged(file, 'complete', { activity });
    expect(scoresOf([as('idle')])[0]).toMatchObject({
      right: 0,
      listed: 1,
      mislabelled: 1,
      wrong: [],
    });
    expect(scoresOf([as('reading')])[0]).toMatchObject({ right: 0, listed: 0, mislabelled: 0 });
    expect(faults(as('idle'))).toEqual([]);
    expect(faults(as('reading'))).toEqual(['codex 0.169.0: 0 of 1 screens are told right']);
  });

  it('forgives no label that is true, though one look cannot know it', () => {
    const file = 'claude-code/2.1.330/100-idle-with-draft.txt';
    const draft = judged(file, 'complete', { activity: 'idle' });
    expect(scoresOf([draft])[0]).toMatchObject({ right: 0, listed: 1, mislabelled: 0 });
    expect(faults(draft)).toEqual(['claude-code 2.1.330: 0 of 1 screens are told right']);
  });
});

describe('isRight', () => {
  it('takes reading for working, but not working for what only looks', () => {
    const told = (activity: 'reading' | 'working') =>
      ({ activity, attention: 'none', reason: 'thinking' }) as const;
    expect(isRight({ state: 'working' }, told('reading'))).toBe(true);
    expect(isRight({ state: 'stuck' }, told('working'))).toBe(true);
    expect(isRight({ state: 'reading' }, told('working'))).toBe(false);
  });
});
