import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../src/analysis/kinds.ts';

const shell = { pid: 10, argv: ['-bash'] };
const pane = (...argv: string[]) => ({
  processes: [shell, { pid: 11, argv }],
  command: 'node',
  title: '',
});

describe('kindOf', () => {
  it.each([
    ['claude-code', ['claude']],
    ['claude-code', ['claude', '--resume', 'x']],
    ['claude-code', ['/opt/lib/node_modules/@anthropic-ai/claude-code/bin/claude.exe']],
    ['claude-code', ['node', '/opt/lib/node_modules/@anthropic-ai/claude-code/cli.js']],
    ['claude-code', ['node', '--max-old-space-size=4096', '/home/user/.local/bin/claude']],
    ['codex', ['/opt/lib/node_modules/@openai/codex/vendor/x86_64/codex/codex', 'resume']],
    ['codex', ['node', '/usr/local/bin/codex']],
    ['gemini-cli', ['node', '/usr/lib/node_modules/@google/gemini-cli/dist/index.js']],
    ['gemini-cli', ['node', '--import', 'tsx', '/usr/local/bin/gemini']],
    ['opencode', ['/home/user/.opencode/bin/opencode']],
    ['opencode', ['/usr/lib/node_modules/opencode-ai/bin/.opencode']],
    ['codex', ['node', '/opt/@openai/codex/bin/codex.js']],
    ['copilot', ['node', '/usr/lib/node_modules/@github/copilot/index.js']],
    ['qwen-code', ['/usr/bin/node', '/usr/lib/node_modules/@qwen-code/qwen-code/cli.js']],
  ])('finds %s in %j', (kind, argv) => {
    expect(kindOf(pane(...argv))).toEqual({ kind, pid: 11 });
  });

  it.each([
    [['vim', 'claude.md']],
    [['grep', '-r', 'claude', '.']],
    [['tail', '-f', 'codex.log']],
    [['node', 'server.js', 'claude']],
    [['node', '/home/user/project/claude.js']],
    [['node', '-e', 'claude']],
    [['less', '/usr/lib/node_modules/@openai/codex']],
    [['claude-monitor']],
    [['/usr/lib/node_modules/@anthropic-ai/claude-code/vendor/ripgrep/rg', 'x']],
    [['python', 'gemini']],
    [['npm exec @google/gemini-cli']],
  ])('sees no agent in %j', (argv) => {
    expect(kindOf(pane(...argv))).toBeNull();
  });

  it('takes the nearest where one agent runs another', () => {
    const processes = [
      shell,
      { pid: 11, argv: ['claude'] },
      { pid: 12, argv: ['codex', 'exec', 'x'] },
    ];
    expect(kindOf({ processes, command: 'claude', title: '' })).toEqual({
      kind: 'claude-code',
      pid: 11,
    });
  });

  it('does not believe the title that a killed agent left behind', () => {
    expect(kindOf({ processes: [shell], command: 'bash', title: '◐ Claude Code' })).toBeNull();
    expect(kindOf({ ...pane('vim', 'x'), command: 'vim', title: '✳ Claude Code' })).toBeNull();
  });

  it.each([
    ['✳ Fix the parser', 'claude-code'],
    ['⠂ Fix the parser', 'claude-code'],
    ['◇  Ready (project)', 'gemini-cli'],
    ['◐︎ Qwen - project', 'qwen-code'],
    ['⠸ Fix tokenizer bug | project', 'codex'],
    ['OC | Fix tokenizer bug', 'opencode'],
    ['Explain - GitHub Copilot', 'copilot'],
  ])('reads the title %s of an agent on another machine', (title, kind) => {
    expect(kindOf({ ...pane('ssh', 'host'), command: 'ssh', title })).toEqual({ kind, pid: null });
  });

  it('sees no agent in a shell on another machine', () => {
    expect(kindOf({ ...pane('ssh', 'host'), command: 'ssh', title: 'user@host: ~' })).toBeNull();
  });

  it('goes by the program’s name where its arguments may not be read', () => {
    const hidden = { processes: [{ pid: 10, argv: [] }], title: '' };
    expect(kindOf({ ...hidden, command: 'claude' })).toEqual({ kind: 'claude-code', pid: null });
    expect(kindOf({ ...hidden, command: 'node' })).toBeNull();
  });
});
