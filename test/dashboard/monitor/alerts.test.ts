import { describe, expect, it } from 'vitest';
import {
  type Alert,
  type AlertSettings,
  alertOf,
  callFor,
  endsAlert,
  isWelcome,
  parseSettings,
  withRenamed,
} from '../../../dashboard/src/monitor/alerts.ts';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { DIALOG, eventOf } from '../agents.ts';

const UNSET = parseSettings(null);
const ON: AlertSettings = { ...UNSET, isOn: true };

const alert = (fields: Partial<Alert>): Alert => ({
  ...{ kind: 'waiting', session: 'shop-api', text: 'approval · Proceed?' },
  ...fields,
});

describe('an alert', () => {
  it('is what a dialog, a failure, a silence or an end calls for', () => {
    const waiting = eventOf({ event: 'agent_waiting', attention: 'approval', dialog: DIALOG });
    expect(alertOf(waiting)).toEqual(alert({}));
    expect(alertOf(eventOf({ event: 'agent_error', reason: 'api-error' }))?.kind).toBe('error');
    expect(alertOf(eventOf({ event: 'agent_stuck', idleTime: 300 }))?.kind).toBe('stuck');
    expect(alertOf(eventOf({ event: 'agent_complete', duration: 5 }))?.kind).toBe('complete');
  });

  it.each<Partial<MonitorEvent>>([
    { state: 'stuck' },
    { event: 'attention_change', attention: 'approval' },
    { event: 'agent_waiting', attention: 'other-dialog', dialog: DIALOG },
    { event: 'actor_crashed' },
  ])('is not %j', (fields) => {
    expect(alertOf(eventOf(fields))).toBeNull();
  });

  it('is over as soon as the agent does something else', () => {
    expect(endsAlert(eventOf({ state: 'working' }))).toBe(true);
    expect(endsAlert(eventOf({ event: 'attention_change', attention: 'none' }))).toBe(true);
    expect(endsAlert(eventOf({ event: 'progress' }))).toBe(false);
    expect(endsAlert(eventOf({ event: 'agent_waiting' }))).toBe(false);
  });
});

describe('the settings', () => {
  it('want nothing at first', () => {
    expect(isWelcome(UNSET, alert({}))).toBe(false);
  });

  it('want what was chosen, of whom is not muted', () => {
    expect(isWelcome(ON, alert({}))).toBe(true);
    expect(isWelcome(ON, alert({ kind: 'complete' }))).toBe(false);
    expect(isWelcome({ ...ON, kinds: ['complete'] }, alert({ kind: 'complete' }))).toBe(true);
    expect(isWelcome({ ...ON, muted: ['shop-api'] }, alert({}))).toBe(false);
  });

  it('are read back as they were stored', () => {
    const chosen: AlertSettings = {
      ...{ isOn: true, hasSound: false, kinds: ['complete'], muted: ['shop-web'] },
    };
    expect(parseSettings(JSON.stringify(chosen))).toEqual(chosen);
  });

  it.each([
    'null',
    '[1]',
    '{{',
    '"on"',
    '{"isOn":"yes","hasSound":1,"kinds":"stuck","muted":{"a":1}}',
  ])('are as at first where %s was stored', (stored) => {
    expect(parseSettings(stored)).toEqual(UNSET);
  });

  it('keep only what is known of a list', () => {
    const stored = '{"kinds":["error","dance"],"muted":["shop-web",7]}';
    expect(parseSettings(stored)).toMatchObject({ kinds: ['error'], muted: ['shop-web'] });
  });

  it('mute an agent under its new name', () => {
    const renamed = eventOf({
      ...{ event: 'session_renamed', session: 'api', previousSession: 'shop-api' },
    });
    const muted = { ...ON, muted: ['shop-web', 'shop-api'] };
    expect(withRenamed(muted, renamed).muted).toEqual(['shop-web', 'api']);
    expect(withRenamed(ON, renamed)).toBe(ON);
  });
});

describe('a call', () => {
  it('of one agent names it, and what it wants', () => {
    expect(callFor([alert({})])).toEqual({
      ...{ session: 'shop-api', kind: 'waiting', title: 'shop-api waits for you' },
      body: 'approval · Proceed?',
    });
  });

  it('of one agent several times is its last', () => {
    const call = callFor([alert({}), alert({ kind: 'complete', text: 'after 5 s' })]);
    expect(call).toMatchObject({ kind: 'complete', title: 'shop-api is done', body: 'after 5 s' });
  });

  it('of many counts them, and sounds as the most urgent', () => {
    const call = callFor([
      alert({ kind: 'complete', session: 'a' }),
      alert({ kind: 'waiting', session: 'b' }),
      alert({ kind: 'waiting', session: 'b' }),
      alert({ kind: 'waiting', session: 'c' }),
    ]);
    expect(call).toEqual({
      ...{ session: null, kind: 'waiting', title: '3 agents: 2 waiting, 1 complete' },
      body: 'a, b, c',
    });
  });
});
