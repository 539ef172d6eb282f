/** A mark that blinks before a running tool is no news, and at every look the tool is seen. */

import { describe, expect, it } from 'vitest';
import { judge } from '../../../accuracy/screens.ts';
import type { AgentKind } from '../../../machines/vocabulary.ts';
import { RULE } from './profiles/drawing.ts';
import { boxed } from './redraw.ts';

type Drawing = (call: string) => string[];

const ruled = [RULE, '>   Type your message or @path/to/file', RULE, '  ➜ project · some-model'];
const half = ['▄'.repeat(80), ' >   Type your message or @path/to/file', '▀'.repeat(80)];
const bar = [
  '  ┃',
  '  ┃  Build · Some Model',
  `  ╹${'▀'.repeat(60)}`,
  '   ⬝⬝■■■■■■  esc interrupt',
];
const gemini: Drawing = (call) => [
  ...[' > Fix it', '', '✦ Now the tests.', '', ...boxed([call, '', 'one'])],
  ...['', ' ⠧ Pondering... (esc to cancel, 3s)', '', ...half],
];
const qwen: Drawing = (call) => [
  ...['  > Fix it', '', '  ◆ Now the tests.', '', `  ${call}`, ''],
  ...['  .  Pondering... (0s · esc to cancel)', '', ...ruled],
];
const codex: Drawing = (call) => [
  ...['› Fix it', '', '• Now the tests.', '', call, '', '◦ Working (9s • esc to interrupt)'],
  ...['', '› Ask Codex to do anything', '', '  some-model · ~/project'],
];
const opencode: Drawing = (call) => [
  ...['  ┃', '  ┃  Fix it', '  ┃', '', '  ┃', `  ┃  ${call}`, '  ┃', ''],
  ...['     ▣  Build · Some Model', '', ...bar],
];
const claude: Drawing = (call) => [
  ...['❯ Fix it', '', call, '  ⎿  Running…', '', '✻ Pondering… (9s)', ''],
  ...[RULE, '❯', RULE, '  ? for shortcuts'],
];

const CASES: [AgentKind, Drawing, string[]][] = [
  ['gemini-cli', gemini, ['⊶  Shell npm test', '⊷  Shell npm test']],
  ['qwen-code', qwen, ['⊶  Shell npm test', '⊷  Shell npm test']],
  ['qwen-code', qwen, ['. Shell npm test', '..Shell npm test', '...Shell npm test']],
  ['codex', codex, ['• Running npm test', '◦ Running npm test']],
  ['opencode', opencode, ['⠋ npm test', '⠙ npm test', '⣾ npm test']],
  ['claude-code', claude, ['● Bash(npm test)', '⏺ Bash(npm test)', '  Bash(npm test)']],
];

describe.each(CASES)('%s', (kind, draw, calls) => {
  const looks = calls.map((call) => judge({ kind, text: draw(call).join('\n') }));

  it(`sees the tool at each of ${calls.join(' | ')}`, () => {
    for (const look of looks)
      expect(look).toMatchObject({ activity: 'working', reason: 'tool', toolRunning: true });
  });

  it('finds nothing new in the next of them', () => {
    expect(new Set(looks.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });

  it('finds another command new', () => {
    const [call = ''] = calls;
    const other = judge({ kind, text: draw(call.replace('npm test', 'npm start')).join('\n') });
    expect(other.fingerprint).not.toBe(looks[0]?.fingerprint);
  });
});

it.each<[AgentKind, Drawing, string]>([
  ['gemini-cli', gemini, '⊶  Shell npm test'],
  ['qwen-code', qwen, '..Shell npm test'],
])(
  '%s has not answered while a tool runs, though its spinner is out of sight',
  (kind, draw, call) => {
    const rows = draw(call).filter((line) => !line.includes('esc to cancel'));
    expect(judge({ kind, text: rows.join('\n') }).activity).not.toBe('complete');
  },
);
