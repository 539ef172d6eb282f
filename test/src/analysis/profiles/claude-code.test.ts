/** Screens as other versions than the recorded ones draw them. */

import { describe, expect, it } from 'vitest';
import { judge } from '../../../../accuracy/screens.ts';
import { boxed } from '../redraw.ts';
import { RULE, ruledBox } from './drawing.ts';

const oldBox = (typed = ''): string[] => [...boxed([`> ${typed}`]), '  ? for shortcuts'];
const asked = ['> Fix the tokenizer', ''];
const turn = [
  ...asked,
  '⏺ I will read the parser first.',
  '',
  '⏺ Read(src/parser.js)',
  '  ⎿  Read 9 lines (ctrl+r to expand)',
  '',
];
const wrote = [
  ...turn,
  '⏺ Update(src/parser.js)',
  '  ⎿  Updated src/parser.js with 2 additions and 1 removal',
  '       7 -  return out;',
  '       7 +  if (cur) out.push(cur);',
  '',
];
const options = ['❯ 1. Yes', "  2. Yes, and don't ask again", '  3. No, and tell Claude (esc)'];

const see = (lines: readonly string[], title = '') => judge({ text: lines.join('\n'), title });

describe('a turn', () => {
  it.each([
    [
      'above a box with four sides',
      [...turn, '✻ Thinking… (3s · ↑ 12 tokens · esc to interrupt)', '', ...oldBox()],
      'reading',
    ],
    [
      'that has written',
      [...wrote, '✶ Herding… (12s · esc to interrupt)', '', ...oldBox()],
      'working',
    ],
    [
      'with its keys first',
      [...turn, '✽ Herding… (esc to interrupt · 12s · ↓ 1.2k tokens)', '', ...ruledBox()],
      'reading',
    ],
    [
      'whose spinner is cut off',
      [...turn, '✻ Adding a test… (21s ·', '', ...ruledBox()],
      'reading',
    ],
    [
      'with a tip below',
      [...turn, '* Pondering… (esc to interrupt · 3s)', '  ⎿  Tip: Use /memory', '', ...ruledBox()],
      'reading',
    ],
    [
      'with a prompt in the queue',
      [...turn, '✻ Herding… (12s)', '', '  > and the docs', '', ...ruledBox()],
      'reading',
    ],
    [
      'with a subagent',
      [
        ...turn,
        '⏺ Task(Explore)',
        '  ⎿  Read(src/parser.js)',
        '     +3 more tool uses',
        '',
        '✢ Exploring… (41s)',
        '',
        ...ruledBox(),
      ],
      'reading',
    ],
    [
      'that compacts',
      [...wrote, '✻ Compacting conversation… (esc to interrupt · 23s)', '', ...ruledBox()],
      'working',
    ],
    [
      'that is writing just now',
      [...turn, '⏺ Write(src/new.js)', '', '✻ Herding… (12s)', '', ...ruledBox()],
      'working',
    ],
    [
      'that waits for its agents',
      [...turn, '✻ Waiting for 2 background agents to finish', '', ...ruledBox()],
      'reading',
    ],
  ])('%s', (_, lines, activity) => {
    expect(see(lines)).toMatchObject({ activity, attention: 'none' });
  });

  it('with a task list below its spinner', () => {
    const todos = ['  ⎿  ☒ Read the parser', '     ☐ Fix it', '     ☐ Add a test', ''];
    const spinner = '✳ Fixing… (esc to interrupt · ctrl+t to hide todos · 24s · ↑ 1.2k tokens)';
    expect(see([...wrote, spinner, ...todos, ...ruledBox()])).toMatchObject({
      activity: 'working',
      progress: 33,
    });
  });
});

describe('a turn that has ended', () => {
  it.each([
    [
      'with an answer, in a box',
      [...wrote, '⏺ Fixed. All tests pass.', '', ...oldBox()],
      'complete',
      'done',
    ],
    [
      'with an answer of several lines',
      [...wrote, '⏺ Fixed tokenize().', '', '  - src/parser.js', '', ...ruledBox()],
      'complete',
      'done',
    ],
    [
      'above a suggestion',
      [...wrote, '⏺ Fixed.', '', ...ruledBox('Run the tests')],
      'complete',
      'done',
    ],
    [
      'with keys as in an editor',
      [...wrote, '⏺ Fixed.', '', ...ruledBox('', '  -- INSERT --')],
      'complete',
      'done',
    ],
    [
      'before it began',
      [...boxed(['✻ Welcome to Claude Code!']), '', ...oldBox('Try "edit <file>"')],
      'complete',
      'ready',
    ],
    ['where nothing stands above', ruledBox(), 'complete', 'ready'],
    ['by clearing it', ['❯ /clear', '  ⎿  (no content)', '', ...ruledBox()], 'complete', 'ready'],
    [
      'before a command of the user',
      [...wrote, '❯ /status', '  ⎿  Status dialog dismissed', '', ...ruledBox()],
      'complete',
      'command',
    ],
    [
      'by Escape',
      [...turn, '  ⎿  [Request interrupted by user]', '', ...oldBox()],
      'idle',
      'interrupted',
    ],
    [
      'by a refusal',
      [...turn, '⏺ Update(src/a.js)', '  ⎿  User rejected update to src/a.js', '', ...ruledBox()],
      'idle',
      'interrupted',
    ],
    [
      'while a draft was written',
      [...wrote, '⏺ Fixed.', '', ...ruledBox('and then', '')],
      'idle',
      'prompt',
    ],
    ['with a call', [...wrote, ...ruledBox()], 'idle', 'prompt'],
  ])('%s', (_, lines, activity, reason) => {
    expect(see(lines)).toMatchObject({ activity, reason, attention: 'none' });
  });
});

describe('an error', () => {
  it.each([
    ['of the service', '  ⎿  API Error: 500 {"type":"error"}', 'api-error'],
    ['of the service, as an answer', '● API Error: 400 messages: refused', 'api-error'],
    ['of the login', '  ⎿  Invalid API key · Please run /login', 'login-failed'],
    ['of the login, as an answer', '● Please run /login · API Error: 401', 'login-failed'],
    ['of the plan', '  ⎿  5-hour limit reached ∙ resets 7pm', 'usage-limit'],
    [
      'of the plan, in a sentence',
      '  ⎿  Claude usage limit reached. Your limit will reset at 7pm.',
      'usage-limit',
    ],
    [
      'of the plan, as an answer',
      "● You've hit your limit · resets 3pm (Europe/Zurich)",
      'usage-limit',
    ],
  ])('%s', (_, line, reason) => {
    const text = [...asked, line, ''];
    const closed = [...text, '✻ Baked for 0s · done 11:08 PM', ''];
    expect(see([...text, ...ruledBox()])).toMatchObject({ activity: 'error', reason });
    expect(see([...closed, ...ruledBox()])).toMatchObject({ activity: 'error', reason });
  });

  it('that is tried again is none yet', () => {
    const line = '  ⎿  API Error (Connection error.) · Retrying in 5 seconds… (attempt 4/10)';
    const text = [...asked, line, '', '✻ Herding… (9s · esc to interrupt)', '', ...oldBox()];
    expect(see(text)).toMatchObject({ activity: 'reading', attention: 'none' });
  });
});

describe('a dialog', () => {
  const edit = ['Edit file', ...boxed(['7 - return out;'], 72), 'Do you want to make this edit?'];
  it.each([
    [
      'about a command, in a box',
      [
        ...wrote,
        ...boxed(['Bash command', '', '  npm test', '', 'Do you want to proceed?', ...options, '']),
      ],
      'approval',
    ],
    [
      'about an edit, in a box',
      [...turn, '⏺ Update(src/a.js)', '', ...boxed([...edit, ...options])],
      'approval',
    ],
    [
      'of another server’s tool',
      [
        ...turn,
        RULE,
        ' Tool use',
        '',
        '   github - create_issue (MCP)',
        '',
        ' Do you want to proceed?',
        ...options.map((each) => ` ${each}`),
      ],
      'approval',
    ],
    [
      'about a plan',
      [
        ...turn,
        RULE,
        ' Ready to code?',
        '╌'.repeat(80),
        ' 1. Push it',
        '╌'.repeat(80),
        '',
        ' Would you like to proceed?',
        '',
        ...options.map((each) => ` ${each}`),
      ],
      'approval',
    ],
    [
      'about the folder',
      [
        ...boxed([
          'Do you trust the files in this folder?',
          '',
          '❯ 1. Yes, proceed',
          '  2. No, exit',
        ]),
        '   Enter to confirm · Esc to exit',
      ],
      'trust',
    ],
    [
      'about the login',
      [' Select login method:', '', ' ❯ 1. Claude account', '', '   2. Anthropic Console account'],
      'login',
    ],
    [
      'that is only a menu',
      [
        RULE,
        ' Resume session',
        '',
        ' ❯ Fix it',
        '   2 hours ago',
        '',
        '   Add tests',
        '',
        ' Ctrl+A to show all · Esc to cancel',
      ],
      'other-dialog',
    ],
  ])('%s', (_, lines, attention) => {
    expect(see(lines).attention).toBe(attention);
  });

  it('offers what its box holds', () => {
    const { dialog, activity } = see([...wrote, ...boxed([...edit, ...options])]);
    expect(activity).toBe('working');
    expect(dialog?.options).toEqual([
      { id: '1', label: 'Yes', key: '1', preselected: true },
      { id: '2', label: "Yes, and don't ask again", key: '2', preselected: false },
      { id: '3', label: 'No, and tell Claude (esc)', key: '3', preselected: false },
    ]);
  });
});

it('an agent that was killed is not at its prompt', () => {
  for (const prompt of ['user@host:~/project$', '➜  project git:(main) ✗ %', '❯', 'bash-5.2#'])
    expect(see([...wrote, '⏺ Fixed.', '', ...ruledBox(), prompt]).activity).toBe('unknown');
});

describe('an answer that speaks of', () => {
  const done = ['✻ Worked for 4s', ''];
  it.each([
    ['a limit', '● Each user has a limit of 5 uploads, which we reset daily.'],
    ['limits', '● Usage limit handling: the quota resets daily now.'],
    ['a key', '● The server answers Invalid API key because the env var is empty.'],
    ['the login', '● Please run /login to see the new page work.'],
    ['the balance', '● Credit balance is now shown in the header.'],
    ['a prompt', '● Prompt is too long errors happen when the log is pasted.'],
    ['errors', '● API Error (500) lines in your log come from nginx.'],
    ['interruptions', '● Interrupted uploads are resumed by the client.'],
    ['refusals', '● User rejected payments are logged to the audit table.'],
    ['what goes on', '● I have finished, and the tests pass…'],
    ['agents', '● 2 agents were configured in agents.yaml.'],
    ['a function', '● Foo(bar) is called from main.'],
  ])('%s is an answer', (_, line) => {
    expect(see([...asked, line, '', ...ruledBox()])).toMatchObject({
      activity: 'complete',
      rule: 'claude-code.answered',
    });
    expect(see([...asked, line, '', ...done, ...ruledBox()])).toMatchObject({
      activity: 'complete',
      rule: 'claude-code.done',
    });
  });

  it('a function calls no tool', () => {
    const spinner = ['✻ Thinking… (3s)', ''];
    for (const line of [
      '● The function main(args) is called from index.ts; it parses them.',
      '● main(args) is called from index.ts; it parses them.',
      '● Foo(bar), then baz() are called.',
    ])
      expect(see([...asked, line, '', ...spinner, ...ruledBox()])).toMatchObject({
        activity: 'reading',
        sightings: [],
      });
  });
});

it.each([
  '● mcp__github__create_issue(title: "x")',
  '● github - create_issue (MCP)(title: "x")',
  '● Skill(deploy)',
  '● Task Output(abc)',
])('a call of another server’s tool: %s', (line) => {
  const text = [...asked, line, '', '✻ Thinking… (3s)', '', ...ruledBox()];
  expect(see(text)).toMatchObject({ activity: 'working' });
});

it.each(['esc to interrupt', 'esc to interru…', 'esc to i…'])(
  'a turn goes on while “%s” stands below the input',
  (keys) => {
    const footer = `  ⏵⏵ accept edits on · ${keys}`;
    const text = [...asked, '● I will read it first.', '', ...ruledBox('', footer)];
    expect(see(text)).toMatchObject({ activity: 'reading', rule: 'claude-code.interruptible' });
  },
);
