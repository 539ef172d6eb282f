import { describe, expect, it } from 'vitest';
import { transition } from 'xstate';
import { nextDeadline, type SessionSnapshot, sessionMachine } from '../../machines/session.ts';
import type { SessionEvent } from '../../machines/session-context.ts';
import { dialogIdOf } from '../../machines/vocabulary.ts';
import {
  APPROVAL,
  agreedComplete,
  begin,
  FACTS,
  INPUT,
  look,
  stepped,
} from '../support/sessions.ts';

const tick = (at: number): SessionEvent => ({ type: 'clock.ticked', at });
const activity = ({ value }: SessionSnapshot) => value.activity;
const reading = () => stepped(begin(), look(1_000, 'reading'));
const working = () => stepped(begin(), look(1_000, 'working'));
const complete = () => stepped(reading(), ...agreedComplete(2_000));

describe('the rule that decided', () => {
  const rule = ({ context }: SessionSnapshot) => context.rule;

  it('is that of the look, of the clock, of the process or of the hook', () => {
    expect(rule(begin())).toBe('');
    expect(rule(reading())).toBe('claude-code.reading');
    expect(rule(complete())).toBe('claude-code.complete');
    expect(rule(stepped(reading(), tick(301_000)))).toBe('clock.silent');
    const gone: SessionEvent = { type: 'agent.exited', status: 1, at: 2_000 };
    expect(rule(stepped(reading(), gone))).toBe('process.exited');
    const prompted: SessionEvent = {
      type: 'hook.received',
      report: { tells: 'turn-started', evidence: 'test it' },
      at: 9_000,
    };
    expect(rule(stepped(complete(), prompted))).toBe('hook.turn-started');
  });

  it('stays while nothing is decided', () => {
    expect(rule(stepped(complete(), look(9_000, 'unknown')))).toBe('claude-code.complete');
    expect(rule(stepped(working(), look(9_000, 'reading')))).toBe('claude-code.working');
  });
});

describe('first sight', () => {
  it('is reading, not seen, since nobody knows when', () => {
    const { value, context } = begin();
    expect(value.activity).toBe('reading');
    expect(context).toMatchObject({ seen: false, since: null, reason: 'not-seen' });
  });

  it('takes a running turn at once', () => {
    expect(reading().context).toMatchObject({ seen: true, since: 1_000, reason: 'thinking' });
    expect(activity(working())).toBe('working');
  });

  it('believes a quiet prompt only on the second look', () => {
    const once = stepped(begin(), look(1_000, 'complete'));
    expect(once.context.seen).toBe(false);
    expect(activity(stepped(once, look(1_299, 'complete')))).toBe('reading');
    const twice = stepped(once, look(1_300, 'complete'));
    expect(activity(twice)).toBe('complete');
    expect(twice.context).toMatchObject({ seen: true, since: 1_300 });
  });

  it('calls a prompt of unfinished work an interrupted turn', () => {
    const seen = stepped(begin(), look(1_000, 'idle'), look(1_300, 'idle'));
    expect(activity(seen)).toBe('reading');
    expect(seen.context).toMatchObject({ seen: true, reason: 'interrupted', interrupted: true });
  });

  it('shows a dialog of an agent that is still starting', () => {
    const seen = stepped(
      begin(),
      look(1_000, 'unknown', { attention: 'trust', dialog: { ...APPROVAL, attention: 'trust' } }),
    );
    expect(seen.value).toMatchObject({ activity: 'reading', attention: 'trust' });
    expect(seen.context.seen).toBe(true);
  });

  it('concludes nothing from a screen that says nothing', () => {
    expect(stepped(begin(), look(1_000, 'unknown')).context.seen).toBe(false);
  });
});

describe('a text that was typed and not taken', () => {
  const DRAFT = { composer: { content: 'draft', text: 'do it' } } as const;
  const left = () =>
    stepped(complete(), { type: 'text.unsubmitted', at: 10_000 }, look(10_100, 'complete', DRAFT));

  it('makes the session stuck in time, though it was complete', () => {
    expect(nextDeadline(left())).toBe(310_000);
    expect(activity(stepped(left(), tick(309_999)))).toBe('complete');
    const stuck = stepped(left(), tick(310_000));
    expect(activity(stuck)).toBe('stuck');
    expect(stuck.context.reason).toBe('unsubmitted');
    expect(activity(stepped(stuck, look(311_000, 'complete', DRAFT)))).toBe('stuck');
  });

  it('has all its time again when the clock jumps', () => {
    const jumped = stepped(left(), { type: 'clock.jumped', at: 5_000_000 });
    expect(activity(stepped(jumped, tick(5_299_999)))).toBe('complete');
    expect(activity(stepped(jumped, tick(5_300_000)))).toBe('stuck');
  });

  it.each([
    { how: 'somebody empties the composer', next: look(20_000, 'complete') },
    { how: 'somebody submits it', next: look(20_000, 'reading') },
  ])('is forgotten when $how', ({ next }) => {
    expect(stepped(left(), next).context.unsubmittedAt).toBeNull();
  });

  it('is complete again when the composer is emptied later', () => {
    const stuck = stepped(left(), tick(310_000), look(311_000, 'complete', DRAFT));
    expect(activity(stepped(stuck, look(312_000, 'complete')))).toBe('complete');
  });
});

describe('a running turn', () => {
  it.each([
    { from: 'reading', sees: 'working', expected: 'working' },
    { from: 'reading', sees: 'error', expected: 'error' },
    { from: 'working', sees: 'reading', expected: 'working' },
    { from: 'working', sees: 'error', expected: 'error' },
    { from: 'working', sees: 'unknown', expected: 'working' },
    { from: 'working', sees: 'complete', expected: 'working' },
    { from: 'reading', sees: 'idle', expected: 'reading' },
  ] as const)('$from that sees $sees is $expected', ({ from, sees, expected }) => {
    const start = from === 'reading' ? reading() : working();
    expect(activity(stepped(start, look(2_000, sees)))).toBe(expected);
  });

  it('ends when two looks 300 ms apart agree', () => {
    expect(activity(stepped(working(), ...agreedComplete(2_000)))).toBe('complete');
  });

  it.each(['reading', 'unknown', 'idle'] as const)(
    'does not end when a look in between says %s',
    (between) => {
      const events = [look(2_000, 'complete'), look(2_100, between), look(2_300, 'complete')];
      expect(activity(stepped(reading(), ...events))).toBe('reading');
    },
  );

  it('is another turn after it was interrupted, and may begin by reading again', () => {
    const interrupted = stepped(working(), look(2_000, 'idle'), look(2_300, 'idle'));
    expect(activity(interrupted)).toBe('working');
    expect(interrupted.context.reason).toBe('interrupted');
    const next = stepped(interrupted, look(9_000, 'reading'));
    expect(activity(next)).toBe('reading');
    expect(next.context).toMatchObject({
      turn: 'reading',
      turnStartedAt: 9_000,
      interrupted: false,
    });
  });
});

describe('complete and error', () => {
  it.each(['idle', 'unknown', 'complete'] as const)('stay through a look that says %s', (sees) => {
    const events = [look(5_000, sees), look(6_000, sees)];
    expect(activity(stepped(complete(), ...events))).toBe('complete');
    const error = stepped(reading(), look(2_000, 'error'));
    expect(activity(stepped(error, ...events))).toBe('error');
  });

  it('are left by a new turn', () => {
    expect(activity(stepped(complete(), look(5_000, 'reading')))).toBe('reading');
    const error = stepped(reading(), look(2_000, 'error'));
    expect(activity(stepped(error, look(5_000, 'working')))).toBe('working');
  });

  it('claim full progress only for work that was done and had no list of its own', () => {
    expect(complete().context.progress).toBe(100);
    const ready = stepped(begin(), ...agreedComplete(1_000, { reason: 'ready' }));
    expect(ready.context.progress).toBe(0);
    const listed = stepped(
      reading(),
      look(1_500, 'working', { progress: 66, todos: [{ text: 'test', status: 'open' }] }),
      ...agreedComplete(2_000),
    );
    expect(listed.context).toMatchObject({ progress: 66, progressSource: 'todos' });
  });

  it('are not the end of a turn that was interrupted, where a command of the user is all they show', () => {
    const left = stepped(working(), look(2_000, 'idle'), look(2_300, 'idle'));
    const told = stepped(left, ...agreedComplete(3_000, { reason: 'command' }));
    expect(told.value.activity).toBe('working');
    expect(told.context).toMatchObject({ interrupted: true, reason: 'interrupted' });
    const stuck = stepped(told, { type: 'clock.ticked', at: 303_000 });
    expect([activity(stuck), stuck.context.reason]).toEqual(['stuck', 'interrupted']);
    expect(activity(stepped(stuck, ...agreedComplete(304_000, { reason: 'command' })))).toBe(
      'stuck',
    );
    const cleared = stepped(stuck, ...agreedComplete(304_000, { reason: 'ready' }));
    expect([activity(cleared), cleared.context.progress]).toEqual(['complete', 0]);
    const compacted = stepped(working(), ...agreedComplete(3_000, { reason: 'command' }));
    expect([activity(compacted), compacted.context.progress]).toEqual(['complete', 0]);
  });

  it('forget the progress of the turn before', () => {
    const next = stepped(complete(), look(5_000, 'reading'));
    expect(next.context).toMatchObject({ progress: 0, progressSource: 'none' });
  });
});

describe('the stuck clock', () => {
  const silent = (at: number) => look(at, 'reading', { fingerprint: 'screen of reading' });

  it('strikes after five minutes in which only the spinner moved', () => {
    const quiet = stepped(reading(), silent(100_000), silent(200_000));
    expect(activity(stepped(quiet, tick(300_999)))).toBe('reading');
    const stuck = stepped(quiet, tick(301_000));
    expect(activity(stuck)).toBe('stuck');
    expect(stuck.context).toMatchObject({ since: 301_000, reason: 'silent' });
  });

  it('is reset by new text, not by a resize', () => {
    const text = stepped(reading(), look(200_000, 'reading', { fingerprint: 'more' }));
    expect(activity(stepped(text, tick(301_000)))).toBe('reading');
    const resized = stepped(
      reading(),
      look(200_000, 'reading', { fingerprint: 'narrower', resized: true }),
    );
    expect(activity(stepped(resized, tick(301_000)))).toBe('stuck');
  });

  it('has more patience with a running tool', () => {
    const tool = stepped(
      working(),
      look(2_000, 'working', { toolRunning: true, fingerprint: 't' }),
    );
    expect(activity(stepped(tool, tick(302_000)))).toBe('working');
    expect(activity(stepped(tool, tick(902_000)))).toBe('stuck');
  });

  it('returns to the level of the turn when something happens', () => {
    const stuck = stepped(working(), tick(301_000));
    expect(activity(stuck)).toBe('stuck');
    expect(activity(stepped(stuck, look(302_000, 'working')))).toBe('stuck');
    const moved = stepped(stuck, look(303_000, 'reading', { fingerprint: 'new' }));
    expect(activity(moved)).toBe('working');
  });

  it('does not resume a turn for its end: that must be agreed on', () => {
    const stuck = stepped(working(), tick(301_000));
    const once = stepped(stuck, look(302_000, 'complete'));
    expect(activity(once)).toBe('stuck');
    expect(activity(stepped(once, look(302_300, 'complete')))).toBe('complete');
  });

  it('runs on over an interrupted turn', () => {
    const interrupted = stepped(working(), look(2_000, 'idle'), look(2_300, 'idle'));
    const stuck = stepped(interrupted, tick(302_000));
    expect(activity(stuck)).toBe('stuck');
    expect(stuck.context.reason).toBe('interrupted');
  });

  it('runs while an approval is open over a finished turn, never for a menu', () => {
    const asks = stepped(complete(), look(5_000, 'complete', dialog('approval')));
    expect(activity(stepped(asks, tick(305_000)))).toBe('stuck');
    const menu = stepped(complete(), look(5_000, 'complete', dialog('other-dialog')));
    expect(activity(stepped(menu, tick(9_000_000)))).toBe('complete');
    expect(nextDeadline(menu)).toBeNull();
  });

  it('is as impatient with a dialog as with silence, though a tool runs behind it', () => {
    const asks = stepped(
      working(),
      look(2_000, 'working', { ...dialog('approval'), toolRunning: true }),
    );
    expect(activity(stepped(asks, tick(302_000)))).toBe('stuck');
  });

  it('is not reset by a screen that says nothing while a dialog is open', () => {
    const asks = stepped(working(), look(2_000, 'working', dialog('approval')));
    const stuck = stepped(asks, tick(302_000));
    expect(activity(stepped(stuck, look(303_000, 'unknown')))).toBe('stuck');
  });

  it('does not strike in complete or error', () => {
    expect(activity(stepped(complete(), tick(9_000_000)))).toBe('complete');
    const error = stepped(reading(), look(2_000, 'error'));
    expect(activity(stepped(error, tick(9_000_000)))).toBe('error');
  });

  it('starts over when the clock jumps', () => {
    const jumped = stepped(reading(), { type: 'clock.jumped', at: 5_000_000 });
    expect(activity(stepped(jumped, tick(5_299_999)))).toBe('reading');
    expect(activity(stepped(jumped, tick(5_300_000)))).toBe('stuck');
  });

  it('goes on across a restart only after the screen was compared', () => {
    const resumed = stepped(reading(), resume(900_000));
    expect(nextDeadline(resumed)).toBeNull();
    expect(activity(stepped(resumed, tick(901_000)))).toBe('reading');
    const same = stepped(resumed, silent(901_000));
    expect(activity(stepped(same, tick(901_001)))).toBe('stuck');
    const other = stepped(resumed, look(901_000, 'reading', { fingerprint: 'moved on' }));
    expect(activity(stepped(other, tick(901_001)))).toBe('reading');
  });
});

describe('attention', () => {
  it('is set at once, beside the state', () => {
    const asks = stepped(working(), look(2_000, 'working', dialog('approval')));
    expect(asks.value).toMatchObject({ activity: 'working', attention: 'approval' });
    const told = { rule: 'claude-code.working', evidence: 'the working line' };
    const id = dialogIdOf(APPROVAL.id, 2_000);
    expect(asks.context.dialog).toEqual({ ...APPROVAL, id, since: 2_000, ...told });
  });

  it('takes the same question asked again for another dialog', () => {
    const asks = stepped(working(), look(2_000, 'working', dialog('approval')));
    const again = stepped(asks, look(3_000, 'working'), look(4_000, 'working', dialog('approval')));
    expect(again.context.dialog?.id).toBe(dialogIdOf(APPROVAL.id, 4_000));
  });

  it('takes what shows after an answer for another dialog, though nobody saw the first one go', () => {
    const asks = stepped(working(), look(2_000, 'working', dialog('approval')));
    const id = asks.context.dialog?.id ?? '';
    const answered = stepped(asks, { type: 'dialog.answered', dialog: id, at: 3_000 });
    // That look was on its way when the keys were pressed.
    const before = stepped(answered, look(2_999, 'working', dialog('approval')));
    expect(before.context.dialog?.id).toBe(id);
    const after = stepped(before, look(3_005, 'working', dialog('approval')));
    expect(after.context.dialog).toMatchObject({
      id: dialogIdOf(APPROVAL.id, 3_005),
      since: 3_005,
    });
    const later = stepped(after, look(3_500, 'working', dialog('approval')));
    expect(later.context.dialog).toBe(after.context.dialog);
  });

  it('keeps the time of a dialog that is still the same', () => {
    const asks = stepped(working(), look(2_000, 'working', dialog('approval')));
    const again = stepped(asks, look(3_000, 'working', dialog('approval')));
    expect(again.context.dialog?.since).toBe(2_000);
    expect(again.context.dialog).toBe(asks.context.dialog);
  });

  it('is dropped at once when the turn goes on, and by agreement at a quiet prompt', () => {
    const asks = stepped(working(), look(2_000, 'working', dialog('approval')));
    expect(stepped(asks, look(3_000, 'working')).value.attention).toBe('none');
    const torn = stepped(asks, look(3_000, 'unknown'));
    expect(torn.value.attention).toBe('approval');
    const once = stepped(asks, look(3_000, 'idle'));
    expect(once.value.attention).toBe('approval');
    expect(stepped(once, look(3_300, 'idle')).value.attention).toBe('none');
  });

  it('makes a dialog of what asks without options', () => {
    const limit = stepped(complete(), look(5_000, 'error', { attention: 'limit', dialog: null }));
    expect(limit.value.attention).toBe('limit');
    expect(limit.context.dialog).toMatchObject({ attention: 'limit', options: [] });
  });
});

describe('the end of the agent', () => {
  const exit = (status: number | null): SessionEvent => ({
    type: 'agent.exited',
    status,
    at: 9_000,
  });

  it.each([
    { from: 'a running turn', start: working(), status: 0, quiet: false },
    { from: 'a quiet prompt', start: complete(), status: null, quiet: true },
    { from: 'a quiet prompt, failing', start: complete(), status: 1, quiet: false },
  ])('from $from with status $status: alert is $quiet to be left out', (row) => {
    const gone = stepped(row.start, exit(row.status));
    expect(activity(gone)).toBe('error');
    expect(gone.context).toMatchObject({ reason: 'exited', quietExit: row.quiet });
  });

  it('is not undone by what the shell shows afterwards', () => {
    const gone = stepped(working(), exit(1));
    expect(activity(stepped(gone, look(9_500, 'working')))).toBe('error');
  });

  it('is undone by a new agent, whose first agreed verdict holds', () => {
    const started = stepped(working(), exit(1), {
      type: 'agent.started',
      facts: { ...FACTS, agentPid: 200 },
      at: 10_000,
    });
    expect(activity(started)).toBe('error');
    expect(activity(stepped(started, ...agreedComplete(11_000)))).toBe('complete');
    expect(started.context.counted.indicators.toolCalls).toBe(0);
  });

  it('and the start of another between two listings forgets all that was seen of the first', () => {
    const first = stepped(
      working(),
      look(2_000, 'working', { progress: 66, todos: [{ text: 'test', status: 'open' }] }),
    );
    const second = stepped(first, {
      type: 'agent.started',
      facts: { ...FACTS, agentPid: 200 },
      at: 3_000,
    });
    expect(second.context).toMatchObject({ turn: 'none', progress: 0, todos: [] });
    expect(activity(stepped(second, look(4_000, 'reading')))).toBe('reading');
    const ready = stepped(second, ...agreedComplete(4_000, { reason: 'ready' }));
    expect(ready).toMatchObject({ value: { activity: 'complete' }, context: { progress: 0 } });
  });

  it('before anything was seen of it is known all the same', () => {
    const gone = stepped(begin(), exit(1));
    expect(gone.context).toMatchObject({ seen: true, reason: 'exited' });
  });

  it('with the whole session is an error of a running turn, unless the monitor killed it', () => {
    const lost: SessionEvent = { type: 'session.gone', killed: false, at: 9_000 };
    expect(stepped(working(), lost).value).toMatchObject({ activity: 'error', connection: 'gone' });
    expect(stepped(complete(), lost).value).toMatchObject({
      activity: 'complete',
      connection: 'gone',
    });
    const killed: SessionEvent = { type: 'session.gone', killed: true, at: 9_000 };
    expect(stepped(working(), killed).value).toMatchObject({
      activity: 'working',
      connection: 'gone',
    });
  });
});

describe('connection', () => {
  const opened = (by: 'attached' | 'shared'): SessionEvent => ({
    type: 'connection.opened',
    by,
    at: 1_000,
  });
  const closed: SessionEvent = { type: 'connection.closed', detail: 'gone', at: 2_000 };

  it.each(['attached', 'shared'] as const)('says that it is %s', (by) => {
    expect(stepped(begin(), opened(by)).value.connection).toBe(by);
  });

  it('is tried again after a growing delay, and keeps the activity meanwhile', () => {
    const first = stepped(working(), opened('attached'), closed);
    expect(first.value).toMatchObject({ activity: 'working', connection: 'reconnecting' });
    const at = first.context.reconnect?.at ?? 0;
    expect(stepped(first, tick(at - 1)).value.connection).toBe('reconnecting');
    const again = stepped(first, tick(at));
    expect(again.value.connection).toBe('connecting');
    const second = stepped(again, { ...closed, at: at + 1 });
    expect(second.context.reconnect?.attempt).toBe(2);
  });

  it('that stood for a while counts as a good one; one that flaps does not', () => {
    const again = (from: SessionSnapshot, at: number, stands: number) =>
      stepped(
        from,
        { type: 'connection.opened', by: 'attached', at },
        { type: 'connection.closed', detail: 'lost', at: at + stands },
      );
    const flapping = again(again(working(), 1_000, 50), 2_000, 50);
    expect(flapping.context.reconnect?.attempt).toBe(2);
    expect(again(flapping, 3_000, 10_000).context.reconnect?.attempt).toBe(1);
  });

  it('is tried again at once when the clock was set', () => {
    const waiting = stepped(working(), opened('attached'), closed);
    expect(stepped(waiting, { type: 'clock.jumped', at: 1 }).value.connection).toBe('connecting');
  });

  it('looks again, ever more seldom, at a screen that says nothing', () => {
    const blank = (from: SessionSnapshot, at: number) => stepped(from, look(at, 'unknown'));
    const once = blank(stepped(working(), opened('attached')), 2_000);
    expect(nextDeadline(once)).toBe(3_000);
    const asked = stepped(once, tick(3_000));
    expect(nextDeadline(asked)).toBeGreaterThan(100_000);
    expect(nextDeadline(blank(asked, 3_010))).toBe(5_010);
    expect(stepped(asked, look(3_010, 'working')).context.blank).toBeNull();
  });

  it.each([
    ['back', 1_000_000],
    ['forth', 9_000_000],
  ])('still owes the looks that it owed when the clock is set %s', (_, at) => {
    const attached = stepped(begin(), opened('attached'), look(4_999_000, 'working'));
    const jump: SessionEvent = { type: 'clock.jumped', at };
    for (const sees of ['complete', 'unknown'] as const) {
      const owing = stepped(attached, look(5_000_000, sees));
      const due = (nextDeadline(owing) ?? 0) - 5_000_000;
      expect(nextDeadline(stepped(owing, jump))).toBe(at + due);
      // What was asked for may have been looked at by the clock as it was.
      const asked = stepped(owing, tick(5_000_000 + due));
      expect(nextDeadline(stepped(asked, jump))).toBe(at + due);
    }
  });

  it('asks once more where the look that it asked for was taken too early to agree', () => {
    const attached = stepped(working(), opened('attached'));
    const asked = stepped(attached, look(2_000, 'complete'), tick(2_300));
    expect(nextDeadline(asked)).toBeGreaterThan(100_000);
    const early = stepped(asked, look(1_500, 'complete'));
    expect(activity(early)).toBe('working');
    expect(nextDeadline(early)).toBe(2_300);
  });

  it.each(['attached', 'shared'] as const)(
    'looks at what a new agent may have drawn before it was found, while %s',
    (by) => {
      const before = stepped(working(), opened(by));
      const [, actions] = transition(sessionMachine, before, {
        type: 'agent.started',
        facts: FACTS,
        at: 3_000,
      });
      expect(actions.map(({ params }) => (params as { event?: unknown }).event)).toContainEqual({
        type: 'look.wanted',
      });
    },
  );

  it('is begun anew on another pane of the session', () => {
    const moved = stepped(working(), opened('attached'), {
      type: 'session.changed',
      facts: { ...FACTS, pane: '%2' },
      at: 3_000,
    });
    expect(moved.value.connection).toBe('connecting');
    expect(moved.context.facts.pane).toBe('%2');
  });

  it.each(['session.changed', 'agent.started'] as const)(
    'takes %s in any state, and follows it to another pane',
    (type) => {
      const event: SessionEvent = { type, facts: { ...FACTS, pane: '%2' }, at: 3_000 };
      const waiting = stepped(working(), closed);
      expect(stepped(waiting, event)).toMatchObject({
        value: { connection: 'reconnecting' },
        context: { facts: { pane: '%2' } },
      });
      const attached = stepped(working(), opened('attached'));
      expect(stepped(attached, event).value.connection).toBe('connecting');
    },
  );

  it('is begun anew after a restart, and nothing else is', () => {
    const resumed = stepped(working(), opened('attached'), resume(5_000));
    expect(resumed.value).toEqual({
      activity: 'working',
      attention: 'none',
      connection: 'connecting',
    });
    const again = transition(sessionMachine, resumed, resume(6_000));
    expect(again[1].map(({ type }) => type)).toContain('xstate.spawnChild');
  });

  it('looks again when a dialog was answered, where there is a connection', () => {
    const answered = { type: 'dialog.answered', dialog: 'd1', at: 3_000 } as const;
    const wanted = (before: SessionSnapshot): unknown[] =>
      transition(sessionMachine, before, answered)[1].map(
        ({ params }) => (params as { event?: unknown }).event,
      );
    expect(wanted(stepped(working(), opened('shared')))).toEqual([{ type: 'look.wanted' }]);
    expect(wanted(stepped(working(), closed))).toEqual([]);
  });

  it('asks for the second look once, when it is due', () => {
    const quiet = stepped(working(), opened('attached'), look(2_000, 'complete'));
    expect(nextDeadline(quiet)).toBe(2_300);
    expect(nextDeadline(stepped(quiet, tick(2_300)))).not.toBe(2_300);
  });
});

const dialog = (attention: 'approval' | 'other-dialog') => ({
  attention,
  dialog: { ...APPROVAL, attention },
});

const resume = (at: number): SessionEvent => ({
  type: 'session.resumed',
  facts: FACTS,
  policy: INPUT.policy,
  restarts: 1,
  at,
});
