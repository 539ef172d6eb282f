import { describe, expect, it } from 'vitest';
import { transition } from 'xstate';
import { announcements } from '../../machines/announcements.ts';
import { weigh } from '../../machines/hearing.ts';
import { nextDeadline, type SessionSnapshot, sessionMachine } from '../../machines/session.ts';
import type { SessionEvent } from '../../machines/session-context.ts';
import type { HookReport } from '../../machines/vocabulary.ts';
import { APPROVAL, agreedComplete, begin, FACTS, INPUT, look } from '../support/sessions.ts';

type Tells = Omit<HookReport, 'evidence' | 'tells'> & { [field: string]: unknown };

const hook = (at: number, tells: HookReport['tells'], more: Partial<Tells> = {}): SessionEvent => ({
  type: 'hook.received',
  at,
  report: {
    tells,
    evidence: `hook ${tells}`,
    ...DEFAULTS[tells],
    ...more,
  } as HookReport,
});

const DEFAULTS: Partial<Record<HookReport['tells'], object>> = {
  'tool-started': { inside: false },
  'tool-ended': { inside: false, id: null, tool: 'edit', changes: true },
  'turn-ended': { background: 0 },
  'dialog-waiting': { message: 'Claude needs your permission' },
};

const tick = (at: number): SessionEvent => ({ type: 'clock.ticked', at });

/** As the session's actor steps it: each look weighed against what was heard. */
const stepped = (from: SessionSnapshot, ...events: SessionEvent[]): SessionSnapshot =>
  events.reduce(
    (before, event) =>
      transition(sessionMachine, before, weigh(before.context, event) as SessionEvent)[0],
    from,
  );

const activity = ({ value }: SessionSnapshot) => value.activity;
const attention = ({ value }: SessionSnapshot) => value.attention;
const events = (before: SessionSnapshot, after: SessionSnapshot) =>
  announcements(before, after, 0, '').map(({ event }) => event);

const complete = () => stepped(begin(), look(500, 'reading'), ...agreedComplete(600));
const reading = () => stepped(begin(), look(500, 'reading'));
const working = () => stepped(begin(), look(500, 'working'));
const asking = () =>
  stepped(reading(), look(600, 'reading', { attention: 'approval', dialog: APPROVAL }));

describe('a prompt that was submitted', () => {
  it.each([
    { from: 'complete', start: complete },
    { from: 'error', start: () => stepped(reading(), look(600, 'error')) },
    { from: 'stuck', start: () => stepped(reading(), tick(301_000)) },
  ])('begins a turn at once, from $from', ({ from, start }) => {
    expect(activity(start())).toBe(from);
    const after = stepped(start(), hook(400_000, 'turn-started'));
    expect(after.value.activity).toBe('reading');
    expect(after.context).toMatchObject({ reason: 'prompt', since: 400_000, turn: 'reading' });
  });

  it('is a first sight', () => {
    const seen = stepped(begin(), hook(1_000, 'turn-started'));
    expect(seen.context).toMatchObject({ seen: true, since: 1_000, turn: 'reading' });
    expect(events(begin(), seen)).toEqual(['state_change']);
  });

  it('is not undone by a screen that was drawn before', () => {
    const late = [look(2_050, 'complete'), look(2_400, 'complete'), look(2_500, 'error')];
    const after = stepped(complete(), hook(2_000, 'turn-started'), ...late);
    expect(activity(after)).toBe('reading');
  });

  it('is over when the prompt is quiet again: Escape fires no hook', () => {
    const begun = stepped(complete(), hook(2_000, 'turn-started'), look(2_500, 'reading'));
    const interrupted = stepped(begun, look(6_000, 'idle'), look(6_300, 'idle'));
    expect(interrupted.value.activity).toBe('reading');
    expect(interrupted.context).toMatchObject({ interrupted: true, reason: 'interrupted' });
    const another = { evidence: '✻ Baked for 3s' };
    expect(activity(stepped(begun, ...agreedComplete(6_000, another)))).toBe('complete');
  });

  it('was interrupted where the screen shows no end but that of the turn before', () => {
    const begun = stepped(complete(), look(1_900, 'reading'), hook(2_000, 'turn-started'));
    const left = stepped(begun, ...agreedComplete(6_000), ...agreedComplete(9_000));
    expect(left.value.activity).toBe('reading');
    expect(left.context).toMatchObject({ interrupted: true, reason: 'interrupted' });
    expect(events(begun, left)).not.toContain('agent_complete');
    const again = stepped(left, hook(20_000, 'turn-started'), hook(22_000, 'turn-ended'));
    expect(activity(stepped(again, look(22_010, 'complete')))).toBe('complete');
  });

  it('is looked after, should the screen stay as it is', () => {
    const begun = stepped(complete(), hook(2_000, 'turn-started'));
    const attached = stepped(begun, { type: 'connection.opened', by: 'attached', at: 2_000 });
    expect(nextDeadline(attached)).toBe(3_000);
    const early = stepped(attached, tick(3_000), look(3_000, 'complete'));
    expect(activity(early)).toBe('reading');
    expect(nextDeadline(early)).toBe(5_000);
    const late = stepped(early, tick(5_000), look(5_000, 'complete'), look(5_300, 'complete'));
    expect(late.context).toMatchObject({ interrupted: true, reason: 'interrupted' });
  });

  it('takes an interrupted turn back to its beginning', () => {
    const interrupted = stepped(working(), look(2_000, 'idle'), look(2_300, 'idle'));
    const after = stepped(interrupted, hook(9_000, 'turn-started'));
    expect(after.value.activity).toBe('reading');
    expect(after.context).toMatchObject({ turnStartedAt: 9_000, interrupted: false });
  });

  it('goes on with the turn that is running, as a queued message does', () => {
    const after = stepped(working(), hook(2_000, 'turn-started'));
    expect(after.value.activity).toBe('working');
    expect(after.context.turnStartedAt).toBe(500);
  });
});

describe('a tool', () => {
  it('that changed something makes the turn work', () => {
    const after = stepped(reading(), hook(2_000, 'tool-ended'));
    expect(after.value.activity).toBe('working');
    expect(after.context).toMatchObject({ turn: 'working', reason: 'tool', since: 2_000 });
    const looked = hook(2_000, 'tool-ended', { tool: 'read', changes: false });
    expect(activity(stepped(reading(), looked))).toBe('reading');
  });

  it('that starts shows a turn whose beginning was missed; one that ended late does not', () => {
    expect(activity(stepped(complete(), hook(2_000, 'tool-started')))).toBe('reading');
    expect(activity(stepped(complete(), hook(2_000, 'tool-ended')))).toBe('complete');
    expect(activity(stepped(complete(), hook(2_000, 'tool-started', { inside: true })))).toBe(
      'complete',
    );
  });

  it('puts off being stuck', () => {
    const after = stepped(reading(), hook(250_000, 'tool-started'), tick(301_000));
    expect(activity(after)).toBe('reading');
    expect(activity(stepped(after, tick(550_000)))).toBe('stuck');
  });

  it('that goes on resumes a stuck turn at its level', () => {
    const stuck = stepped(working(), tick(301_000));
    expect(activity(stepped(stuck, hook(400_000, 'tool-started')))).toBe('working');
  });
});

describe('the end of a turn', () => {
  it('needs no second look', () => {
    const after = stepped(working(), hook(2_000, 'turn-ended'), look(2_010, 'complete'));
    expect(activity(after)).toBe('complete');
    expect(events(working(), after)).toContain('agent_complete');
  });

  it('is the end where the screen alone cannot tell', () => {
    const after = stepped(working(), hook(2_000, 'turn-ended'), look(2_010, 'idle'));
    expect(after.value.activity).toBe('complete');
    expect(after.context).toMatchObject({ reason: 'done', evidence: 'hook turn-ended' });
  });

  it('is none while the screen goes on, once it had the time to be drawn', () => {
    const overruled = stepped(working(), hook(2_000, 'turn-ended'), look(4_000, 'working'));
    expect(overruled.context.heard).toBeNull();
    expect(activity(stepped(overruled, look(4_100, 'complete')))).toBe('working');
  });

  it('is not undone by a frame that was drawn before', () => {
    const ended = stepped(working(), hook(2_000, 'turn-ended'), look(2_100, 'working'));
    expect(activity(stepped(ended, look(2_200, 'complete')))).toBe('complete');
  });

  it('with subagents in the background is none', () => {
    const left = stepped(working(), hook(2_000, 'turn-ended', { background: 2 }));
    const quiet = stepped(left, ...agreedComplete(5_000), ...agreedComplete(60_000));
    expect(quiet.value.activity).toBe('working');
    expect(quiet.context.heard?.says).toBe('background');
    const woken = stepped(quiet, hook(70_000, 'turn-started'), hook(71_000, 'turn-ended'));
    expect(activity(stepped(woken, look(71_010, 'complete')))).toBe('complete');
  });

  it('does not outlive a restart', () => {
    const left = stepped(working(), hook(2_000, 'turn-ended', { background: 1 }));
    const { policy } = INPUT;
    const resumed = stepped(left, {
      type: 'session.resumed',
      ...{ facts: FACTS, policy, restarts: 1, at: 3_000 },
    });
    expect(activity(stepped(resumed, ...agreedComplete(4_000)))).toBe('complete');
  });

  it('that comes before the next prompt begins another turn', () => {
    const after = stepped(working(), hook(2_000, 'turn-ended'), hook(2_100, 'turn-started'));
    expect(after.value.activity).toBe('reading');
    expect(after.context.turnStartedAt).toBe(2_100);
  });
});

describe('a turn that failed', () => {
  it('is an error at once, counted once, though the screen lags and then shows it too', () => {
    const failed = stepped(reading(), hook(2_000, 'turn-failed'));
    expect(failed.value.activity).toBe('error');
    expect(failed.context).toMatchObject({ reason: 'api-error', evidence: 'hook turn-failed' });
    const after = stepped(failed, look(2_100, 'reading'), look(2_300, 'error'));
    expect(after.value.activity).toBe('error');
    expect(after.context.counted.indicators.errors).toBe(1);
  });

  it('of a turn that nobody has seen is none', () => {
    expect(stepped(begin(), hook(2_000, 'turn-failed')).value.activity).toBe('reading');
  });

  it('that the screen has shown already does not fail again', () => {
    const seen = stepped(reading(), look(2_000, 'error'), hook(2_100, 'turn-failed'));
    expect(seen.context.counted.indicators.errors).toBe(1);
  });

  it('keeps its reason and its end though hooks of it come late', () => {
    const failed = stepped(reading(), look(2_000, 'error', { reason: 'usage-limit' }));
    const late = [hook(5_000, 'tool-started'), hook(5_100, 'tool-ended')];
    const after = stepped(failed, ...late, hook(5_200, 'turn-ended', { background: 1 }));
    const { told, ...context } = after.context;
    const { told: _, ...before } = failed.context;
    expect(context).toEqual(before);
    expect(told?.calls).toEqual({ edit: 1 });
    expect(events(failed, after)).toEqual([]);
    const gone = stepped(after, { type: 'agent.exited', status: 0, at: 9_000 });
    expect(gone.context.quietExit).toBe(true);
  });

  it('runs on where the screen does', () => {
    const failed = stepped(reading(), hook(2_000, 'turn-failed'), look(4_000, 'reading'));
    expect(activity(failed)).toBe('reading');
  });
});

describe('a dialog', () => {
  it.each(['turn-started', 'turn-ended', 'turn-failed', 'tool-started'] as const)(
    'on the screen is believed before the hook %s',
    (tells) => {
      const after = stepped(asking(), hook(2_000, tells));
      expect(after.value).toMatchObject({ activity: 'reading', attention: 'approval' });
      expect(after.context.heard).toBeNull();
    },
  );

  it('that is only a menu contradicts no hook', () => {
    const menu = { attention: 'other-dialog', dialog: { ...APPROVAL, attention: 'other-dialog' } };
    const open = stepped(complete(), look(1_500, 'unknown', menu as never));
    expect(attention(open)).toBe('other-dialog');
    expect(activity(stepped(open, hook(2_000, 'turn-started')))).toBe('reading');
  });

  it('that a hook tells of late raises nothing where the screen can be read', () => {
    const late = hook(9_000, 'dialog-waiting');
    expect(attention(stepped(reading(), look(8_000, 'reading'), late))).toBe('none');
    expect(attention(stepped(complete(), late))).toBe('none');
  });

  it('is told by the hook alone where the screen says nothing', () => {
    const blank = stepped(reading(), look(8_000, 'unknown'));
    const waiting = stepped(blank, hook(9_000, 'dialog-waiting'));
    expect(attention(waiting)).toBe('approval');
    expect(waiting.context.dialog).toMatchObject({ question: 'Claude needs your permission' });
    expect(events(blank, waiting)).toContain('agent_waiting');
    expect(attention(stepped(waiting, look(9_100, 'unknown')))).toBe('approval');
    expect(attention(stepped(waiting, look(9_100, 'reading')))).toBe('none');
    const answered = stepped(waiting, hook(9_500, 'tool-ended'));
    expect(answered.value).toMatchObject({ attention: 'none', activity: 'working' });
    expect(answered.context.dialog).toBeNull();
  });

  it('of the screen replaces what a hook said of it', () => {
    const blank = stepped(reading(), look(8_000, 'unknown'), hook(9_000, 'dialog-waiting'));
    const shown = look(9_100, 'unknown', { attention: 'question', dialog: APPROVAL });
    expect(attention(stepped(blank, shown))).toBe('question');
  });
});

it('believes the screen at once when the clock was set back behind the hook', () => {
  const started = stepped(complete(), hook(4_000_000, 'turn-started'));
  const another = { evidence: '✻ Baked for 3s' };
  expect(activity(stepped(started, ...agreedComplete(5_000, another)))).toBe('complete');
});

it('does not hear an agent that is gone', () => {
  const gone = stepped(complete(), { type: 'agent.exited', status: 0, at: 2_000 });
  const after = stepped(gone, hook(2_100, 'turn-started'), hook(2_200, 'turn-failed'));
  expect(after.context).toMatchObject({ reason: 'exited', heard: null });
});

it('forgets what was heard when the conversation ends', () => {
  const left = stepped(working(), hook(2_000, 'turn-ended', { background: 1 }));
  const cleared = stepped(left, hook(3_000, 'session-ended'), ...agreedComplete(6_000));
  expect(activity(cleared)).toBe('complete');
});
