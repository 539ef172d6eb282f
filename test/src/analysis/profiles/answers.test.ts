/** What the model writes at the end of its turn is an answer, whatever it begins with or draws. */

import { describe, expect, it } from 'vitest';
import { judge } from '../../../../accuracy/screens.ts';
import type { AgentKind } from '../../../../machines/vocabulary.ts';
import { RULE } from './drawing.ts';

/** The rows of an answer, without the agent's mark, to a whole screen. */
type Drawing = (answer: readonly string[]) => string[];

const indented = (answer: readonly string[], mark: string, rest: string): string[] =>
  answer.map((line, row) => (row === 0 ? mark + line : `${rest}${line}`.trimEnd()));

const ruled = [RULE, '>   Type your message or @path/to/file', RULE, '  ➜ project · some-model'];
const half = ['▄'.repeat(80), ' >   Type your message or @path/to/file', '▀'.repeat(80)];
const bar = ['  ┃', '  ┃  Build · Some Model', `  ╹${'▀'.repeat(60)}`, '   ~/project'];
const copilotInput = [' ~/project', RULE, '❯', RULE, ' / commands'];
const codexInput = ['', '› Ask Codex to do anything', '', '  some-model · ~/project'];

const DRAWINGS: [AgentKind, string, Drawing][] = [
  [
    'claude-code',
    '✳ Fix it',
    (answer) => [
      ...['❯ Fix it', '', '● Bash(npm test)', '  ⎿  ok', '', ...indented(answer, '● ', '  ')],
      ...['', RULE, '❯', RULE, '  ? for shortcuts'],
    ],
  ],
  [
    'codex',
    'project',
    (answer) => [
      ...['› Fix it', '', '• Ran npm test', '  └ ok', '', ...indented(answer, '• ', '  ')],
      ...codexInput,
    ],
  ],
  [
    'copilot',
    '',
    (answer) => [
      ...[' ❯ Fix it', '', ' $ Shell Run the tests', '   npm test', ''],
      ...[...indented(answer, ' ● ', '   '), '', ...copilotInput],
    ],
  ],
  ['gemini-cli', '', (answer) => [' > Fix it', '', ...indented(answer, '✦ ', '  '), '', ...half]],
  [
    'qwen-code',
    '',
    (answer) => ['  > Fix it', '', ...indented(answer, '  ◆ ', '    '), '', ...ruled],
  ],
  [
    'opencode',
    '',
    (answer) => [
      ...['  ┃', '  ┃  Fix it', '  ┃', '', ...indented(answer, '     ', '     ')],
      ...['', '     ▣  Build · Some Model · 4.5s', '', ...bar],
    ],
  ],
];

const ANSWERS: [name: string, rows: string[]][] = [
  ['a tree', ['It is like this:', '', 'src', '├── parser.ts', '│   └── x.ts', '└── lexer.ts']],
  ['a table', ['Here:', '', '┌───┬───┐', '│ a │ b │', '├───┼───┤', '│ 1 │ 2 │', '└───┴───┘']],
  ['a numbered change', ['This changed:', '', '  1 - one', '  2 + two']],
  ['a quotation', ['It says:', '', '│ quoted', '└ so it does']],
  ...[
    'Running the tests again would not help.',
    'Searching the tree gave nothing.',
    'Searching everywhere is not needed',
    'Exploring further is not needed.',
    'Calling it done.',
    'Edited files are listed above (+3 -1)',
    'Tip: run the tests again.',
    'Folder src is tidy now.',
    'Environment variables are documented.',
    'MCP Servers are three.',
    'The new total is +3',
    'I changed two lines +2 -1',
    'Run it with `npm test` (shell)',
    'Agent "x" is a good name.',
    '2 agents finished the work.',
    'Running it twice, reading 3 files… (ok).',
    'Shell scripts are fine.',
    '.. is the folder above.',
  ].map((line): [string, string[]] => [line, [line]]),
];

describe.each(DRAWINGS)('%s', (kind, title, draw) => {
  it.each(ANSWERS)('%s', (_, rows) => {
    const text = draw(rows).join('\n');
    expect(judge({ kind, title, text })).toMatchObject({ activity: 'complete', attention: 'none' });
  });
});

describe('codex: a long answer of which only the end is in sight', () => {
  const end = ['  • line 8', '  • line 9', '', '  Worked for 2s • 16:44', ''];
  const menu = ['› /compact  make it shorter', '', '› /compact', '', '  some-model'];

  it.each([
    ['above the input', codexInput],
    ['above the menu of commands', menu],
  ])('%s', (_, input) => {
    const text = [...end, ...input].join('\n');
    expect(judge({ kind: 'codex', title: 'project', text }).activity).toBe('complete');
  });
});

describe('what has not ended like that', () => {
  it.each<[AgentKind, string, string, string[]]>([
    ['codex', 'a command that runs', 'project', ['• Running npm test', ...codexInput]],
    ['codex', 'a call', 'project', ['• Calling docs.search({"q":"x"})', ...codexInput]],
    ['codex', 'a look around', 'project', ['• Exploring', '  └ Read a.ts', ...codexInput]],
    ['codex', 'a change', 'project', ['• Added a.ts (+1 -0)', '    1 +a', ...codexInput]],
    // Only its title could say whether the answer is still being written.
    ['codex', 'an answer without a title', '', ['• The parser is tidy now.', ...codexInput]],
    ['codex', 'a time in a prompt', '⠋ project', ['  Worked for 3m 2s', ...codexInput]],
    [
      'codex',
      'a time that was answered before the last call',
      '',
      ['• It says:', '', '  Worked for 3m 2s', '', '• Ran npm test', '  └ ok', ...codexInput],
    ],
    ['copilot', 'a command', '', [' ● Run it (shell)', '   └ npm test', '', ...copilotInput]],
    ['copilot', 'a change', '', [' ● Create notes.txt +3', '', ...copilotInput]],
    [
      'claude-code',
      'agents',
      '✳ Fix it',
      [
        '● 2 agents finished (ctrl+o to expand)',
        '   ├ one',
        '',
        RULE,
        '❯',
        RULE,
        '  ? for shortcuts',
      ],
    ],
    [
      'claude-code',
      'an agent’s end',
      '✳ Fix it',
      ['● Agent "Look" finished · 14s', '', RULE, '❯', RULE, '  ? for shortcuts'],
    ],
  ])('%s: %s', (kind, _, title, rows) => {
    const prompt = { codex: '› Fix it', copilot: ' ❯ Fix it' }[kind as string] ?? '❯ Fix it';
    const text = [prompt, '', ...rows].join('\n');
    expect(judge({ kind, title, text }).activity).not.toBe('complete');
  });
});

describe('the line that closes a turn of Claude Code, in a low pane', () => {
  const input = ['', RULE, '❯', RULE, '  ? for shortcuts'];

  it.each([
    ['with nothing above it', ['', '✻ Baked for 4s'], 'complete'],
    ['with an answer above it', ['● Done.', '', '✻ Baked for 0s'], 'complete'],
    // Below a turn that failed stands the same line.
    ['after no time, with nothing above it', ['', '✻ Baked for 0s'], 'idle'],
    [
      'after no time, with the end of a message above it',
      ['     refused', '', '✻ Baked for 0s'],
      'idle',
    ],
  ])('%s', (_, rows, activity) => {
    const text = [...rows, ...input].join('\n');
    expect(judge({ text, title: '✳ Fix it' }).activity).toBe(activity);
  });
});
