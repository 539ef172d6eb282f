import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../src/analysis/kinds.ts';
import { PROFILES } from '../../../src/analysis/profiles/index.ts';

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
    ['claude-code', ['/home/user/.local/share/claude/versions/2.1.330']],
    ['claude-code', ['node', '--env-file', '/home/user/.env', '/usr/bin/claude']],
    ['codex', ['bun', 'run', '--cwd', '/home/user', '/usr/bin/codex']],
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
    [['node', '-pe', '/opt/claude']],
    [['node', '--eval=1', '/opt/claude']],
    [['node', '--check', '/opt/claude']],
    [['bash', '/usr/bin/claude']],
    [['/home/user/.local/share/other/versions/2.1.330']],
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

  it.each([
    ['tern', ['bash', '/opt/tern']],
    ['tern', ['bash', '-ex', '/opt/tern']],
    ['tern', ['bash', '-o', 'pipefail', './tern']],
    ['tern', ['python3', '-X', 'dev', '-m', 'tern']],
    ['tern', ['ruby', '-W0', 'bin/tern']],
    [null, ['bash', '-c', 'tail -f /var/log/tern']],
    [null, ['sh', '-lc', 'exec /opt/tern']],
    [null, ['python3', '-c', 'open("/tmp/tern")']],
    [null, ['perl', '-ne', 'print', '/var/log/tern']],
    [null, ['tail', '-f', '/opt/tern']],
  ])('finds %s among users’ own in %j', (kind, argv) => {
    const foundBy = { programs: ['tern'], packages: ['@acme/tern'], titles: [], runBy: /^/ };
    const own = { ...PROFILES, tern: { kind: 'tern', foundBy, rules: [] } };
    expect(kindOf(pane(...argv), own)?.kind ?? null).toBe(kind);
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
