/** Screens of every kind, drawn as they were never recorded. */

import { describe, expect, it } from 'vitest';
import { judge, type RecordedScreen, recordedScreens } from '../../../accuracy/screens.ts';
import type { Verdict } from '../../../machines/vocabulary.ts';
import { lowered, rewrap } from './redraw.ts';

type Change = (screen: RecordedScreen) => string;

const screens = recordedScreens().filter(({ state }) => state !== 'dead');

const changedBy = (change: Change, only = screens) =>
  only
    .map((screen) => ({ screen, text: change(screen) }))
    .filter(({ screen, text }) => text !== screen.text);

const isRunning = ({ activity }: Verdict): boolean =>
  activity === 'reading' || activity === 'working';

/** Less may be seen of a screen than before, but nothing that is not so. */
const isSafe = (before: Verdict, after: Verdict): boolean => {
  if (before.attention === 'none' && after.attention !== 'none') return false;
  if (after.activity === before.activity) return true;
  if (after.activity === 'complete' || after.activity === 'error') return false;
  return !isRunning(after) || isRunning(before);
};

/** The same, as far as it can be seen: what was written above may be out of sight. */
const isSame = (before: Verdict, after: Verdict): boolean =>
  after.attention === before.attention &&
  (after.activity === before.activity || (isRunning(before) && isRunning(after)));

const told = (screen: RecordedScreen, verdict: Verdict): string =>
  `${screen.file}: ${verdict.activity}, ${verdict.attention} by ${verdict.rule}`;

const expectAll = (
  holds: (before: Verdict, after: Verdict) => boolean,
  changed: { screen: RecordedScreen; text: string }[],
  title?: string,
): void => {
  const wrong = changed
    .map(({ screen, text }) => {
      const after = judge({ ...screen, text, title: title ?? screen.title });
      return holds(judge(screen), after) ? null : told(screen, after);
    })
    .filter((each) => each !== null);
  expect(wrong).toEqual([]);
};

describe('no false end, error or dialog', () => {
  it.each([
    [200, 60],
    [120, 8],
    [80, 24],
    [60, 16],
    [40, 12],
    [30, 8],
  ])('in a pane of %i columns and %i rows', (width, height) => {
    const changed = changedBy(({ text }) => lowered(rewrap(text, width), height));
    expect(changed.length).toBeGreaterThan(200);
    expectAll(isSafe, changed);
    expectAll(isSafe, changed, '');
  });

  it.each(['', 'user@host: ~/project', 'Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA'])(
    'with the title %j',
    (title) => {
      expectAll(
        isSafe,
        screens.map((screen) => ({ screen, text: screen.text })),
        title,
      );
    },
  );

  it('without the lines below the input box', () => {
    expectAll(isSafe, changedBy(withoutFooter));
  });
});

describe('the same verdict', () => {
  it.each([60, 80, 100, 200])('%i columns wide', (width) => {
    // Scrolled back, the spinner and the end are told by lines that wrap.
    const changed = changedBy(({ text }) => rewrap(text, width));
    expectAll(
      isSame,
      changed.filter(({ screen }) => !screen.file.includes('140-scrolled-up')),
    );
  });

  it.each([
    ['a status line of the user’s own', ['  ~/project  main*  43%', '  -- INSERT -- | 5m 3s']],
    ['one at the left edge', ['[Opus] project | main | 12% used']],
    ['a prompt-like one', [' project  main ✔  12:44 ', '⎇ main | ● 3 | ❯ node 24']],
  ])('with %s below', (_, lines) => {
    const changed = changedBy((screen) => withFooter(screen, lines));
    expect(changed.length).toBeGreaterThan(150);
    expectAll(isSame, changed);
  });

  it('with the bullet that is drawn on other systems', () => {
    expectAll(
      isSame,
      changedBy(({ text }) => text.replace(/^● /gm, '⏺ '), of('claude-code')),
    );
  });

  it('with the prompt of older versions', () => {
    expectAll(
      isSame,
      changedBy(({ text }) => text.replace(/^❯/gm, '>'), of('claude-code')),
    );
  });

  it('where a turn’s time is not told', () => {
    const ended = of('claude-code').filter((screen) => {
      const { activity, reason, composer } = judge(screen);
      // Under a draft, or with the answer’s beginning out of sight, an interrupted turn looks so too.
      const isClear = composer.content === 'empty' && !/139-long|14[01]-/.test(screen.file);
      return activity === 'complete' && reason === 'done' && isClear;
    });
    const changed = changedBy(({ text }) => text.replace(/^\S \S+ for \d.*$/gmu, ''), ended);
    expect(changed.length).toBeGreaterThan(15);
    expectAll(isSame, changed);
  });
});

describe('a dialog is found', () => {
  const asking = screens.filter(({ state }) => state.startsWith('waiting'));
  const numbered = asking.filter(({ text }) => /[❯›●] 1\. /u.test(text));
  const wording = [
    [/1\. Yes$/gm, '1. Allow once'],
    [/(\d)\. No\b/g, "$1. Don't allow"],
    [/Do you want to proceed\?/g, 'Allow this command?'],
    [/Do you want to make this edit to/g, 'Apply the change to'],
    [/Would you like to run the following command\?/g, 'Allow command?'],
  ] as const;

  it.each(['▶', '>', '→', '➜', '❯', '›'])('with the cursor %s', (cursor) => {
    expect(numbered.length).toBeGreaterThan(20);
    const marked = `$1${cursor} `;
    const change: Change = ({ text }) => text.replace(/^([│┃ ]*)[❯›●] (?=1\.)/gmu, marked);
    for (const { screen, text } of changedBy(change, numbered)) {
      const { attention, dialog } = judge({ ...screen, text });
      expect(attention, screen.file).toBe(judge(screen).attention);
      expect(dialog?.options.map(({ preselected }) => preselected)).toEqual(
        judge(screen).dialog?.options.map(({ preselected }) => preselected),
      );
      expect(dialog?.id).toBe(judge(screen).dialog?.id);
    }
  });

  it('with other numbers', () => {
    const change: Change = ({ text }) => text.replace(/^([│┃ ]*[❯›●]? ?)(\d)\. /gmu, '$1$2) ');
    const changed = changedBy(change, numbered);
    expect(changed.length).toBeGreaterThan(20);
    expectAll(isSame, changed);
  });

  it('in other words', () => {
    const change: Change = ({ text }) =>
      wording.reduce((changed, [from, to]) => changed.replace(from, to), text);
    const changed = changedBy(change, asking);
    expect(changed.length).toBeGreaterThan(15);
    expectAll(isSame, changed);
  });

  it.each([
    ['without', ''],
    ['with other words on', ' Pick one with the arrows'],
  ])('%s the line that tells the keys', (_, hint) => {
    const change: Change = ({ text }) => text.replace(/^ ?(?:Enter to|Esc to) .*$/gm, hint);
    // Its keys are all that one of them has.
    const listed = of('claude-code').filter(({ file }) => !file.includes('06-auto-mode'));
    const changed = changedBy(
      change,
      listed.filter((each) => asking.includes(each)),
    );
    expect(changed.length).toBeGreaterThan(10);
    for (const { screen, text } of changed)
      expect(judge({ ...screen, text }).attention, screen.file).toBe(judge(screen).attention);
  });

  it('in a pane of 80 columns and 24 rows', () => {
    // There the call that one of them is about is out of sight.
    const whole = asking.filter(({ file }) => !file.includes('06-auto-mode'));
    const changed = changedBy(({ text }) => lowered(rewrap(text, 80), 24), whole);
    expect(changed.length).toBeGreaterThan(25);
    expectAll(isSame, changed);
    expectAll(isSame, changed, '');
  });

  it('where only its last options fit into the pane', () => {
    const tiny = screens.find(({ file }) => file.includes('170-tiny-permission-edit'));
    const text = lowered(rewrap(tiny?.text ?? '', 30), 8);
    expect(text).not.toContain('1. Yes');
    expect(judge({ ...tiny, text })).toMatchObject({
      attention: 'approval',
      dialog: { options: [{ id: '3', label: 'No', key: '3' }] },
    });
  });
});

function of(kind: RecordedScreen['kind']): RecordedScreen[] {
  return screens.filter((screen) => screen.kind === kind);
}

const RULE = /^[─▔━]{8,}/u;

function withFooter({ file, text, state }: RecordedScreen, lines: readonly string[]): string {
  // A menu stands where the line of the user's own would.
  const hasDialog = state.startsWith('waiting') || file.includes('103-model-picker');
  const isAtPrompt = !hasDialog && RULE.test(text.split('\n').findLast(isRuled) ?? '');
  return isAtPrompt ? [text.trimEnd(), ...lines].join('\n') : text;
}

function withoutFooter({ text, state }: RecordedScreen): string {
  const lines = text.trimEnd().split('\n');
  const rule = lines.findLastIndex(isRuled);
  if (rule < 0 || lines.length - rule > 6 || state.startsWith('waiting')) return text;
  return lines.slice(0, rule + 1).join('\n');
}

function isRuled(line: string): boolean {
  return RULE.test(line);
}
