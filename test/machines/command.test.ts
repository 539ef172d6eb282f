import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { type CommandSnapshot, commandMachine } from '../../machines/command.ts';
import type { CommandEvent, Order, Reading } from '../../machines/command-context.ts';
import { nextStep, type Step } from '../../machines/command-step.ts';
import type { AgentKind, CommandAct, SeenDialog } from '../../machines/vocabulary.ts';
import { APPROVAL } from '../support/sessions.ts';
import {
  asking,
  atPrompt,
  pastedAs,
  shell,
  TRUST,
  unreadable,
  withCursorOn,
  working,
} from '../support/sights.ts';

const TEXT: CommandAct = { action: 'text', submit: true, raw: false };
const LEAVE: CommandAct = { action: 'text', submit: false, raw: false };

const textOrder = (more: Partial<Order> = {}): Order => ({
  command: 'fix it',
  when: 'safe',
  act: TEXT,
  ...more,
});
const answerTo = (dialog: string, choice: string): Order => ({
  command: '',
  when: 'now',
  act: { action: 'answer', dialog, choice },
});
const INTERRUPT: Order = { command: '', when: 'now', act: { action: 'interrupt' } };

const begin = (order: Order, first: Reading, kind: AgentKind = 'claude-code'): CommandSnapshot =>
  initialTransition(commandMachine, { order, kind, first, at: 0 })[0];

const seen = (sight: Reading, at: number): CommandEvent => ({ type: 'screen.looked', sight, at });
const keys = (type: 'typed' | 'blocked' | 'unknown', at: number): CommandEvent => ({
  type: `keys.${type}`,
  at,
});
const gone = (at: number): CommandEvent => ({ type: 'pane.gone', at });
const tick = (at: number): CommandEvent => ({ type: 'clock.ticked', at });

const fed = (from: CommandSnapshot, ...events: CommandEvent[]): CommandSnapshot =>
  events.reduce((snapshot, event) => transition(commandMachine, snapshot, event)[0], from);

const step = (snapshot: CommandSnapshot, now = 0): Step => nextStep(snapshot, now);

const outcome = (snapshot: CommandSnapshot) => {
  const last = step(snapshot);
  return last.do === 'end' ? last.outcome : `still to ${last.do}`;
};

const sent = (evidence: string, attempts = 1) => ({
  status: 'sent',
  evidence,
  error: null,
  attempts,
});

/** Pasted at 0, seen in the composer, and Enter pressed at 200. */
const entered = (order = textOrder(), first = atPrompt()): CommandSnapshot =>
  fed(
    begin(order, first),
    keys('typed', 0),
    seen(atPrompt(order.command), 50),
    seen(atPrompt(order.command), 160),
    keys('typed', 200),
  );

/** Pasted at 0, and looked at when Enter may be pressed. */
const pastedInto = (first: Reading, then: Reading, order: Partial<Order> = {}): CommandSnapshot =>
  fed(begin(textOrder(order), first), keys('typed', 0), seen(then, 200));

describe('a text', () => {
  it('is pasted while no dialog shows, and entered while it is in the composer itself', () => {
    const pasting = begin(textOrder(), atPrompt());
    expect(step(pasting)).toEqual({
      do: 'paste',
      text: 'fix it',
      guard: { absent: ['Esc to cancel', 'Do you want to '], present: [] },
    });
    const settling = fed(pasting, keys('typed', 0), seen(atPrompt('fix it'), 149));
    expect(step(settling)).toMatchObject({ do: 'look' });
    expect(step(fed(settling, seen(atPrompt('fix it'), 150)))).toEqual({
      do: 'press',
      keys: ['Enter'],
      guard: { absent: ['Esc to cancel', 'Do you want to '], present: ['❯ fix it'] },
    });
  });

  it("is submitted where the agent's own hook says so, whoever pressed Enter", () => {
    const settling = fed(begin(textOrder(), atPrompt()), keys('typed', 0));
    expect(step(settling)).toMatchObject({ do: 'look', awaitsPrompt: true });
    const submitted = fed(settling, { type: 'prompt.submitted', at: 100 });
    expect(outcome(submitted)).toEqual(sent('hook', 0));
  });

  it('takes words of a dialog that are only quoted on the screen for no dialog', () => {
    const quoting = { ...atPrompt(), text: 'It asks "Do you\u00a0want to proceed?"' };
    expect(step(begin(textOrder(), quoting))).toMatchObject({
      guard: { absent: ['Esc to cancel'] },
    });
  });

  it.each<{ title: string; events: (CommandEvent | Reading)[]; expected: object }>([
    {
      title: 'a turn that started',
      events: [seen(working(), 300)],
      expected: sent('turn-started'),
    },
    {
      title: "the agent's own hook, though the text still stands there",
      events: [seen(atPrompt('fix it'), 300), { type: 'prompt.submitted', at: 330 }],
      expected: sent('hook'),
    },
    {
      title: 'a composer that is empty in two looks',
      events: [seen(atPrompt(), 300), seen(atPrompt(), 330)],
      expected: sent('composer-emptied'),
    },
    {
      title: "a person's new draft in place of the text",
      events: [seen(atPrompt('hm'), 300), seen(atPrompt('hm, wait'), 330)],
      expected: sent('composer-emptied'),
    },
    {
      title: 'a dialog that opened as Enter was pressed',
      events: [seen(asking(), 300)],
      expected: { status: 'unknown', evidence: 'dialog-race', error: 'dialog_opened', attempts: 1 },
    },
    {
      title: 'a screen that tells nothing any more',
      events: [seen(unreadable(), 300), seen(unreadable(), 8_200)],
      expected: { status: 'unknown', evidence: 'none', error: 'not_proved', attempts: 1 },
    },
    {
      title: 'a pane that cannot be looked at',
      events: [tick(300), tick(8_200)],
      expected: { status: 'unknown', evidence: 'none', error: 'not_proved', attempts: 1 },
    },
    {
      title: 'a pane that is gone after Enter',
      events: [gone(300)],
      expected: { status: 'unknown', evidence: 'none', error: 'target_gone', attempts: 1 },
    },
    {
      title: 'a text to which a person adds, so that Enter is no longer ours to press',
      events: [seen(atPrompt('fix it please'), 900), seen(atPrompt('fix it please'), 8_200)],
      expected: {
        status: 'failed',
        evidence: 'left-in-composer',
        error: 'not_submitted',
        attempts: 1,
      },
    },
  ])('after Enter: $title', ({ events, expected }) => {
    expect(outcome(fed(entered(), ...(events as CommandEvent[])))).toEqual(expected);
  });

  it('is not proved by one half-drawn look', () => {
    const halfDrawn = fed(entered(), seen(atPrompt(), 300), seen(atPrompt('fix it'), 330));
    expect(step(halfDrawn)).toMatchObject({ do: 'look' });
  });

  it('gets Enter alone three times more, after growing pauses, and then has failed', () => {
    let snapshot = entered();
    let at = 200;
    for (const pause of [500, 1_000, 2_000]) {
      const early = fed(snapshot, seen(atPrompt('fix it\n'), at + pause - 1));
      expect(step(early)).toMatchObject({ do: 'look' });
      const again = fed(early, seen(atPrompt('fix it\n'), at + pause));
      expect(step(again)).toMatchObject({ do: 'press', keys: ['Enter'] });
      at += pause + 10;
      snapshot = fed(again, keys('typed', at));
    }
    expect(outcome(fed(snapshot, seen(atPrompt('fix it'), at + 3_999)))).toBe('still to look');
    expect(outcome(fed(snapshot, seen(atPrompt('fix it'), at + 4_000)))).toEqual({
      status: 'failed',
      evidence: 'left-in-composer',
      error: 'not_submitted',
      attempts: 4,
    });
  });

  it('is looked at again where its Enter is blocked, and in the end has failed', () => {
    const blocked = fed(
      begin(textOrder(), atPrompt()),
      keys('typed', 0),
      seen(atPrompt('fix it'), 160),
      keys('blocked', 170),
    );
    expect(step(blocked)).toMatchObject({ do: 'look' });
    expect(outcome(fed(blocked, seen(atPrompt('fix it'), 5_000)))).toEqual({
      status: 'failed',
      evidence: 'left-in-composer',
      error: 'not_submitted',
      attempts: 0,
    });
  });

  it('does not end in a loop where a repeated Enter is blocked for ever', () => {
    const again = fed(entered(), seen(atPrompt('fix it'), 900), keys('blocked', 910));
    expect(outcome(fed(again, seen(atPrompt('fix it'), 8_200)))).toMatchObject({
      status: 'failed',
      attempts: 1,
    });
  });

  it.each<{ title: string; events: CommandEvent[]; expected: unknown }>([
    { title: 'blocked: it waits again', events: [keys('blocked', 5)], expected: null },
    {
      title: 'the pane is gone',
      events: [gone(5)],
      expected: { status: 'failed', evidence: 'not-typed', error: 'target_gone', attempts: 0 },
    },
    {
      title: 'tmux did not answer',
      events: [keys('unknown', 5)],
      expected: { status: 'unknown', evidence: 'none', error: 'typing_unknown', attempts: 0 },
    },
    {
      title: 'a dialog opened, and the text was never seen',
      events: [keys('typed', 5), seen(asking(), 40)],
      expected: { status: 'unknown', evidence: 'dialog-race', error: 'dialog_opened', attempts: 0 },
    },
    {
      title: 'a dialog opened over the text, before Enter',
      events: [keys('typed', 5), seen(atPrompt('fix it'), 40), seen(asking(), 80)],
      expected: {
        status: 'failed',
        evidence: 'left-in-composer',
        error: 'not_submitted',
        attempts: 0,
      },
    },
    {
      title: 'the text never appears',
      events: [keys('typed', 5), seen(atPrompt(), 40), seen(atPrompt(), 5_005)],
      expected: { status: 'unknown', evidence: 'none', error: 'not_proved', attempts: 0 },
    },
    {
      title: 'the pane ends before Enter',
      events: [keys('typed', 5), gone(40)],
      expected: { status: 'failed', evidence: 'none', error: 'target_gone', attempts: 0 },
    },
    {
      title: 'tmux did not answer to Enter',
      events: [keys('typed', 5), seen(atPrompt('fix it'), 160), keys('unknown', 170)],
      expected: { status: 'unknown', evidence: 'none', error: 'typing_unknown', attempts: 0 },
    },
  ])('when it is pasted: $title', ({ events, expected }) => {
    expect(outcome(fed(begin(textOrder(), atPrompt()), ...events))).toEqual(expected);
  });

  it('is entered where a placeholder stands for it, or where it follows a draft', () => {
    const placeholder = '[Pasted text #1 +11 lines]';
    expect(step(pastedInto(atPrompt(), pastedAs(placeholder)))).toMatchObject({
      do: 'press',
      guard: { present: [`❯ ${placeholder}`] },
    });
    const appended = pastedInto(atPrompt('please '), atPrompt('please '), { when: 'now' });
    expect(step(appended)).toMatchObject({ do: 'look' });
    expect(step(fed(appended, seen(atPrompt('please fix it'), 230)))).toMatchObject({
      do: 'press',
    });
  });

  it("is not entered while a person's draft stands there alone", () => {
    const command = 'remove the old parser';
    const typing = pastedInto(atPrompt(), atPrompt('rm -r'), { command });
    expect(step(typing)).toMatchObject({ do: 'look' });
    const both = atPrompt('rm -rremove the old parser');
    expect(step(fed(typing, seen(both, 230)))).toMatchObject({ do: 'press' });
    expect(outcome(fed(typing, seen(atPrompt('rm -rf x'), 5_000)))).toMatchObject({
      status: 'unknown',
      error: 'not_proved',
    });
  });

  it.each([
    {
      shown: 'its end',
      command: `${'a b '.repeat(400)}the end`,
      composer: `…${'a b '.repeat(20)}the end`,
    },
    {
      shown: 'its beginning',
      command: `Begin ${'c d '.repeat(400)}`,
      composer: `Begin ${'c d '.repeat(20)}`,
    },
    { shown: 'it without its `!`', command: '!ls -l', composer: 'ls -l' },
    { shown: 'it with its lines broken', command: 'fix\tall\nof it', composer: 'fix all\nof\nit' },
    { shown: 'it twice', command: 'again', composer: 'again again', before: 'again ' },
    { shown: 'a joined emoji', command: 'go 👩‍👩‍👧 ❤️', composer: 'go 👩👩👧 ❤' },
    { shown: 'as much as a cell holds', command: '日本👩‍👩‍👧‍👦é', composer: '日本👩👩👧é' },
  ])('is entered where the composer shows $shown', ({ command, composer, before = '' }) => {
    const pasted = pastedInto(atPrompt(before), atPrompt(composer), { command });
    expect(step(pasted)).toMatchObject({ do: 'press', keys: ['Enter'] });
  });

  it.each(['1', '???', '👍', '│', '>'])('of `%s` is entered by its whole row', (command) => {
    const pasted = pastedInto(atPrompt(), atPrompt(command), { command });
    expect(step(pasted)).toMatchObject({ do: 'press', guard: { present: [`❯ ${command}`] } });
  });

  it('is entered by its row as it is drawn: with its edges and what blanks it has', () => {
    const drawn = ['❯\u00a0fix', '  a fix', '│ >\u00a0fix  it  │', '│ ? for shortcuts │'];
    const boxed = { ...atPrompt('fix  it'), text: drawn.join('\n') };
    expect(step(pastedInto(atPrompt(), boxed))).toMatchObject({
      guard: { present: ['│ >\u00a0fix  it  │'] },
    });
  });

  it('that was said before is entered by what stands below the composer as well', () => {
    const said = ['❯ fix it', '● Done.', '❯\u00a0fix it', '  ? for shortcuts', ''].join('\n');
    expect(step(pastedInto(atPrompt(), { ...atPrompt('fix it'), text: said }))).toMatchObject({
      guard: { present: ['❯\u00a0fix it', '  ? for shortcuts'] },
    });
  });

  it('is entered by its row where the prompt is a word', () => {
    const drawn = ['1 file changed', '', 'tern> 1', '', '  61 crumbs left'];
    const worded = { ...atPrompt('1'), text: drawn.join('\n') };
    const pasted = pastedInto(atPrompt(), worded, { command: '1' });
    expect(step(pasted)).toMatchObject({ guard: { present: ['tern> 1'] } });
  });

  it('whose row cannot be found on the screen is told by the text alone, which is nowhere', () => {
    const lost = { ...atPrompt('fix it'), text: 'nothing' };
    expect(step(pastedInto(atPrompt(), lost))).toMatchObject({ guard: { present: ['fix it'] } });
  });

  it.each([
    { change: 'deletes a letter of it', draft: 'fix i' },
    { change: 'deletes all but a letter', draft: 'f' },
    { change: 'deletes its beginning', draft: 'x it' },
  ])('of which a person $change is not proved', ({ draft }) => {
    const changed = fed(entered(), seen(atPrompt(draft), 300), seen(atPrompt(draft), 330));
    expect(outcome(changed)).toBe('still to look');
    // Whatever begins to run, it is not what was typed.
    expect(outcome(fed(changed, seen(working(draft), 400)))).toBe('still to look');
    expect(outcome(fed(changed, seen(atPrompt(draft), 8_200)))).toEqual({
      status: 'unknown',
      evidence: 'none',
      error: 'not_proved',
      attempts: 1,
    });
  });

  it('given to a running turn is proved by the composer alone', () => {
    const queued = entered(textOrder(), working());
    expect(outcome(fed(queued, seen(working('fix it'), 300)))).toBe('still to look');
    expect(outcome(fed(queued, seen(working(), 300), seen(working(), 330)))).toEqual(
      sent('composer-emptied'),
    );
  });

  it('that opens a menu of the agent has been taken', () => {
    const menu = asking({ ...APPROVAL, attention: 'other-dialog' });
    const model = entered(textOrder({ command: '/model' }));
    expect(outcome(fed(model, seen(menu, 300)))).toEqual(sent('composer-emptied'));
  });

  it('that is to be left is only seen in the composer', () => {
    const left = fed(
      begin(textOrder({ act: LEAVE }), atPrompt()),
      keys('typed', 0),
      seen(atPrompt('fix it'), 30),
    );
    expect(outcome(left)).toEqual(sent('pasted', 0));
  });
});

describe('force', () => {
  const forced = textOrder({ when: 'force' });

  it('looks at nothing and presses Enter once', () => {
    const pasting = begin(forced, asking());
    expect(step(pasting)).toMatchObject({ do: 'paste', guard: { absent: [], present: [] } });
    const pausing = fed(pasting, keys('typed', 0));
    expect(step(pausing)).toEqual({ do: 'wait', ms: 150 });
    const entering = fed(pausing, tick(150));
    expect(step(entering)).toMatchObject({
      do: 'press',
      keys: ['Enter'],
      guard: { absent: [], present: [] },
    });
    expect(outcome(fed(entering, keys('typed', 160)))).toEqual(sent('forced'));
  });

  it('leaves the text where it is not to be submitted', () => {
    const left = begin({ ...forced, act: LEAVE }, asking());
    expect(outcome(fed(left, keys('typed', 0)))).toEqual(sent('pasted', 0));
  });
});

describe('a plain shell', () => {
  const pasted = fed(
    begin(textOrder({ command: 'echo hi' }), shell('$ '), 'generic'),
    keys('typed', 0),
  );

  it('has its text echoed, and then gets Enter', () => {
    const echoed = fed(pasted, seen(shell('$ echo hi'), 160));
    expect(step(echoed)).toMatchObject({ do: 'press', guard: { absent: [], present: [] } });
    expect(outcome(fed(echoed, keys('typed', 170)))).toEqual(sent('echo'));
  });

  it('counts an echo though the same text stood there before', () => {
    const before = shell('$ echo hi\nhi\n$ ');
    const repeated = fed(
      begin(textOrder({ command: 'echo hi' }), before, 'generic'),
      keys('typed', 0),
    );
    expect(step(fed(repeated, seen(before, 160)))).toMatchObject({ do: 'look' });
    expect(step(fed(repeated, seen(shell('$ echo hi\nhi\n$ echo hi'), 160)))).toMatchObject({
      do: 'press',
    });
  });

  it('that shows nothing gets Enter all the same, and what came of it is unknown', () => {
    const silent = fed(pasted, seen(shell('Password: '), 499), seen(shell('Password: '), 500));
    expect(step(silent)).toMatchObject({ do: 'press' });
    const entering = fed(silent, keys('typed', 510));
    expect(outcome(fed(entering, seen(shell('Password: '), 1_010)))).toEqual({
      status: 'unknown',
      evidence: 'none',
      error: 'not_proved',
      attempts: 1,
    });
    expect(outcome(fed(entering, seen(shell('$ echo hi'), 600)))).toEqual(sent('echo'));
  });

  it('that ends after the text may have run its lines', () => {
    expect(outcome(fed(pasted, gone(20)))).toMatchObject({ status: 'unknown' });
  });
});

describe('an answer', () => {
  it('is the key of its option, while that very dialog shows', () => {
    const choosing = begin(answerTo('d1', '2'), asking(APPROVAL, ['rm -rf build', 'proceed?']));
    expect(step(choosing)).toEqual({
      do: 'press',
      keys: ['2'],
      guard: { absent: [], present: ['rm -rf build', 'proceed?'] },
    });
    const closing = fed(choosing, keys('typed', 0));
    expect(outcome(fed(closing, seen(asking(), 30)))).toBe('still to look');
    expect(outcome(fed(closing, seen(working(), 60)))).toBe('still to look');
    const closed = fed(closing, seen(working(), 60), seen(working(), 90));
    expect(outcome(closed)).toEqual(sent('dialog-closed'));
    const next = seen(asking({ ...APPROVAL, id: 'd2' }), 60);
    expect(outcome(fed(closing, next, next))).toEqual(sent('dialog-closed'));
  });

  it('is not proved by one look that lacks the dialog', () => {
    const closing = fed(begin(answerTo('d1', '2'), asking()), keys('typed', 0));
    const torn = fed(closing, seen(atPrompt(), 30), seen(asking(), 60), seen(atPrompt(), 90));
    expect(outcome(torn)).toBe('still to look');
    expect(outcome(fed(torn, seen(asking(), 5_000)))).toMatchObject({ status: 'unknown' });
  });

  it('is given once a dialog can be read', () => {
    const unclear = begin(answerTo('d1', '1'), unreadable());
    expect(step(unclear)).toMatchObject({ do: 'look' });
    const read = fed(unclear, seen(unreadable(), 30), seen(asking(), 60));
    expect(step(read)).toMatchObject({ do: 'press', keys: ['1'] });
    const torn = fed(read, keys('blocked', 70), seen(unreadable(), 100));
    expect(step(torn)).toMatchObject({ do: 'look' });
    expect(step(fed(torn, seen(asking(), 130)))).toMatchObject({ do: 'press' });
    expect(outcome(fed(torn, seen(unreadable(), 5_000)))).toEqual({
      status: 'failed',
      evidence: 'not-typed',
      error: 'not_answerable',
      attempts: 0,
    });
  });

  it.each([
    { title: 'another dialog', first: asking({ ...APPROVAL, id: 'd9' }), error: 'dialog_stale' },
    { title: 'no dialog', first: atPrompt(), error: 'dialog_stale' },
    { title: 'a choice it does not offer', first: asking(), choice: '7', error: 'choice_unknown' },
  ])('to $title is refused before anything is typed', ({ first, choice = '1', error }) => {
    expect(outcome(begin(answerTo('d1', choice), first))).toEqual({
      status: 'failed',
      evidence: 'not-typed',
      error,
      attempts: 0,
    });
  });

  it('whose dialog changed in between is refused', () => {
    const blocked = fed(begin(answerTo('d1', '1'), asking()), keys('blocked', 5));
    const next = seen(asking({ ...APPROVAL, id: 'd2' }), 40);
    const other = fed(blocked, next, next);
    expect(outcome(other)).toMatchObject({ status: 'failed', error: 'dialog_stale', attempts: 0 });
    expect(step(fed(blocked, seen(asking(), 40)))).toMatchObject({ do: 'press', keys: ['1'] });
    expect(outcome(fed(blocked, tick(5_000)))).toMatchObject({ error: 'not_answerable' });
  });

  it('without a key moves the cursor, and presses Enter only where it is to be seen there', () => {
    const moving = begin(answerTo('trust', '3'), asking(TRUST));
    expect(step(moving)).toMatchObject({ do: 'press', keys: ['Down', 'Down'] });
    const aiming = fed(moving, keys('typed', 0));
    expect(step(fed(aiming, seen(asking(TRUST), 30)))).toMatchObject({ do: 'look' });
    const onlyOne = fed(aiming, seen(asking(withCursorOn(TRUST, '2')), 600));
    expect(step(onlyOne)).toMatchObject({ do: 'press', keys: ['Down'] });
    const there = fed(onlyOne, keys('typed', 610), seen(asking(withCursorOn(TRUST, '3')), 650));
    expect(step(there)).toMatchObject({ do: 'press', keys: ['Enter'] });
    const confirmed = fed(there, keys('typed', 660), gone(700));
    expect(outcome(confirmed)).toEqual(sent('dialog-closed'));
  });

  it('moves up as well as down', () => {
    const below = asking(withCursorOn(TRUST, '3'));
    expect(step(begin(answerTo('trust', '1'), below))).toMatchObject({ keys: ['Up', 'Up'] });
  });

  it('whose cursor does not move, or cannot be seen, is given up', () => {
    let snapshot = begin(answerTo('trust', '3'), asking(TRUST));
    for (const at of [0, 600, 1_200]) {
      expect(step(snapshot)).toMatchObject({ do: 'press', keys: ['Down', 'Down'] });
      snapshot = fed(snapshot, keys('typed', at), seen(asking(TRUST), at + 500));
    }
    expect(outcome(snapshot)).toEqual({
      status: 'failed',
      evidence: 'none',
      error: 'not_answerable',
      attempts: 0,
    });
    const blind = asking(withCursorOn(TRUST, 'none'));
    expect(outcome(begin(answerTo('trust', '3'), blind))).toMatchObject({
      error: 'not_answerable',
    });
  });

  it('never presses `10` as a key, which would be `1`', () => {
    const options = Array.from({ length: 10 }, (_, index) => ({
      id: `${index + 1}`,
      label: `Option ${index + 1}`,
      key: `${index + 1}`,
      preselected: index === 8,
    }));
    const long = asking({ ...APPROVAL, options });
    expect(step(begin(answerTo('d1', '10'), long))).toMatchObject({ keys: ['Down'] });
  });

  it('after which the dialog stays is unknown', () => {
    const closing = fed(begin(answerTo('d1', '1'), asking()), keys('typed', 0));
    expect(outcome(fed(closing, seen(asking(), 5_000)))).toEqual({
      status: 'unknown',
      evidence: 'none',
      error: 'not_proved',
      attempts: 1,
    });
    const left = fed(closing, seen(unreadable(), 60));
    expect(outcome(left)).toBe('still to look');
    expect(outcome(fed(left, seen(unreadable(), 5_000)))).toEqual(sent('dialog-closed'));
  });
});

describe('an interrupt', () => {
  it('presses what interrupts that kind of agent', () => {
    const twice = { ...working(), interruptKeys: ['Escape', 'Escape'] };
    expect(step(begin(INTERRUPT, twice))).toMatchObject({
      do: 'press',
      keys: ['Escape', 'Escape'],
    });
  });

  it('is proved by the end of the turn', () => {
    const ending = fed(begin(INTERRUPT, working()), keys('typed', 0));
    expect(outcome(fed(ending, seen(working(), 100)))).toBe('still to look');
    expect(outcome(fed(ending, seen(asking(), 100)))).toBe('still to look');
    const idle = atPrompt('', { activity: 'idle' });
    expect(outcome(fed(ending, seen(idle, 200)))).toEqual(sent('turn-ended'));
    expect(outcome(fed(ending, seen(working(), 5_000)))).toMatchObject({ status: 'unknown' });
  });

  it.each(['complete', 'idle', 'error'] as const)(
    'has nothing to do where all is %s',
    (activity) => {
      expect(outcome(begin(INTERRUPT, atPrompt('', { activity })))).toEqual({
        status: 'failed',
        evidence: 'not-typed',
        error: 'nothing_running',
        attempts: 0,
      });
    },
  );

  it('is pressed where a dialog is open, or nothing can be told', () => {
    expect(step(begin(INTERRUPT, asking()))).toMatchObject({ do: 'press' });
    expect(step(begin(INTERRUPT, unreadable()))).toMatchObject({ do: 'press' });
  });
});

describe('what is waited for', () => {
  const settling = fed(begin(textOrder(), atPrompt()), keys('typed', 1_000));

  it.each([
    { now: 1_000, afterMs: 30 },
    { now: 1_999, afterMs: 30 },
    { now: 2_000, afterMs: 100 },
    { now: 5_000, afterMs: 100 },
  ])('is looked for again after $afterMs ms at $now', ({ now, afterMs }) => {
    expect(step(settling, now)).toEqual({ do: 'look', afterMs, awaitsPrompt: true });
  });

  it('is looked for often again after each key', () => {
    const proving = fed(settling, seen(atPrompt('fix it'), 3_000), keys('typed', 3_010));
    expect(step(proving, 3_900)).toMatchObject({ afterMs: 30 });
    const closing = fed(begin(answerTo('d1', '1'), asking()), keys('typed', 3_000));
    expect(step(closing, 3_999)).toEqual({ do: 'look', afterMs: 30, awaitsPrompt: false });
    expect(step(closing, 4_000)).toEqual({ do: 'look', afterMs: 100, awaitsPrompt: false });
  });

  it('is as much of the pause before Enter as is left', () => {
    const pausing = fed(begin(textOrder({ when: 'force' }), atPrompt()), keys('typed', 1_000));
    expect(step(pausing, 1_000)).toEqual({ do: 'wait', ms: 150 });
    expect(step(pausing, 1_100)).toEqual({ do: 'wait', ms: 50 });
    expect(step(pausing, 1_200)).toEqual({ do: 'wait', ms: 0 });
  });
});

describe('an answer to a question with several answers', () => {
  const QUESTION: SeenDialog = {
    id: 'q1',
    attention: 'question',
    question: 'Which extras?',
    options: [
      { id: '1', label: 'Metrics', key: null, preselected: true, ticked: false },
      { id: '2', label: 'Logs', key: null, preselected: false, ticked: true },
      { id: '3', label: 'Type', key: null, preselected: false, ticked: false, takesText: true },
      { id: 'submit', label: 'Submit', key: null, preselected: false },
    ],
  };
  const order = (ticks: string[], text?: string): Order => ({
    command: '',
    when: 'now',
    act: {
      ...{ action: 'answer', dialog: 'q1', choice: 'submit', ticks },
      ...(text === undefined ? {} : { text }),
    },
  });
  const ownText = (choice: string, text: string): CommandAct => ({
    ...{ action: 'answer', dialog: 'q1', choice, text },
  });
  /** The dialog with the cursor on that option, these ticked, and perhaps a text. */
  const drawn = (cursor: string, ticked: string[], text?: string): Reading => {
    const options = QUESTION.options.map((option) => ({
      ...option,
      preselected: option.id === cursor,
      ...(option.ticked === undefined ? {} : { ticked: ticked.includes(option.id) }),
      ...(option.takesText && text !== undefined ? { label: text, takesText: false } : {}),
    }));
    return asking({ ...QUESTION, options });
  };
  /** As it is once the dialog is old enough to take keys. */
  const begun = (given: Order, first: Reading): CommandSnapshot =>
    fed(begin(given, first), seen({ ...first }, 500));
  const pressed = { type: 'keys.typed', at: 510 } as const;

  it('waits for a moment before its first key', () => {
    const young = fed(begin(order(['1', '2']), drawn('1', ['2'])), seen(drawn('1', ['2']), 400));
    expect(step(young)).toMatchObject({ do: 'look' });
    expect(step(fed(young, seen(drawn('1', ['2']), 500)))).toMatchObject({ keys: ['Enter'] });
  });

  it('ticks what is wanted, unticks what is not, and submits when all is seen', () => {
    let answer = begun(order(['1']), drawn('1', ['2']));
    expect(step(answer)).toMatchObject({ keys: ['Enter'] });
    answer = fed(answer, pressed, seen(drawn('1', ['2']), 540));
    expect(step(answer)).toMatchObject({ do: 'look' });
    answer = fed(answer, seen(drawn('1', ['1', '2']), 570));
    expect(step(answer)).toMatchObject({ keys: ['Down'] });
    answer = fed(answer, pressed, seen(drawn('2', ['1', '2']), 600));
    expect(step(answer)).toMatchObject({ keys: ['Enter'] });
    answer = fed(answer, pressed, seen(drawn('2', ['1']), 630));
    // One row at a time: arrows that come together may be lost.
    expect(step(answer)).toMatchObject({ keys: ['Down'] });
    answer = fed(answer, pressed, seen(drawn('3', ['1']), 660));
    answer = fed(answer, pressed, seen(drawn('submit', ['1']), 690));
    expect(step(answer)).toMatchObject({ keys: ['Enter'] });
    const closed = fed(answer, pressed, seen(working(), 720), seen(working(), 750));
    expect(outcome(closed)).toEqual(sent('dialog-closed', 3));
  });

  it('types the text once, and submits it only where it stands whole', () => {
    let answer = begun(order(['3'], 'my own'), drawn('3', []));
    expect(step(answer)).toMatchObject({ do: 'paste', text: 'my own' });
    answer = fed(answer, pressed, seen(drawn('3', ['3'], 'my'), 540));
    expect(step(answer)).toMatchObject({ do: 'look' });
    // It stands there, but an Enter as soon as this may be swallowed.
    answer = fed(answer, seen(drawn('3', ['3'], 'my own'), 600));
    expect(step(answer)).toMatchObject({ do: 'look' });
    answer = fed(answer, seen(drawn('3', ['3'], 'my own'), 700));
    expect(step(answer)).toMatchObject({ keys: ['Down'] });
    const half = fed(begun(order(['3'], 'my own'), drawn('3', [])), pressed);
    const late = fed(half, seen(drawn('3', ['3'], 'my'), 6_000));
    expect(outcome(late)).toMatchObject({ status: 'unknown', error: 'not_proved', attempts: 0 });
  });

  it('presses no key twice that was not seen to do anything', () => {
    const ticked = fed(begun(order(['1', '2']), drawn('1', ['2'])), pressed);
    const late = fed(ticked, seen(drawn('1', ['2']), 2_000), seen(drawn('1', ['2']), 5_600));
    expect(outcome(late)).toMatchObject({ status: 'unknown', error: 'not_proved', attempts: 1 });
    const lost = fed(ticked, seen(working(), 600), seen(working(), 5_600));
    expect(outcome(lost)).toMatchObject({ status: 'unknown', error: 'not_proved' });
  });

  it('is refused where another question stands there instead', () => {
    const ticked = fed(begun(order(['1']), drawn('1', ['2'])), pressed);
    const other = fed(ticked, seen(drawn('1', ['1', '2']), 540), pressed);
    const stale = fed(other, seen(asking(APPROVAL), 600), seen(asking(APPROVAL), 630));
    expect(outcome(stale)).toMatchObject({
      ...{ status: 'failed', evidence: 'none', error: 'dialog_stale' },
    });
  });

  it('goes on where one look was half drawn', () => {
    const moving = fed(begun(order(['1', '2', '3']), drawn('2', ['1'])), pressed);
    const aiming = fed(moving, seen(drawn('2', ['1', '2']), 540), pressed);
    const half = asking({ ...QUESTION, id: 'half', options: QUESTION.options.slice(0, 2) });
    const torn = fed(aiming, seen(half, 570));
    expect(step(torn)).toMatchObject({ do: 'look' });
    const whole = fed(torn, seen(drawn('3', ['1', '2']), 600), seen(drawn('3', ['1', '2']), 630));
    expect(step(whole)).toMatchObject({ do: 'press', keys: ['Enter'] });
    // Nor is a screen that never comes to rest waited for without an end.
    const restless = fed(torn, seen(drawn('2', ['1', '2']), 600), seen(half, 6_000));
    expect(outcome(restless)).toMatchObject({ status: 'failed', error: 'not_answerable' });
  });

  it.each([
    { given: order(['3'], 'my own'), what: 'a question with several answers' },
    { given: { ...order([], 'my own'), act: ownText('3', 'my own') }, what: 'one answer' },
  ])('never submits a text that somebody goes on with: $what', ({ given }) => {
    let answer = fed(begun(given, drawn('3', [])), pressed);
    answer = fed(answer, seen(drawn('3', ['3'], 'my own'), 700));
    expect(step(answer)).toMatchObject({ do: 'press' });
    const altered = seen(drawn('3', ['3'], 'my own, but not today'), 740);
    answer = fed(answer, { type: 'keys.blocked', at: 710 }, altered);
    expect(step(answer)).toMatchObject({ do: 'look' });
    expect(outcome(fed(answer, altered))).toMatchObject({
      ...{ status: 'failed', evidence: 'none', error: 'not_answerable' },
    });
    // The look may only have been half drawn.
    const whole = seen(drawn('3', ['3'], 'my own'), 770);
    expect(step(fed(answer, whole, whole))).toMatchObject({ do: 'press' });
  });

  it.each([
    { own: '日本語👩‍👩‍👧‍👦é', shown: '日本語👩👩👧é', is: true },
    { own: '🏴󠁧󠁢󠁥󠁮󠁧󠁿👩🏽‍❤️‍💋‍👩🏽', shown: '🏴👩🏽❤💋🏽', is: true },
    { own: `e${'\u0301'.repeat(15)}s`, shown: `e${'\u0301'.repeat(10)}s`, is: true },
    { own: '日本語👩‍👩‍👧é', shown: '日本語👩👩é', is: false },
    { own: '日本語👩‍👩‍👧‍👦é', shown: '日本語👩👩👧', is: false },
    { own: '日本語👩‍👩‍👧‍👦é', shown: '日本語👩👩👧éé', is: false },
    { own: '日本語👩‍👩‍👧‍👦é', shown: '日本語é', is: false },
  ])('has $own for whole where $shown stands there: $is', ({ own, shown, is }) => {
    const filling = fed(begun(order(['3'], own), drawn('3', [])), pressed);
    const answer = fed(filling, seen(drawn('3', ['3'], shown), 700));
    expect(step(answer)).toMatchObject({ do: is ? 'press' : 'look' });
  });

  it('ticks its own text again where somebody took the tick away', () => {
    let answer = fed(begun(order(['3'], 'my own'), drawn('3', [])), pressed);
    answer = fed(answer, seen(drawn('3', ['3'], 'my own'), 700), { type: 'keys.blocked', at: 710 });
    expect(step(fed(answer, seen(drawn('3', [], 'my own'), 740)))).toMatchObject({
      ...{ do: 'press', keys: ['Enter'] },
    });
  });

  it('ticks as many options as there are', () => {
    const many = Array.from({ length: 30 }, (_, at) => `${at + 1}`);
    const all = (ticked: number, cursor: number) =>
      asking({
        ...QUESTION,
        options: [
          ...many.map((id, at) => ({
            ...{ id, label: id, key: null, preselected: at === cursor, ticked: at < ticked },
          })),
          { id: 'submit', label: 'Submit', key: null, preselected: cursor === 30 },
        ],
      });
    let answer = begun(order(many), all(0, 0));
    for (let at = 0; at < 30; at += 1) {
      expect(step(answer)).toMatchObject({ keys: ['Enter'] });
      answer = fed(answer, pressed, seen(all(at + 1, at), 540), pressed);
      answer = fed(answer, seen(all(at + 1, at + 1), 570));
    }
    const closed = fed(answer, pressed, seen(working(), 720), seen(working(), 750));
    expect(outcome(closed)).toEqual(sent('dialog-closed', 31));
  });

  it('gives up where somebody else goes on ticking', () => {
    let answer = begun(order(['1', '2']), drawn('1', ['2']));
    for (let times = 0; times < QUESTION.options.length + 3; times += 1) {
      answer = fed(answer, pressed, seen(drawn('1', ['1', '2']), 540));
      expect(step(answer)).toMatchObject({ keys: ['Down'] });
      answer = fed(answer, { type: 'keys.blocked', at: 550 }, seen(drawn('1', ['2']), 560));
    }
    expect(outcome(answer)).toMatchObject({ status: 'failed', error: 'not_answerable' });
  });
});
