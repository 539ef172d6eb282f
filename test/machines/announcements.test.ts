import { describe, expect, it } from 'vitest';
import { announcements } from '../../machines/announcements.ts';
import type { SessionEvent } from '../../machines/session-context.ts';
import { eventBody } from '../../src/http/event-schemas.ts';
import { APPROVAL, agreedComplete, begin, FACTS, look, stepped } from '../support/sessions.ts';

/** What each of these events tells, in order, each as its schema has it. */
const told = (...events: SessionEvent[]) => {
  let before = begin();
  return events.flatMap((event) => {
    const after = stepped(before, event);
    const drafts = announcements(before, after, event.at, 'the last lines');
    for (const draft of drafts) eventBody.parse({ ...draft, seq: 1, epoch: 'e', host: 'h' });
    before = after;
    return drafts;
  });
};

const names = (...events: SessionEvent[]) => told(...events).map(({ event }) => event);
const approval = (at: number) =>
  look(at, 'working', { attention: 'approval', dialog: APPROVAL, fingerprint: 'dialog' });

describe('a state', () => {
  it('seen first has no state before it', () => {
    expect(told(look(1_000, 'working'))).toEqual([
      {
        event: 'state_change',
        session: 'shop-api',
        timestamp: 1_000,
        state: 'working',
        prevState: null,
        reason: 'thinking',
        evidence: 'the working line',
        attention: 'none',
        progress: 0,
        indicators: expect.objectContaining({ filesRead: 0 }),
      },
    ]);
  });

  it('that does not change is not told again', () => {
    expect(names(look(1_000, 'reading'), look(2_000, 'reading'), look(3_000, 'unknown'))).toEqual([
      'state_change',
    ]);
  });

  it('is not told before anything was seen', () => {
    expect(names(look(1_000, 'unknown'), look(2_000, 'complete'))).toEqual([]);
  });
});

describe('the end of a turn', () => {
  it('is told with its duration and the last lines', () => {
    const events = told(look(1_000, 'reading'), ...agreedComplete(61_000));
    expect(events.map(({ event }) => event)).toEqual([
      'state_change',
      'state_change',
      'progress',
      'agent_complete',
    ]);
    expect(events.at(-1)).toMatchObject({ duration: 60, output: 'the last lines' });
  });

  it('found at first sight is not an alert', () => {
    expect(names(...agreedComplete(1_000))).not.toContain('agent_complete');
  });

  it.each([
    { at: 'a prompt as good as new, as after clearing it', reason: 'ready' },
    { at: 'a command of the user', reason: 'command' },
  ])('at $at is not an alert', ({ reason }) => {
    const events = names(look(1_000, 'reading'), ...agreedComplete(2_000, { reason }));
    expect(events).not.toContain('agent_complete');
  });

  it('after an exit and a fresh prompt is not an alert', () => {
    const events = names(
      look(1_000, 'working'),
      { type: 'agent.exited', status: 1, at: 2_000 },
      { type: 'agent.started', facts: FACTS, at: 3_000 },
      ...agreedComplete(4_000, { reason: 'ready' }),
    );
    expect(events).toEqual(['state_change', 'state_change', 'agent_error', 'state_change']);
  });
});

describe('an alert', () => {
  it('for an error comes at first sight too', () => {
    expect(names(look(1_000, 'error'))).toEqual(['state_change', 'agent_error']);
  });

  it('for being stuck says for how long nothing happened', () => {
    const events = told(look(1_000, 'reading'), { type: 'clock.ticked', at: 301_000 });
    expect(events.at(-1)).toMatchObject({
      event: 'agent_stuck',
      idleTime: 300,
      reason: 'silent',
      output: 'the last lines',
    });
  });

  it('is left out where the agent was left from a quiet prompt', () => {
    const events = names(look(1_000, 'reading'), ...agreedComplete(2_000), {
      type: 'agent.exited',
      status: 0,
      at: 9_000,
    });
    expect(events.at(-1)).toBe('state_change');
    expect(events).not.toContain('agent_error');
  });
});

describe('attention', () => {
  it('is told once for each dialog, with what it asks', () => {
    const events = told(look(1_000, 'working'), approval(2_000), approval(3_000));
    expect(events.map(({ event }) => event)).toEqual([
      'state_change',
      'attention_change',
      'agent_waiting',
    ]);
    expect(events.at(-1)).toMatchObject({
      attention: 'approval',
      dialog: { question: 'Do you want to proceed?', since: 2_000 },
    });
  });

  it('is told again when another dialog takes the place of the first', () => {
    const other = look(3_000, 'working', {
      attention: 'approval',
      dialog: { ...APPROVAL, id: 'd2' },
    });
    expect(names(look(1_000, 'working'), approval(2_000), other).slice(3)).toEqual([
      'attention_change',
      'agent_waiting',
    ]);
  });

  it('that ends is told, and waits no more', () => {
    const events = told(look(1_000, 'working'), approval(2_000), look(3_000, 'working'));
    expect(events.at(-1)).toMatchObject({
      event: 'attention_change',
      attention: 'none',
      prevAttention: 'approval',
      dialog: null,
    });
  });
});

describe('the session itself', () => {
  it('is told to be renamed, and is told of under its new name', () => {
    const renamed: SessionEvent = {
      type: 'session.changed',
      facts: { ...FACTS, session: 'shop-web' },
      at: 2_000,
    };
    expect(told(look(1_000, 'working'), renamed).at(-1)).toEqual({
      event: 'session_renamed',
      session: 'shop-web',
      timestamp: 2_000,
      previousSession: 'shop-api',
    });
  });

  it('gone in mid-turn is an error and an alert; gone from its prompt is neither', () => {
    const gone: SessionEvent = { type: 'session.gone', killed: false, at: 9_000 };
    expect(names(look(1_000, 'working'), gone).slice(1)).toEqual([
      'state_change',
      'agent_error',
      'session_gone',
    ]);
    expect(names(...agreedComplete(1_000), gone).slice(-1)).toEqual(['session_gone']);
  });

  it('restored and unchanged tells nothing', () => {
    const events = names(
      look(1_000, 'working'),
      {
        type: 'session.resumed',
        facts: FACTS,
        policy: begin().context.policy,
        restarts: 1,
        at: 5_000,
      },
      { type: 'connection.opened', by: 'attached', at: 5_100 },
      look(5_200, 'working'),
    );
    expect(events).toEqual(['state_change']);
  });
});

it('tells progress with what it was before', () => {
  const events = told(
    look(1_000, 'working', { progress: 33 }),
    look(2_000, 'working', { progress: 66 }),
  );
  expect(events.at(-1)).toMatchObject({
    event: 'progress',
    progress: 66,
    prevProgress: 33,
    progressSource: 'todos',
  });
});
