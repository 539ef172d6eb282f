import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BadSettings } from '../../../actors/errors.ts';
import {
  hookFor,
  hooksStatus,
  installHooks,
  settingsPathOf,
  uninstallHooks,
} from '../../../src/hooks/install.ts';

const WHERE = {
  socket: '/data/api.sock',
  node: '/bin/node',
  program: '/a/src/hooks/post.js',
};
const agent = 'claude-code';
const hook = hookFor({ agent, ...WHERE });

let folder: string;
let settingsPath: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-install-'));
  settingsPath = join(folder, 'settings.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (text: string) => writeFileSync(settingsPath, text);
const readText = () => readFileSync(settingsPath, 'utf8');
const read = () => JSON.parse(readText());
const install = (which = hook) => installHooks({ agent, settingsPath, hook: which });
const uninstall = () => uninstallHooks({ agent, settingsPath });
const status = () => hooksStatus({ agent, settingsPath, hook }).installed;

/** As people write them: out of order, numbers of their own, hooks of their own. */
const SETTINGS = `{
    "model": "opus",
    "zeta": 1.0, "env": {"B": "1", "A": "\\u00e9 } ] \\" ,"},
    "permissions": { "allow": ["Bash(npm test)", "Read"], "deny": [] },
    "hooks": {
        "Stop": [ { "hooks": [ { "type": "command", "command": "say done" } ] } ],
        "PreToolUse": [
            {
                "matcher": "Bash",
                "hooks": [{ "type": "command", "command": "guard" }]
            }
        ]
    },
    "10": true,
    "2": 1e3
}
`;

describe('installing', () => {
  it.each(['claude-code', 'codex'] as const)('has a program post for %s to the socket', (one) => {
    const program = "/it's here/src/hooks/post.js";
    const posting = hookFor({ ...WHERE, agent: one, program });
    expect(posting).toEqual({
      type: 'command',
      command: `'/bin/node' '/it'\\''s here/src/hooks/post.js' '/data/api.sock' '${one}'`,
      timeout: 5,
    });
    install(posting);
    expect(read().hooks.Stop).toEqual([{ hooks: [posting] }]);
    expect(Object.keys(read().hooks)).toHaveLength(8);
    expect(status()).toBe('outdated');
    uninstall();
    expect(status()).toBe('no');
  });

  it.each([
    { type: 'http', url: 'http://127.0.0.1:3848/api/hooks/claude-code', timeout: 5 },
    { type: 'command', command: "'/bin/node' '/a/src/hooks/post.ts' '/data/api.sock' 'codex'" },
    { type: 'command', command: "'/bin/node' '/a/src/hooks/post.ts' '/data/api.sock'" },
  ])('replaces what an earlier version installed: %j', (earlier) => {
    install(earlier);
    expect(status()).toBe('outdated');
    install();
    expect(status()).toBe('yes');
    expect(read().hooks.Stop).toEqual([{ hooks: [hook] }]);
  });

  it.each([
    { type: 'command', command: 'node ~/.claude/hooks/post.ts' },
    { type: 'command', command: "'/bin/node' '/home/user/.claude/hooks/post.js' '/data/api.sock'" },
    { type: 'command', command: "'/bin/node' '/a/src/hooks/post.js' '/data/chat'" },
    { type: 'http', url: 'http://127.0.0.1:3848/other/api/hooks/claude-code' },
    { type: 'http', url: 'https://hooks.example/api/hooks/claude-code' },
  ])('leaves a hook that only looks like ours: %j', (theirs) => {
    const text = JSON.stringify({ hooks: { Stop: [{ hooks: [theirs] }] } });
    write(text);
    expect(status()).toBe('no');
    install();
    expect(read().hooks.Stop[0]).toEqual({ hooks: [theirs] });
    uninstall();
    expect(readText()).toBe(text);
  });

  it('leaves all that stood there as it stood, and comes after it', () => {
    write(SETTINGS);
    install();
    const lines = new Set(readText().split('\n'));
    const kept = SETTINGS.split('\n').filter((line) => lines.has(line));
    expect(kept.length).toBeGreaterThan(10);
    expect(readText().startsWith(SETTINGS.slice(0, SETTINGS.indexOf('"hooks"')))).toBe(true);
    const { hooks, ...rest } = read();
    const { hooks: before, ...others } = JSON.parse(SETTINGS);
    expect(rest).toEqual(others);
    expect(hooks.Stop).toEqual([...before.Stop, { hooks: [hook] }]);
    expect(hooks.PreToolUse).toEqual([...before.PreToolUse, { hooks: [hook] }]);
    expect(hooks.StopFailure).toEqual([{ hooks: [hook] }]);
  });

  it.each([
    ['settings as people write them', SETTINGS],
    ['no hooks', '{\n\t"model": "opus"\n}\n'],
    ['one line', '{"model":"opus","hooks":{"Stop":[{"hooks":[]}]}}'],
    ['line ends of another system', '{\r\n  "model": "opus"\r\n}\r\n'],
    ['a byte order mark', '\uFEFF{\n  "model": "opus"\n}'],
    ['nothing in it', '{}'],
  ])('is undone to the byte: %s', (_, text) => {
    write(text);
    expect(install().changed).toBe(true);
    expect(status()).toBe('yes');
    expect(readText()).not.toBe(text);
    expect(uninstall().changed).toBe(true);
    expect(readText()).toBe(text);
    expect(status()).toBe('no');
  });

  it('keeps the line ends of the file', () => {
    write('{\r\n  "model": "opus"\r\n}\r\n');
    install();
    expect(readText().replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('changes nothing when it is done again', () => {
    write(SETTINGS);
    install();
    const once = readText();
    expect(install()).toEqual({ changed: false, settingsPath, backup: null });
    expect(readText()).toBe(once);
  });

  it('is not whole where the user has turned all hooks off', () => {
    write('{"disableAllHooks": true}');
    install();
    expect(status()).toBe('disabled');
    write(readText().replace('true', 'false'));
    expect(status()).toBe('yes');
  });

  it('replaces a hook for another folder, and one that misses an event', () => {
    write(SETTINGS);
    const old = hookFor({ agent, ...WHERE, socket: '/elsewhere/api.sock' });
    install(old);
    expect(status()).toBe('outdated');
    install();
    expect(readText()).not.toContain('elsewhere');
    const partly = readText();
    write(partly.replace('"SessionEnd"', '"SessionEnded"'));
    expect(hooksStatus({ agent, settingsPath, hook })).toMatchObject({
      installed: 'outdated',
      missing: ['SessionEnd'],
    });
    install();
    expect(readText()).toBe(partly);
  });

  it('makes the file and its folder where there is none, for this user alone', () => {
    settingsPath = join(folder, 'home', '.claude', 'settings.json');
    expect(install()).toEqual({ changed: true, settingsPath, backup: null });
    expect(statSync(settingsPath).mode & 0o777).toBe(0o600);
    expect(status()).toBe('yes');
  });

  it('keeps a copy of each file that it changes', () => {
    write(SETTINGS);
    const { backup } = install();
    expect(readFileSync(backup ?? '', 'utf8')).toBe(SETTINGS);
    uninstall();
    expect(install().backup).toBe(backup);
    write('{"model": "haiku"}');
    const second = install().backup ?? '';
    expect(second).not.toBe(backup);
    expect(readFileSync(second, 'utf8')).toBe('{"model": "haiku"}');
  });

  it('keeps mode and place of a file that is a link', () => {
    const real = join(folder, 'dotfiles.json');
    writeFileSync(real, '{}');
    chmodSync(real, 0o640);
    symlinkSync(real, settingsPath);
    install();
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(JSON.parse(readFileSync(real, 'utf8'))).toHaveProperty('hooks');
    expect(readdirSync(folder).sort()).toEqual([
      'dotfiles.json',
      'settings.json',
      'settings.json.before-agent-monitor',
    ]);
  });
});

it('does not put a file in the place of a link to one that is not there', () => {
  symlinkSync('dotfiles/settings.json', settingsPath);
  expect(install).toThrow(/cannot be changed: it is a link to a file that is not there/);
  expect(readdirSync(folder)).toEqual(['settings.json']);
  expect(readlinkSync(settingsPath)).toBe('dotfiles/settings.json');
});

it('does not change a file that its user has made read-only', () => {
  write(SETTINGS);
  chmodSync(settingsPath, 0o444);
  expect(install).toThrow(/settings\.json cannot be changed: it is read-only/);
  expect(readText()).toBe(SETTINGS);
  expect(readdirSync(folder)).toEqual(['settings.json']);
});

it('keeps what another program has put into the file meanwhile', () => {
  write(SETTINGS);
  const theirs = '{"model": "haiku"}';
  let isChanged = false;
  // Asked for when the settings have been read, and long before they are written.
  const racing = Object.defineProperty({ ...hook }, 'toJSON', {
    value: () => {
      if (!isChanged) write(theirs);
      isChanged = true;
      return hook;
    },
  });
  const { backup } = install(racing);
  expect(read()).toMatchObject({ model: 'haiku', hooks: { Stop: [{ hooks: [hook] }] } });
  expect(readFileSync(backup ?? '', 'utf8')).toBe(theirs);
});

describe('uninstalling', () => {
  it('takes ours out of a matcher that holds others too', () => {
    const mixed = { hooks: { Stop: [{ hooks: [{ type: 'command', command: 'say' }, hook] }] } };
    write(JSON.stringify(mixed, null, 2));
    uninstall();
    expect(read()).toEqual({ hooks: { Stop: [{ hooks: [{ type: 'command', command: 'say' }] }] } });
  });

  it('changes nothing where nothing is installed', () => {
    write(SETTINGS);
    expect(uninstall().changed).toBe(false);
    rmSync(settingsPath);
    expect(uninstall().changed).toBe(false);
    expect(existsSync(settingsPath)).toBe(false);
  });
});

describe('settings that cannot be understood', () => {
  it.each([
    ['{"model": "opus",}', /settings\.json is not valid JSON, and is left as it is: .*position 17/],
    ['[1]', /settings\.json must hold a JSON object/],
    ['{"hooks": []}', /"hooks" must be an object/],
    ['{"hooks": {"Stop": {}}}', /"hooks.Stop" must be a list/],
  ])('are left as they are: %s', (text, message) => {
    write(text);
    for (const attempt of [install, uninstall, status]) expect(attempt).toThrow(message);
    expect(attemptError(install)).toBeInstanceOf(BadSettings);
    expect(readText()).toBe(text);
    expect(readdirSync(folder)).toEqual(['settings.json']);
  });

  it('are left as they are, byte by byte, where they are no UTF-8', () => {
    const bytes = Buffer.from('{"model": "caf\u00e9"}', 'latin1');
    writeFileSync(settingsPath, bytes);
    for (const attempt of [install, uninstall, status]) expect(attempt).toThrow(/not valid UTF-8/);
    expect(attemptError(install)).toBeInstanceOf(BadSettings);
    expect(readFileSync(settingsPath)).toEqual(bytes);
    expect(readdirSync(folder)).toEqual(['settings.json']);
  });

  it('are reported where they are no file', () => {
    mkdirSync(settingsPath);
    expect(install).toThrow(/cannot be read/);
  });
});

const attemptError = (attempt: () => unknown): unknown => {
  try {
    return attempt();
  } catch (error) {
    return error;
  }
};

it.each([
  ['claude-code', {}, '/home/user/.claude/settings.json'],
  ['claude-code', { CLAUDE_CONFIG_DIR: '/c' }, '/c/settings.json'],
  ['codex', {}, '/home/user/.codex/hooks.json'],
  ['codex', { CODEX_HOME: '/x' }, '/x/hooks.json'],
] as const)('finds what %s reads with %j', (which, env, expected) => {
  expect(settingsPathOf(which, { home: '/home/user', env })).toBe(expected);
});
