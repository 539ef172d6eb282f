import { describe, expect, it } from 'vitest';
import { judge } from '../../../accuracy/screens.ts';
import { recordedScreen } from './screens.ts';

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
