import { describe, expect, it } from 'vitest';
import { isRight, otherLabel } from '../../../accuracy/scoring.ts';
import { colouredScreens, judge, recordedScreens } from '../../../accuracy/screens.ts';
import { count, NOTHING_COUNTED } from '../../../machines/counting.ts';
import { recordedRun, recordedScreen } from './screens.ts';

const all = [...recordedScreens(), ...colouredScreens()];

describe('recorded screens', () => {
  it.each(all.filter(({ file }) => !otherLabel(file)))('$file is $state', (screen) => {
    const verdict = judge(screen);
    expect(isRight(screen, verdict), `${verdict.activity} by ${verdict.rule}`).toBe(true);
  });

  it.each(all.filter(({ file }) => otherLabel(file)))('$file is told otherwise', (screen) => {
    expect(judge(screen).activity).toBe(otherLabel(screen.file)?.says);
  });

  it('are nearly all told as labelled', () => {
    const claude = recordedScreens('claude-code');
    const right = claude.filter((screen) => isRight(screen, judge(screen)));
    expect(right.length / claude.length).toBeGreaterThanOrEqual(0.98);
  });

  it.each(recordedScreens('claude-code').filter(({ state }) => state !== 'dead'))(
    '$file is told without the title, as far as the screen shows it',
    (screen) => {
      const verdict = judge({ ...screen, title: '' });
      // Scrolled back or in the transcript view, only the title tells that nothing is running.
      const needsTitle = /140-scrolled-up|141-transcript-view/.test(screen.file);
      if (needsTitle) expect(['idle', 'unknown']).toContain(verdict.activity);
      else expect(verdict).toEqual(judge(screen));
    },
  );

  it('show a turn that has visibly written as working', () => {
    const written = recordedScreens('claude-code').filter(
      ({ filesWritten, text, state }) =>
        state === 'working' && (filesWritten ?? 0) > 0 && /(Update|Write)\(|Wrote \d/.test(text),
    );
    expect(written.length).toBeGreaterThan(5);
    for (const screen of written) expect(judge(screen).activity, screen.file).toBe('working');
  });
});

describe('dialogs', () => {
  const asking = recordedScreens().filter(({ state }) => state.startsWith('waiting-'));
  const others = recordedScreens().filter(({ state }) => !state.startsWith('waiting-'));

  it.each(asking)('$file has options and one id wherever the cursor stands', (screen) => {
    const { dialog } = judge(screen);
    expect(dialog?.options.length).toBeGreaterThanOrEqual(2);
    expect(dialog?.question).not.toBe('');
    expect(dialog?.options.filter(({ preselected }) => preselected).length).toBeLessThanOrEqual(1);
  });

  it.each(others)('$file has none that a person must answer', (screen) => {
    expect(['none', 'other-dialog']).toContain(judge(screen).attention);
  });

  it.each([
    {
      file: 'claude-code/2.1.330/51-permission-bash.txt',
      question: 'Do you want to proceed?',
      options: [
        ['Yes', '1'],
        ['Yes, and don’t ask again for: npm test *', '2'],
        ['Yes, and switch to auto mode · auto mode handles these prompts for you', '3'],
        ['No', '4'],
      ],
      preselected: 'Yes',
    },
    {
      file: 'claude-code/2.1.330/170-tiny-permission-edit.txt',
      question: 'Do you want to make this edit to parser.js?',
      options: [
        ['Yes', '1'],
        [
          'Yes, and switch to accept edits (auto-approve file edits and common file commands) for this session (shift+tab)',
          '2',
        ],
        ['No', '3'],
      ],
      preselected: 'Yes',
    },
    {
      file: 'claude-code/2.1.330/02-trust-folder-dialog.txt',
      question: expect.stringContaining('Is this a project you created or one you trust?'),
      options: [
        ['No, exit', null],
        ['Yes, I trust this folder', null],
      ],
      preselected: 'No, exit',
    },
    {
      file: 'claude-code/2.1.330/04-api-key-dialog.txt',
      question: 'Do you want to use this API key?',
      options: [
        ['Yes', null],
        ['No (recommended)', null],
      ],
      preselected: 'No (recommended)',
    },
    {
      file: 'claude-code/2.1.330/06-auto-mode-cannot-check-dialog.txt',
      question: "Auto mode can't check actions in this session",
      options: [
        ['stay in auto mode', 'Enter'],
        ['leave for accept edits mode and stop', 'BTab'],
        ['cancel', 'Escape'],
      ],
      preselected: undefined,
    },
    {
      file: 'claude-code/2.1.330/73-ask-user-question.txt',
      question: 'Which output format should the tokenizer use?',
      options: [
        ['Array', '1'],
        ['Iterator', '2'],
        ['Objects', '3'],
        ['Type something.', '4'],
        ['Chat about this', '5'],
      ],
      preselected: 'Array',
    },
    {
      file: 'claude-code/2.1.330/80-ask-user-question-multi-tab2.txt',
      question: 'Which extras do you want?',
      options: [
        ['Types', null],
        ['Docs', null],
        ['Type something', null],
        ['Submit', null],
        ['Chat about this', '4'],
      ],
      preselected: 'Types',
    },
    {
      file: 'codex/0.169.0/25-approval-command.txt',
      question: 'Would you like to run the following command?',
      options: [
        ['Yes, proceed (y)', 'y'],
        ["Yes, and don't ask again for commands that start with `sleep 8` (p)", 'p'],
        ['No, and tell Codex what to do differently (esc)', 'Escape'],
      ],
      preselected: 'Yes, proceed (y)',
    },
    {
      file: 'gemini-cli/0.61.0/06-approval-bash.txt',
      question: 'Allow execution of [Shell]?',
      options: [
        ['Allow once', '1'],
        ['Allow for this session', '2'],
        ['No, suggest changes (esc)', '3'],
      ],
      preselected: 'Allow once',
    },
    {
      file: 'opencode/1.18.33/07-approval-bash.txt',
      question: '△ Permission required',
      options: [
        ['Allow once', null],
        ['Allow always', null],
        ['Reject', null],
      ],
      preselected: undefined,
    },
  ])('$file offers what it shows', ({ file, question, options, preselected }) => {
    const { dialog } = judge(recordedScreen(file));
    expect(dialog?.question).toEqual(question);
    expect(dialog?.options.map(({ label, key }) => [label, key])).toEqual(options);
    expect(dialog?.options.find((option) => option.preselected)?.label).toBe(preselected);
  });

  it('keep their id while the cursor moves, and change it with what they ask', () => {
    const id = (name: string) => judge(recordedScreen(`claude-code/2.1.330/${name}`)).dialog?.id;
    expect(id('02-trust-folder-dialog.txt')).toBe(id('03-trust-folder-dialog-yes.txt'));
    expect(id('43-permission-edit.txt')).not.toBe(id('47-permission-write.txt'));
    const asking = recordedScreen('claude-code/2.1.330/51-permission-bash.txt');
    const longer = { ...asking, text: asking.text.replaceAll('sleep 8;', 'sleep 9;') };
    expect(judge(longer).dialog?.id).not.toBe(judge(asking).dialog?.id);
  });
});

describe('the input box', () => {
  it.each([
    ['05-welcome-idle-auto-mode.txt', 'empty', ''],
    ['100-idle-with-draft.txt', 'draft', 'Think about ithalf written prompt'],
    ['197-input-paste-2-lines.txt', 'draft', 'alpha line\nbeta line'],
    ['199-input-paste-12-lines.txt', 'paste', '[Pasted text #3 +11 lines]'],
    ['84-api-429-failed.txt', 'placeholder', ''],
    ['84-api-429-failed.ansi', 'placeholder', ''],
    ['100-idle-with-draft.ansi', 'draft', 'Think about ithalf written prompt'],
    ['43-permission-edit.txt', 'absent', ''],
  ])('%s: %s', (name, content, text) => {
    const file = `claude-code/2.1.330/${name}`;
    const screen = all.find((each) => each.file === file);
    expect(screen).toBeDefined();
    expect(judge(screen ?? {}).composer).toEqual({ content, text });
  });
});

describe('the task list', () => {
  const withList = recordedScreens('claude-code').filter(
    ({ progress, text }) => progress && /[◻◼✔] /.test(text) && !progress.startsWith('3/'),
  );

  it.each(withList)('$file: $progress', (screen) => {
    const [done = 0, total = 0] = (screen.progress ?? '').split('/').map(Number);
    const { todos, progress } = judge(screen);
    expect(progress).toBe(Math.floor((100 * done) / total));
    expect(todos).toHaveLength(total);
    expect(todos.filter(({ status }) => status === 'done')).toHaveLength(done);
  });
});

describe('recorded runs', () => {
  const verdicts = (name: string) =>
    recordedRun(name).map((frame) => ({ ...frame, verdict: judge(frame) }));

  it.each([
    'claude-code-2.1.330-edits-80x24',
    'claude-code-2.1.330-edits-inline',
    'claude-code-2.1.197-edits',
  ])('%s: each tool call is counted once', (name) => {
    const counted = verdicts(name).reduce(
      (sum, { verdict }) => count(sum, verdict.sightings),
      NOTHING_COUNTED,
    );
    expect(counted.indicators).toMatchObject({
      filesRead: 4,
      filesEdited: 1,
      filesWritten: 1,
      bashCommands: 2,
      toolCalls: 8,
    });
  });

  it('never shows a turn as over before it is', () => {
    for (const { t, verdict } of verdicts('claude-code-2.1.330-subagents'))
      if (t > 2.5 && t < 26) expect(['reading', 'working'], `at ${t}`).toContain(verdict.activity);
  });
});

describe('the fingerprint', () => {
  const silent = recordedScreens('claude-code').filter(({ file }) => /hang2-\d+s/.test(file));
  const fingerprint = (name: string) =>
    judge(recordedScreen(`claude-code/2.1.330/${name}`)).fingerprint;

  it('stays while only the spinner, its clock, its tokens, a tip and a bullet change', () => {
    const waiting = silent.filter(({ state, file }) => state !== 'error' && !/-20s/.test(file));
    expect(waiting.length).toBeGreaterThan(6);
    expect(new Set(waiting.map((screen) => judge(screen).fingerprint)).size).toBe(1);
  });

  it('stays while a running tool only counts its seconds', () => {
    const later = recordedScreen('claude-code/2.1.330/168-bash-running.txt');
    const earlier = { ...later, text: later.text.replaceAll('3s', '1m 12s') };
    expect(earlier.text).not.toBe(later.text);
    expect(judge(earlier).fingerprint).toBe(judge(later).fingerprint);
  });

  it('changes with a tool, with a task that is done, and with an answer', () => {
    const names = [
      '35-after-read-2.txt',
      '39-tasks-0-of-3.txt',
      '41-tasks-in-progress-1.txt',
      '45-tasks-1-of-3.txt',
      '57-complete.txt',
    ];
    expect(new Set(names.map(fingerprint)).size).toBe(names.length);
  });

  it('does not change with what a person types', () => {
    const idle = recordedScreen('claude-code/2.1.330/90-background-bash-finished.txt');
    const typed = { ...idle, text: idle.text.replace(/^❯\u00a0 *$/m, '❯\u00a0and then') };
    expect(typed.text).not.toBe(idle.text);
    expect(judge(typed).fingerprint).toBe(judge(idle).fingerprint);
  });
});

describe('what every object has', () => {
  const names = Object.getOwnPropertyNames(Object.prototype);

  it.each(names)('a command named %s is a command', (name) => {
    const asking = recordedScreen('claude-code/2.1.330/51-permission-bash.txt');
    const text = asking.text.replaceAll('npm test', `${name} --version`);
    expect(judge({ ...asking, text }).attention).toBe('approval');
  });

  it.each(names)('an option’s key named %s is that key', (name) => {
    const rows = ['  Would you like to run it?', '', `› 1. Yes (${name})`, '  2. No (esc)', ''];
    const text = [...rows, '  Press enter to confirm or esc to cancel'].join('\n');
    const verdict = judge({ kind: 'codex', text });
    expect(verdict.dialog?.options.map(({ key }) => key)).toEqual([name, 'Escape']);
    // As it goes from the thread that judges.
    expect(structuredClone(verdict)).toEqual(verdict);
  });

  it.each(names)('a line that names %s among the keys names none', (name) => {
    const rows = ['─'.repeat(40), ' Stay?', '', ` ${name} to leave · Esc to cancel`];
    const { dialog } = judge({ text: rows.join('\n') });
    expect(dialog?.options.map(({ key }) => key)).toEqual(['Escape']);
  });

  it.each(names)('a kind named %s is judged like any that is not known', (kind) => {
    const text = 'user@host:~$ ';
    expect(judge({ kind, text, command: 'bash' })).toEqual(
      judge({ kind: 'generic', text, command: 'bash' }),
    );
  });
});
