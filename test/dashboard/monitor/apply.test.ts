import { describe, expect, it } from 'vitest';
import {
  type Agents,
  fromSnapshot,
  hasSameOptions,
  mayChange,
  withDialog,
  withEvent,
  withList,
} from '../../../dashboard/src/monitor/apply.ts';
import { type Agent, type DialogOption, NO_INDICATORS } from '../../../machines/vocabulary.ts';
import { AGENT, DIALOG, eventOf } from '../agents.ts';

const agents = (...list: Partial<Agent>[]): Agents =>
  fromSnapshot(list.map((changes) => ({ ...AGENT, ...changes })));

const COMPLETE = eventOf({
  ...{ state: 'complete', prevState: 'working', reason: 'ready', evidence: '❯' },
  ...{ attention: 'none', progress: 100, indicators: { ...NO_INDICATORS, toolCalls: 3 } },
});

describe('an event', () => {
  it('of a new state changes the agent, from its own time on', () => {
    const after = withEvent(agents({}, { session: 'shop-web' }), COMPLETE);
    expect(after.get('shop-api')).toMatchObject({
      ...{ state: 'complete', since: 5_000, reason: 'ready', progress: 100 },
      indicators: { toolCalls: 3 },
    });
    expect(after.get('shop-web')).toMatchObject({ state: 'working' });
  });

  it('of a dialog shows it, and its end takes it away', () => {
    const open = eventOf({ event: 'attention_change', attention: 'approval', dialog: DIALOG });
    const waiting = withEvent(agents({}), open);
    expect(waiting.get('shop-api')).toMatchObject({ attention: 'approval', dialog: DIALOG });
    const closed = eventOf({ event: 'attention_change', attention: 'none', dialog: null });
    expect(withEvent(waiting, closed).get('shop-api')).toMatchObject({
      ...{ attention: 'none', dialog: null },
    });
  });

  it('of a session that is gone leaves it as gone, waiting for nobody', () => {
    const waiting = withDialog(agents({ attention: 'approval' }), 'shop-api', DIALOG);
    expect(withEvent(waiting, eventOf({ event: 'session_gone' })).get('shop-api')).toMatchObject({
      ...{ connection: 'gone', attention: 'none', dialog: null },
    });
  });

  it('of a new name moves the agent there', () => {
    const renamed = eventOf({
      event: 'session_renamed',
      session: 'api',
      previousSession: 'shop-api',
    });
    const after = withEvent(agents({}), renamed);
    expect([...after.keys()]).toEqual(['api']);
    expect(after.get('api')?.session).toBe('api');
  });

  it.each([
    { what: 'of nobody who is known', told: eventOf({ session: 'nobody' }) },
    { what: 'that changes nothing shown', told: eventOf({ event: 'command_queued' }) },
    { what: 'of a rename of nobody', told: eventOf({ event: 'session_renamed', session: 'x' }) },
  ])('$what changes nothing', ({ told }) => {
    const before = agents({});
    expect(withEvent(before, told)).toBe(before);
  });

  it('whose fields the disk has garbled leaves what was known', () => {
    const after = withEvent(agents({}), eventOf({ damaged: true }));
    expect(after.get('shop-api')).toMatchObject({ state: 'working', reason: 'tool' });
  });
});

describe('a list', () => {
  it('never takes back what an event has told since it was asked for', () => {
    const before = withEvent(agents({}), COMPLETE);
    const after = withList(before, [{ ...AGENT, queued: 2, title: 'Other' }]);
    expect(after.get('shop-api')).toMatchObject({
      ...{ state: 'complete', since: 5_000, reason: 'ready', evidence: '❯' },
      ...{ queued: 2, title: 'Other' },
    });
  });

  it('brings a new reason for the same state', () => {
    const after = withList(agents({}), [{ ...AGENT, reason: 'thinking', evidence: '✻ Baking…' }]);
    expect(after.get('shop-api')).toMatchObject({ reason: 'thinking', evidence: '✻ Baking…' });
  });

  it('says who is there', () => {
    const after = withList(agents({}, { session: 'old' }), [AGENT, { ...AGENT, session: 'new' }]);
    expect([...after.keys()]).toEqual(['shop-api', 'new']);
  });

  it('that says nothing new leaves each agent the same object, so that nothing is drawn', () => {
    const before = agents({});
    expect(withList(before, [{ ...AGENT }]).get('shop-api')).toBe(before.get('shop-api'));
  });
});

it('a dialog that was asked for is not shown of an agent that waits no more', () => {
  const before = agents({});
  expect(withDialog(before, 'shop-api', DIALOG)).toBe(before);
});

it('a dialog that was asked for does not replace one that an event has told of since', () => {
  const newer = { ...DIALOG, id: 'd2' };
  const before = withDialog(agents({ attention: 'approval' }), 'shop-api', newer);
  expect(withDialog(before, 'shop-api', DIALOG)).toBe(before);
});

describe('a dialog that was asked for', () => {
  const BOX: DialogOption = { id: '1', label: 'Logs', key: '1', preselected: true, ticked: false };
  const SHOWN = { ...DIALOG, options: [BOX] };
  const TICKED = { ...SHOWN, options: [{ ...BOX, ticked: true }] };
  const waiting = withDialog(agents({ attention: 'question' }), 'shop-api', SHOWN);

  it('shows what was ticked since', () => {
    expect(withDialog(waiting, 'shop-api', TICKED).get('shop-api')?.dialog).toEqual(TICKED);
    expect(withDialog(waiting, 'shop-api', { ...SHOWN })).toBe(waiting);
  });

  it('takes the place of no other one, nor of the same that is asked again', () => {
    for (const other of [
      { ...TICKED, id: 'd0' },
      { ...TICKED, since: 1_000 },
    ])
      expect(withDialog(waiting, 'shop-api', other)).toBe(waiting);
  });

  it('has the same options wherever the cursor stands, and others once they are ticked', () => {
    const moved = { ...SHOWN, options: [{ ...BOX, preselected: false }] };
    expect(hasSameOptions(SHOWN, moved)).toBe(true);
    expect(hasSameOptions(SHOWN, TICKED)).toBe(false);
  });

  it.each([
    ['boxes', SHOWN, true],
    ['a text of one’s own', { ...DIALOG, options: [{ ...BOX, takesText: true }] }, true],
    ['buttons alone', DIALOG, false],
  ])('with %s may change without an event: %s', (_, dialog, expected) => {
    expect(mayChange(dialog)).toBe(expected);
  });
});
