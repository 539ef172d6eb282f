/** Screens of the other kinds, as other versions than the recorded ones draw them. */

import { describe, expect, it } from 'vitest';
import { judge } from '../../../../accuracy/screens.ts';
import type { AgentKind } from '../../../../machines/vocabulary.ts';
import { boxed } from '../redraw.ts';
import { RULE } from './drawing.ts';

type Case = [name: string, lines: readonly string[], activity: string, attention: string];

const expectEach = (kind: AgentKind, cases: readonly Case[], title = '') =>
  it.each(cases)('%s', (_, lines, activity, attention) => {
    expect(judge({ kind, text: lines.join('\n'), title })).toMatchObject({ activity, attention });
  });

describe('codex', () => {
  const input = ['', '› Summarize recent commits', '', '  98% context left · ? for shortcuts'];
  const fresh = [...boxed(['>_ OpenAI Codex (v0.50.0)', 'model: some-model']), ''];
  const trust = [
    '> You are in /home/user/project',
    '',
    '  Do you trust the contents of this directory?',
    '',
  ];
  const keys = ['', '  Press enter to continue'];
  const separator = `─ Worked for 1m 03s ${'─'.repeat(60)}`;
  expectEach(
    'codex',
    [
      ['fresh, with a suggestion', [...fresh, ...input], 'complete', 'none'],
      [
        'running',
        ['› Fix it', '', '• I read it.', '', '• Working (12s • esc to interrupt)', ...input],
        'reading',
        'none',
      ],
      [
        'running, in a narrow pane',
        ['› Fix it', '', '• Working (12s', ...input],
        'reading',
        'none',
      ],
      [
        'done',
        ['› Fix it', '', '• Ran npm test', '  └ ok', '', separator, '', '• Fixed.', ...input],
        'complete',
        'none',
      ],
      ['done at once', ['› Say hi', '', '• Hello there.', ...input], 'complete', 'none'],
      [
        'stopped after a call',
        ['› Fix it', '', '• Ran npm test', '  └ ok', ...input],
        'idle',
        'none',
      ],
      [
        'asking about a command',
        [
          '› Fix it',
          '',
          '  Allow command?',
          '',
          '› 1. Approve and run now (y)',
          '  2. Always approve (a)',
          '  3. No (n)',
          ...keys,
        ],
        'reading',
        'approval',
      ],
      [
        'asking about the folder',
        [...trust, '› 1. Yes, continue', '  2. No, quit', ...keys],
        'idle',
        'trust',
      ],
    ],
    'project',
  );

  it.each([
    'Updated the docs.',
    'Added the retry to client.ts and a test.',
    'Edited three files; the build is green.',
    'Ran into no problems; all is done.',
    'Explored the code; it is sound.',
    'Searched everywhere, found nothing.',
    'Called it a day after the tests passed.',
    'Waiting is handled by the pool.',
    'I think this works…',
  ])('%s: an answer, no call and nothing that is going on', (answer) => {
    const text = ['› Fix it', '', `• ${answer}`, ...input].join('\n');
    expect(judge({ kind: 'codex', text, title: 'project' })).toMatchObject({
      activity: 'complete',
      rule: 'codex.answered',
      sightings: [],
    });
  });

  it.each([
    [['• Edited src/a.ts (+2 -1)', '    7 -  a', '    7 +  b'], 'edit'],
    [['• Added src/a.ts (+1 -0)', '    1 +a'], 'write'],
    [['• Ran npm test', '  │ && npm run lint', '  └ ok'], 'bash'],
  ])('%s is a call', (lines, tool) => {
    const text = ['› Fix it', '', ...lines, ...input].join('\n');
    expect(judge({ kind: 'codex', text, title: 'project' })).toMatchObject({
      activity: 'idle',
      sightings: [{ tool }],
    });
  });

  it('is not done by what a tool has printed', () => {
    const text = ['› Fix it', '', '• Ran ./bench', '  └ started', '    Worked for 5s', ...input];
    expect(judge({ kind: 'codex', text: text.join('\n') }).activity).toBe('idle');
  });

  it('is only starting while nothing was asked, whatever its title', () => {
    const text = [...fresh, ...input].join('\n');
    expect(judge({ kind: 'codex', text, title: '⠋ project' })).toMatchObject({
      activity: 'unknown',
      reason: 'starting',
    });
  });
});

describe('gemini-cli', () => {
  const input = [...boxed(['>   Type your message or @path/to/file']), '~/project   no sandbox'];
  const half = [
    '▄'.repeat(80),
    ' >   Type your message or @path/to/file',
    '▀'.repeat(80),
    ' workspace',
  ];
  const shell = ['?  Shell npm test ←', '', 'npm test', '', "Allow execution of: 'npm'?", ''];
  const answers = ['● 1. Yes, allow once', '  2. Yes, allow always ...', '  3. No (esc)', ''];
  const waiting = ['⠏ Waiting for user confirmation...', '', '~/project   no sandbox'];
  const trust = ['Do you trust this folder?', '', '● 1. Trust folder', "  2. Don't trust"];
  const auth = ['How would you like to authenticate?', '', '● 1. Login', '  2. Use an API key'];
  expectEach('gemini-cli', [
    ['just started', ['', RULE, ' Shift+Tab to accept edits', ...half], 'unknown', 'none'],
    ['fresh', ['Tips for getting started:', '1. Ask', '', ...input], 'complete', 'none'],
    [
      'running',
      [' > Fix it', '', '✦ I read it.', '', '⠏ Reading (esc to cancel, 12s)', '', ...input],
      'reading',
      'none',
    ],
    ['done', [' > Fix it', '', '✦ All done.', '', ...input], 'complete', 'none'],
    [
      'done, in a box drawn by its background',
      [' > Fix it', '', '✦ All done.', '', ...half],
      'complete',
      'none',
    ],
    [
      'asking about a command',
      ['✦ Now the tests.', '', ...boxed([...shell, ...answers]), ...waiting],
      'reading',
      'approval',
    ],
    ['asking about the folder', boxed(trust).map((line) => ` ${line}`), 'idle', 'trust'],
    [
      'asked before',
      [...boxed(trust), '', 'Tips for getting started:', '', ...half],
      'complete',
      'none',
    ],
    [
      'asking about the login',
      boxed([...auth, '', '(Use Enter to select)', '', 'Terms of Services']),
      'idle',
      'login',
    ],
  ]);

  it('holds a draft of many lines, which is no list', () => {
    const rows = Array.from({ length: 10 }, (_, row) => `   row ${row}`);
    const text = ['✦ Done.', '', RULE, ' Shift+Tab to accept edits', '', ' > row', ...rows].join(
      '\n',
    );
    expect(judge({ kind: 'gemini-cli', text })).toMatchObject({
      attention: 'none',
      composer: { content: 'draft' },
    });
  });
});

describe('qwen-code', () => {
  const input = [RULE, '>   Type your message or @path/to/file', RULE, '  ➜ project · some-model'];
  const steer = [...input, '  Enter to steer · Ctrl+Q to queue'];
  const answers = ['● 1. Yes, allow once', '  2. Yes, always', '  3. No (esc)'];
  const turn = ['  > Fix it', '', '  ◆ I read it.', ''];
  expectEach('qwen-code', [
    [
      'running a command, in boxes',
      [
        ...turn,
        ...boxed(['⊶  Shell npm test']).map((line) => `  ${line}`),
        '',
        '  ⠧ Pondering. (0s · esc to cancel)',
        ...input,
      ],
      'working',
      'none',
    ],
    [
      'asking, in a box further in',
      [
        ...turn,
        ...boxed(['Apply this change?', '', '› 1. Yes, allow once', '  2. No (esc)']).map(
          (line) => `  ${line}`,
        ),
        '',
        '  ⠏ Waiting for user confirmation...',
      ],
      'reading',
      'approval',
    ],
    [
      'running, with dots that turn',
      [...turn, '  .. Pondering... (0s · ↑ 106 tokens · esc to cancel)', ...input],
      'reading',
      'none',
    ],
    ['running, with nothing that turns', [...turn, ...steer], 'reading', 'none'],
    [
      'running a command',
      [...turn, '  . Shell npm test', '', '  .  Pondering... (0s · esc to cancel)', ...input],
      'working',
      'none',
    ],
    ['done', [...turn, ...input], 'complete', 'none'],
    [
      'asking',
      [
        '✦ Now.',
        '',
        ...boxed(['?  Shell npm test', '', 'Allow?', '', ...answers]),
        '.. Waiting for user confirmation...',
      ],
      'reading',
      'approval',
    ],
  ]);
});

describe('copilot', () => {
  const input = [' ~/project [⎇ main]', RULE, '> ', RULE, ' Ctrl+c Exit'];
  const info = [RULE, ' Copilot needs information.', ' name', ''];
  const answers = ['❯ 1. Yes', '  2. Yes, and approve npm', '  3. No (Esc)', ''];
  const keys = 'Confirm with number keys or ↑↓ keys and Enter, Cancel with Esc';
  expectEach('copilot', [
    [
      'running, at the left edge',
      ['❯ Fix it', '', '● I read it.', '', '● Thinking (Esc to cancel)', '', ...input],
      'reading',
      'none',
    ],
    [
      'done, at the left edge',
      ['❯ Fix it', '', '● Run the tests (shell)', '  │ npm test', '', '● Fixed.', '', ...input],
      'complete',
      'none',
    ],
    [
      'stopped after a call',
      ['❯ Fix it', '', '● Create notes.txt +4', '', ...input],
      'idle',
      'none',
    ],
    ['failed', ['❯ Fix it', '', '✗ 400 refused', '', ...input], 'error', 'none'],
    [
      'asking above a divider',
      boxed([
        'Which colour do you like?',
        '─'.repeat(76),
        '❯ 1. Red',
        '  2. Blue',
        '',
        '↑↓ to select · Enter to confirm · Esc to cancel',
      ]),
      'reading',
      'question',
    ],
    [
      'running',
      [' > Fix it', '', ' ● I read it.', '', ' ◐ Thinking (Esc to cancel)', '', ...input],
      'reading',
      'none',
    ],
    [
      'asking about a command',
      boxed(['Do you want to run this command?', '', ...answers, keys]),
      'reading',
      'approval',
    ],
    [
      'asking for a text',
      [...info, ' enter accept · ctrl+d decline · esc cancel', RULE],
      'reading',
      'question',
    ],
  ]);
});

describe('opencode', () => {
  const bar = (...lines: string[]) => ['  ┃', ...lines.map((line) => `  ┃  ${line}`), '  ┃', ''];
  const input = ['  ┃', '  ┃  Build · Some Model', `  ╹${'▀'.repeat(60)}`, '   ~/project'];
  const busy = [...input.slice(0, -1), '   ⬝⬝■■■■■■  esc interrupt'];
  const written = [...bar('Write it'), ...bar('# Wrote notes.txt', '', ' 1 words')];
  const ran = [...bar('Fix it'), ...bar('$ npm test', '', '7 tests passed')];
  const home = ['      █▀▀█ █▀▀█', '', '  ┃  Ask anything... "Fix a test"', ...input];
  expectEach('opencode', [
    [
      'running, having run a command',
      [...ran, '     ▣  Build · Some Model', '', ...busy],
      'working',
      'none',
    ],
    ['fresh', home, 'complete', 'none'],
    [
      'running, having written',
      [...written, '     ▣  Build · Some Model', '', ...busy],
      'working',
      'none',
    ],
    [
      'running anew',
      [...written, ...bar('Look at it'), '     → Read a.txt', '', ...busy],
      'reading',
      'none',
    ],
    [
      'done, in a narrow pane',
      [...bar('Fix it'), '     Done.', '', '     ▣  Build · Some', '     35.3s', '', ...input],
      'complete',
      'none',
    ],
    [
      'failed',
      [...bar('Fix it'), ...bar('refused'), '     ▣  Build · Some Model', '', ...input],
      'error',
      'none',
    ],
  ]);
});

describe('what came before the end of a turn is not its end', () => {
  const ruled = [RULE, '>   Type your message or @path/to/file', RULE, '  ? for shortcuts'];
  const half = ['▄'.repeat(80), ' >   Type your message or @path/to/file', '▀'.repeat(80)];
  const gemini = ['', RULE, ' Shift+Tab to accept edits', ...half, ' workspace'];
  const copilot = [RULE, '❯', RULE, ' / commands'];
  const bar = ['  ┃', '  ┃  Build · Some Model', `  ╹${'▀'.repeat(60)}`];
  const failed = [' > Fix it', '', '✕ [API Error: 500]', '', 'ℹ This request failed.', ''];
  it.each<[AgentKind, string, string, string[]]>([
    ['gemini-cli', 'an error', 'error', [...failed, ...gemini]],
    ['gemini-cli', 'an error, then an answer', 'complete', [...failed, '✦ All fine.', ...gemini]],
    [
      'gemini-cli',
      'an interruption',
      'idle',
      [' > Fix it', '', '✦ I will look.', 'ℹ Request cancelled.', ...gemini],
    ],
    [
      'gemini-cli',
      'an interruption, with what was answered until then',
      'idle',
      [' > Fix it', '', 'ℹ Request cancelled.', '✦ I will', '', ...gemini],
    ],
    [
      'gemini-cli',
      'a call that runs',
      'idle',
      [' > Fix it', '', '✦ I will look.', ...boxed(['⊷  Shell npm test', '', 'ok']), ...gemini],
    ],
    ['qwen-code', 'an error', 'error', ['  > Fix it', '', '  ✕ [API Error: 500]', '', ...ruled]],
    [
      'qwen-code',
      'an error, then an answer',
      'complete',
      ['  > Fix it', '', '  ✕ [API Error: 500]', '', '  ◆ All fine.', '', ...ruled],
    ],
    [
      'qwen-code',
      'a quoted error',
      'complete',
      ['  > Fix it', '', '  ◆ The log says:', '', '    ✕ [API Error: 500]', '', ...ruled],
    ],
    [
      'qwen-code',
      'a call that runs',
      'idle',
      ['  > Fix it', '', '  ◆ I will look.', '', '  ⊷  Shell npm test', '', ...ruled],
    ],
    ['copilot', 'an error', 'error', [' ❯ Fix it', '', ' ✗ 500 refused', '', ...copilot]],
    [
      'copilot',
      'a call that failed',
      'idle',
      [' ❯ Fix it', '', ' ✗ Edit a.ts', '   └ no such file', '', ...copilot],
    ],
    [
      'opencode',
      'a time below',
      'complete',
      ['  ┃', '  ┃  Fix it', '  ┃', '', '     ▣  Build · Some Model', '     4.5s', '', ...bar],
    ],
    [
      'opencode',
      'a time that was printed',
      'idle',
      [
        ...['  ┃', '  ┃  Fix it', '  ┃', '', '     ▣  Build · Some Model', ''],
        ...['     It took:', '     4.5s', '', ...bar],
      ],
    ],
  ])('%s: %s', (kind, _, activity, lines) => {
    expect(judge({ kind, text: lines.join('\n') })).toMatchObject({ activity, attention: 'none' });
  });
});
