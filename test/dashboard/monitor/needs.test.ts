import { describe, expect, it } from 'vitest';
import { fromSnapshot, type Shown } from '../../../dashboard/src/monitor/apply.ts';
import { byNeed, lookOf, needsPerson, waitsSince } from '../../../dashboard/src/monitor/needs.ts';
import { AGENT, DIALOG } from '../agents.ts';

const shown = (changes: Partial<Shown>): Shown => ({
  ...(fromSnapshot([AGENT]).get(AGENT.session) as Shown),
  ...changes,
});

describe('an agent is shown as', () => {
  it.each([
    { agent: { state: 'working' }, look: 'working', needs: false },
    { agent: { state: 'working', attention: 'approval' }, look: 'waiting', needs: true },
    { agent: { state: 'stuck', attention: 'question' }, look: 'waiting', needs: true },
    { agent: { state: 'complete', attention: 'other-dialog' }, look: 'complete', needs: false },
    { agent: { state: 'stuck' }, look: 'stuck', needs: true },
    { agent: { state: 'error' }, look: 'error', needs: true },
    { agent: { state: 'error', connection: 'gone' }, look: 'gone', needs: false },
  ] as const)('$look where it is $agent', ({ agent, look, needs }) => {
    expect(lookOf(shown(agent))).toBe(look);
    expect(needsPerson(shown(agent))).toBe(needs);
  });
});

it('those who wait come first, the longest wait before the others', () => {
  const list = [
    shown({ session: 'complete', state: 'complete' }),
    shown({ session: 'late', attention: 'approval', dialog: { ...DIALOG, since: 9_000 } }),
    shown({ session: 'working-10' }),
    shown({ session: 'working-9' }),
    shown({ session: 'gone', connection: 'gone' }),
    shown({ session: 'stuck', state: 'stuck' }),
    shown({ session: 'early', attention: 'approval', dialog: { ...DIALOG, since: 1_000 } }),
    shown({ session: 'error', state: 'error' }),
  ];
  expect(list.sort(byNeed).map(({ session }) => session)).toEqual([
    ...['early', 'late', 'error', 'stuck', 'working-9', 'working-10', 'complete', 'gone'],
  ]);
});

it('an agent waits since its dialog came, else since its state began', () => {
  const waiting = shown({
    attention: 'approval',
    since: 1_000,
    dialog: { ...DIALOG, since: 7_000 },
  });
  expect(waitsSince(waiting)).toBe(7_000);
  expect(waitsSince({ ...waiting, dialog: null })).toBe(1_000);
  expect(waitsSince(shown({ since: null }))).toBe(0);
});
