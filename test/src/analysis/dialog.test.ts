import { describe, expect, it } from 'vitest';
import { judge, recordedScreens } from '../../../accuracy/screens.ts';
import { gist, recordedScreen } from './screens.ts';

const RULE = '─'.repeat(80);
const asking = recordedScreen('claude-code/2.1.330/43-permission-edit.txt');
const command = recordedScreen('claude-code/2.1.330/51-permission-bash.txt');

describe('a dialog is told by what it asks', () => {
  it.each([
    ['a file’s name', 'make this edit to parser.js', 'make this edit to login.js'],
    ['a folder’s name', 'make this edit to parser.js', 'make this edit to trust/limit.md'],
  ])('not by %s', (_, from, to) => {
    const text = asking.text.replace(from, to);
    expect(text).not.toBe(asking.text);
    expect(judge({ ...asking, text }).attention).toBe('approval');
  });

  it('not by the command that it is about', () => {
    const text = command.text.replaceAll('npm test', 'npm upgrade trust login');
    expect(judge({ ...command, text }).attention).toBe('approval');
  });

  it.each([
    {
      attention: 'approval',
      lines: [
        ' Ready to code?',
        '',
        ' Here is Claude’s plan:',
        '╌'.repeat(80),
        '  1. Push the last token. Is this enough? Do you want to see more?',
        '╌'.repeat(80),
        '',
        ' Claude has written up a plan. Would you like to proceed?',
        '',
        ' ❯ 1. Yes, and auto-accept edits',
        '   2. Yes, and manually approve edits',
        '   3. No, keep planning',
        '',
        ' ctrl+g to edit in Vim',
      ],
    },
    {
      attention: 'limit',
      lines: [
        ' What do you want to do?',
        '',
        ' ❯ 1. Stop and wait for limit to reset',
        '   2. Upgrade your plan',
        '',
        ' Enter to confirm · Esc to cancel',
      ],
    },
    {
      attention: 'login',
      lines: [
        ' Select login method:',
        '',
        ' ❯ 1. Claude account with subscription',
        '   2. Anthropic Console account',
        '',
        ' Enter to confirm · Esc to cancel',
      ],
    },
    {
      attention: 'question',
      lines: [
        '←  ☒ Format  ☒ Extras  ✔ Submit  →',
        '',
        'Ready to submit your answers?',
        '',
        '❯ 1. Submit answers',
        '  2. Cancel',
        '',
        'Enter to select · Tab/Arrow keys to navigate · Esc to',
        'cancel',
      ],
    },
    {
      attention: 'other-dialog',
      lines: [
        ' Choose the text style that looks best with your terminal',
        '',
        ' ❯ 1. Dark mode ✔',
        '   2. Light mode',
        '',
        ' Enter to confirm · Esc to cancel',
      ],
    },
  ])('$attention', ({ attention, lines }) => {
    // As wide as the pane in which the last line is wrapped.
    const verdict = judge({ text: [RULE.slice(0, 58), ...lines].join('\n') });
    expect(verdict.attention).toBe(attention);
    expect(verdict.dialog?.options.length).toBeGreaterThanOrEqual(2);
    expect(verdict.dialog?.options[0]).toMatchObject({ id: '1', key: '1', preselected: true });
  });
});

it('a dialog above a shell’s prompt is only printed', () => {
  const rows = asking.text.split('\n');
  const hint = rows.findIndex((line) => line.includes('Esc to cancel'));
  const printed = ['user@host:~$ cat doc.md', ...rows.slice(0, hint + 1)];
  expect(judge({ text: printed.join('\n') }).attention).toBe('approval');
  for (const prompt of ['user@host:~$ ', '➜  project git:(main) ✗ %', 'user@host:~$ ls'])
    expect(judge({ text: [...printed, prompt].join('\n') })).toMatchObject({
      attention: 'none',
      dialog: null,
    });
});

describe('under a dialog the turn stands still', () => {
  const turn = ['❯ Do it', '', '● Update(src/a.ts)', '  ⎿  Added 2 lines', ''];
  const question = [RULE, ' ☐ Next', '', 'What next?', '', '❯ 1. This', '  2. That', ''];
  const hint = 'Enter to select · ↑/↓ to navigate · Esc to cancel';

  it('at what it has done', () => {
    expect(judge({ text: [...turn, ...question, hint].join('\n') })).toMatchObject({
      activity: 'working',
      attention: 'question',
    });
  });

  it('without the call that the dialog asks about', () => {
    const verdict = judge(asking);
    expect(verdict.activity).toBe('reading');
    expect(verdict.sightings.map(({ tool }) => tool)).not.toContain('edit');
  });

  it('at nothing, where a menu was opened by a person', () => {
    const menu = recordedScreen('claude-code/2.1.330/103-model-picker.txt');
    expect(judge(menu)).toMatchObject({ activity: 'unknown', attention: 'other-dialog' });
    expect(judge({ ...menu, title: '◐ Claude Code' }).activity).toBe('reading');
  });

  it('with its tasks below', () => {
    const long = asking.text.replace(
      '◻ Run the test suite',
      '◻ Run the whole test suite\n     again',
    );
    expect(judge({ ...asking, text: long })).toMatchObject({ attention: 'approval', progress: 0 });
  });
});

describe('a prompt that waits in the queue', () => {
  const running = recordedScreen('claude-code/2.1.330/45-tasks-1-of-3.txt');
  const queued = ['❯ and then this', '  ⎿  Queued · ctrl+x ctrl+s to send now', ''];
  const rows = running.text.split('\n');

  it.each([
    ['above the spinner', rows.findIndex((line) => /^[·✢*✶✻✽] /.test(line))],
    ['below the spinner', rows.findIndex((line) => line.startsWith('────'))],
  ])('begins no turn %s', (_, row) => {
    expect(row).toBeGreaterThan(0);
    const text = rows.toSpliced(row, 0, ...queued).join('\n');
    expect(judge({ ...running, text })).toMatchObject({
      activity: 'working',
      rule: 'claude-code.spinner',
      progress: 33,
    });
  });
});

describe('what a dialog shows decides nothing', () => {
  /** The screen with these lines below the command that it asks about, drawn as that is. */
  const showing = (file: string, command: string, rows: readonly string[]) => {
    const screen = recordedScreen(file);
    const lines = screen.text.split('\n');
    const at = lines.findLastIndex((line) => line.includes(command) && !/\d\. /.test(line));
    const line = lines[at] as string;
    const drawn = rows.map((row) => {
      const start = line.indexOf(command);
      const shown = row.padEnd(command.length);
      return line.slice(0, start).replace('$', ' ') + shown + line.slice(start + shown.length);
    });
    return { ...screen, text: lines.toSpliced(at + 1, 0, ...drawn).join('\n') };
  };

  const contents = [
    ['a tick', [' ✔ all tests passed', ' ☐ one is left']],
    ['a login', ['Select login method']],
    ['a question', ['Question 1/2', 'Do you trust the files here?']],
    ['what asks', ['needs information', 'Do you trust me?']],
    ['a box with a prompt', ['╭────────────╮', '│ > x        │', '╰────────────╯']],
  ] as const;
  const screens = [
    ['claude-code/2.1.330/51-permission-bash.txt', 'sleep 8; npm test'],
    ['codex/0.169.0/25-approval-command.txt', 'sleep 8; npm test'],
    ['opencode/1.18.33/07-approval-bash.txt', 'sleep 8; npm test'],
  ] as const;

  it.each(
    screens.flatMap(([file, command]) =>
      contents.map(([name, rows]) => ({ file, command, name, rows })),
    ),
  )('in $file with $name', ({ file, command, rows }) => {
    const { dialog, attention, activity } = judge(showing(file, command, rows));
    const plain = judge(recordedScreen(file));
    expect({ attention, activity, question: dialog?.question }).toEqual({
      attention: 'approval',
      activity: plain.activity,
      question: plain.dialog?.question,
    });
  });

  it('of its kind where its top is out of sight', () => {
    const { text, ...screen } = showing(...(screens[0] as [string, string]), [
      ' ☐ one is left',
      'Select login method',
    ]);
    const cut = text.split('\n').slice(text.split('\n').findIndex((line) => line.includes('☐')));
    expect(judge({ ...screen, text: cut.join('\n') }).attention).toBe('approval');
  });
});

describe('what is shown without a frame around it decides nothing', () => {
  it.each([
    ['a tick', ['✔ all tests passed', '☐ one is left']],
    ['a login', ['Select login method']],
  ])('as older versions of Claude Code show it: %s', (_, rows) => {
    const text = [
      ...['● Now the tests.', '', RULE, ' Bash command', '', '   cat > notes.txt <<EOF'],
      ...rows.map((row) => `   ${row}`),
      ...[
        '   EOF',
        '   Write the notes',
        '',
        ' Do you want to proceed?',
        ' ❯ 1. Yes',
        '   2. No',
        '',
      ],
      ' Esc to cancel · Tab to amend',
    ].join('\n');
    expect(judge({ text, title: '✳ Fix it' }).attention).toBe('approval');
  });

  it('as Codex has answered above the dialog', () => {
    const text = [
      ...['› Fix it', '', '• It says:', '', '  Question 1/2 (2 unanswered)', ''],
      ...['  Would you like to run the following command?', '', '  $ npm test', ''],
      ...['› 1. Yes, proceed (y)', '  2. No, and tell Codex what to do differently (esc)', ''],
      '  Press enter to confirm or esc to cancel',
    ].join('\n');
    expect(judge({ kind: 'codex', text })).toMatchObject({
      attention: 'approval',
      dialog: { question: 'Would you like to run the following command?' },
    });
  });
});

describe('an input box that is only shown', () => {
  const box = ['     ┃  hello', '     ╹▀▀▀▀▀▀▀▀▀▀', '     ▣  Build · Model · 21.8s'];

  it.each(['06-approval-edit', '07-approval-bash', '19-question'])(
    'hides no dialog below it: %s',
    (name) => {
      const screen = recordedScreen(`opencode/1.18.33/${name}.txt`);
      const lines = screen.text.split('\n');
      const above = lines.findIndex((line) => /^ {5}\S/.test(line));
      expect(above).toBeGreaterThan(0);
      const text = lines.toSpliced(above, box.length, ...box).join('\n');
      expect(gist(judge({ ...screen, text }))).toEqual(gist(judge(screen)));
    },
  );
});

describe('a screen that was printed above a shell’s prompt', () => {
  const asking = recordedScreens().filter(({ state }) => /^waiting/.test(state));
  const running = recordedScreens().filter(({ state }) =>
    /^(?:reading|working|complete)$/.test(state),
  );

  it.each(['root@host:~# ', 'me@mac src % ', '~/src ❯'])('asks nothing: %s', (prompt) => {
    const told = asking
      .map(({ kind, text }) => judge({ kind, text: `${text.trimEnd()}\n\n${prompt}` }))
      .filter(({ attention }) => attention !== 'none');
    expect(told.map(({ rule }) => rule)).toEqual([]);
  });

  it.each(['root@host:~# ', 'me@mac src % ', '~/src ❯'])('runs nothing: %s', (prompt) => {
    const told = running
      .map(({ kind, text, file }) => ({
        file,
        ...judge({ kind, text: `${text.trimEnd()}\n\n${prompt}` }),
      }))
      .filter(({ activity }) => activity !== 'unknown' && activity !== 'idle');
    expect(told.map(({ rule, file }) => `${rule} ${file}`)).toEqual([]);
  });
});
