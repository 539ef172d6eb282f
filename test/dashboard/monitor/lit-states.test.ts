import { expect, it } from 'vitest';
import { leavesOf, litStates, takenArrow } from '../../../dashboard/src/monitor/lit-states.ts';
import { sessionMachine } from '../../../machines/session.ts';

const VALUE = { activity: 'working', attention: 'none', connection: 'attached' };

it('lit are the machine, its regions, and the state of each', () => {
  expect(litStates('session', VALUE)).toEqual([
    ...['session', 'session.activity', 'session.activity.working'],
    ...['session.attention', 'session.attention.none'],
    ...['session.connection', 'session.connection.attached'],
  ]);
  expect(litStates('command', 'pasting')).toEqual(['command', 'command.pasting']);
});

it('lit are states that the machine has, by their ids', () => {
  for (const id of litStates('session', VALUE))
    expect(sessionMachine.getStateNodeById(id).id).toBe(id);
});

it('in words each region has its state', () => {
  expect(leavesOf(VALUE)).toContainEqual({ region: 'attention', state: 'none' });
  expect(leavesOf({ outer: { inner: 'deep' } })).toEqual([
    { region: 'outer.inner', state: 'deep' },
  ]);
});

it('the arrow taken is from the state before, where there was one', () => {
  expect(takenArrow('reading', 'working')).toBe(
    'session.activity.reading->session.activity.working',
  );
  expect(takenArrow(null, 'working')).toBeNull();
});
