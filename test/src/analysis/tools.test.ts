import { describe, expect, it } from 'vitest';
import { count, NOTHING_COUNTED } from '../../../machines/counting.ts';
import { PROFILES } from '../../../src/analysis/profiles/index.ts';
import { findTools } from '../../../src/analysis/tools.ts';

const find = (kind: keyof typeof PROFILES, ...transcript: string[]) =>
  findTools(transcript, PROFILES[kind]);
const sighted = (kind: keyof typeof PROFILES, ...transcript: string[]) =>
  find(kind, ...transcript).map(({ sighting: { tool, target } }) => [tool, target]);

describe('findTools', () => {
  it('takes a list of files for a call each', () => {
    expect(sighted('codex', '• Explored', '  └ Read parser.js, parser.test.js')).toEqual([
      ['read', 'parser.js'],
      ['read', 'parser.test.js'],
    ]);
    const scrollable = '  ✓ Read src/parser.js, test/parser.test.js                   █';
    expect(sighted('qwen-code', scrollable)).toEqual([
      ['read', 'src/parser.js'],
      ['read', 'test/parser.test.js'],
    ]);
  });

  it.each([
    [
      'copilot',
      ' $ Shell Run the tests                                    ┃',
      ' $ Shell Run the tests 2 lines…                        11s ┃',
    ],
    [
      'gemini-cli',
      '│ ⊷  Shell sleep 8; npm test                (Tab to focus) │',
      '│ ✓  Shell sleep 8; npm test                               │',
    ],
    ['opencode', '     ⠋ Read src/parser.js', '     → Read src/parser.js'],
  ] as const)('%s: a call is the same one while it runs and after', (kind, running, ended) => {
    expect(sighted(kind, running)).toEqual(sighted(kind, ended));
    expect(sighted(kind, ended)).toHaveLength(1);
  });

  it('knows a command that still waits for a yes', () => {
    const at = ['  Making a folder', '  ⎿  $ mkdir -p build', ''];
    expect(find('claude-code', ...at, '✻ Baking… (3s)')).toMatchObject([
      { pending: false, open: true, changes: true },
    ]);
    expect(find('claude-code', ...at, '  Waiting for permission…')).toMatchObject([
      { pending: true, open: true },
    ]);
  });

  it('waits for what a group that has just begun will run', () => {
    expect(find('claude-code', '  Running 1 shell command…')).toMatchObject([{ pending: true }]);
    expect(find('claude-code', '  Ran 1 shell command')).toMatchObject([{ pending: false }]);
  });
});

describe('a line of several calls', () => {
  const looks = (...lines: string[]) =>
    lines
      .map((line) => find('codex', '• Explored', line).map(({ sighting }) => sighting))
      .reduce(count, NOTHING_COUNTED).indicators;

  it('is counted once, however it grows', () => {
    const line = '  └ Read a.js, b.js';
    expect(looks('  └ Read a.js', line, line, `${line}, c.js`)).toMatchObject({
      filesRead: 3,
      toolCalls: 3,
    });
  });
});
