import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BadSettings } from '../../actors/errors.ts';
import { readConfig } from '../../src/config.ts';
import { socketPath } from '../../src/tmux/socket-path.ts';

const read = (
  env: NodeJS.ProcessEnv = {},
  argv: string[] = [],
  files: Record<string, string> = {},
) =>
  readConfig({
    env,
    argv,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
      return text;
    },
  });

const complaintsOf = (...input: Parameters<typeof read>): string[] => {
  try {
    read(...input);
  } catch (error) {
    if (error instanceof BadSettings) return error.message.split('\n  ').slice(1);
    throw error;
  }
  return [];
};

const UID = process.getuid?.() ?? 0;

const fromFile = (toml: string, env: NodeJS.ProcessEnv = {}, argv: string[] = []) =>
  read({ AGENT_MONITOR_CONFIG: '/etc/am/am.toml', ...env }, argv, { '/etc/am/am.toml': toml });

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(read()).toEqual({
      redisUrl: null,
      redisPassword: null,
      redisPrefix: '',
      apiHost: '127.0.0.1',
      apiPort: 3848,
      allowedHosts: [],
      dataDir: join(import.meta.dirname, '../../data'),
      sessions: [],
      agents: [],
      profiles: {},
      specFiles: ['TASKS.md', 'TODO.md', 'PLAN.md', 'tasks.md', 'todo.md', 'plan.md'],
      tmuxSocket: socketPath(null, {}, UID),
      stuckAfterSeconds: 300,
      stuckToolSeconds: 900,
      connectionBudget: 200,
      logLevel: 'info',
    });
  });

  it('reads every variable', () => {
    const config = read({
      REDIS_URL: 'rediss://user:secret@db.example:6380/2',
      API_HOST: '0.0.0.0',
      API_PORT: '4000',
      AGENT_MONITOR_ALLOWED_HOSTS: 'monitor.example, 10.0.0.5,[fd00::1]',
      AGENT_MONITOR_DATA_DIR: 'somewhere/data',
      AGENT_MONITOR_SESSIONS: 'shop-*, café ☕,',
      AGENT_MONITOR_TMUX_SOCKET: 'work',
      AGENT_MONITOR_STUCK_AFTER_SECONDS: '60',
      AGENT_MONITOR_STUCK_TOOL_SECONDS: '120',
      AGENT_MONITOR_CONNECTION_BUDGET: '0',
      AGENT_MONITOR_LOG_LEVEL: 'warn',
      AGENT_MONITOR_REDIS_PREFIX: 'team:a.',
    });
    expect(config).toMatchObject({
      redisUrl: 'rediss://user:secret@db.example:6380/2',
      apiHost: '0.0.0.0',
      apiPort: 4000,
      allowedHosts: ['monitor.example', '10.0.0.5', '[fd00::1]'],
      dataDir: resolve('somewhere/data'),
      sessions: ['shop-*', 'café ☕'],
      tmuxSocket: socketPath('work', {}, UID),
      stuckAfterSeconds: 60,
      stuckToolSeconds: 120,
      connectionBudget: 0,
      logLevel: 'warn',
      redisPrefix: 'team:a.',
    });
  });

  it('reads every setting from the file, its paths as seen from there', () => {
    const config = fromFile(`
      redis_url = "redis://127.0.0.1:6380"
      redis_prefix = "x:"
      api_host = "::1"
      api_port = 4001
      allowed_hosts = ["monitor.example"]
      data_dir = "data"
      sessions = ["shop-api", "docs-*"]
      tmux_socket = "./tmux.sock"
      stuck_after_seconds = 30
      stuck_tool_seconds = 90
      connection_budget = 10
      log_level = "error"
      spec_files = ["ROADMAP.md"]
      [[agents]]
      session = "legacy-*"
      kind = "codex"
      [[agents]]
      session = "*"
      kind = "generic"
      [[agents]]
      session = "tern"
      kind = "tern"
      [[profiles.tern.rules]]
      name = "tern.prompt"
      when = [{ region = "last", line = '^tern>' }]
      activity = "complete"
      reason = "ready"
    `);
    expect(config).toEqual({
      redisUrl: 'redis://127.0.0.1:6380',
      redisPassword: null,
      redisPrefix: 'x:',
      apiHost: '::1',
      apiPort: 4001,
      allowedHosts: ['monitor.example'],
      dataDir: '/etc/am/data',
      sessions: ['shop-api', 'docs-*'],
      tmuxSocket: '/etc/am/tmux.sock',
      stuckAfterSeconds: 30,
      stuckToolSeconds: 90,
      connectionBudget: 10,
      logLevel: 'error',
      specFiles: ['ROADMAP.md'],
      agents: [
        { session: 'legacy-*', kind: 'codex' },
        { session: '*', kind: 'generic' },
        { session: 'tern', kind: 'tern' },
      ],
      profiles: {
        tern: {
          rules: [
            {
              name: 'tern.prompt',
              when: [{ region: 'last', line: '^tern>' }],
              activity: 'complete',
              reason: 'ready',
            },
          ],
        },
      },
    });
  });

  it('lets arguments win over the environment, that over the file, that over the defaults', () => {
    const toml = 'sessions = ["file"]\napi_port = 1\nlog_level = "warn"';
    const env = { AGENT_MONITOR_SESSIONS: 'env', API_PORT: '2' };
    expect(fromFile(toml).sessions).toEqual(['file']);
    expect(fromFile(toml, env).sessions).toEqual(['env']);
    expect(fromFile(toml, env, ['one', 'two'])).toMatchObject({
      sessions: ['one', 'two'],
      apiPort: 2,
      logLevel: 'warn',
    });
  });

  it('reads a password for the Redis that it starts from either source', () => {
    const password = 'aZ9-._~aZ9-._~aZ';
    expect(read({ AGENT_MONITOR_REDIS_PASSWORD: password }).redisPassword).toBe(password);
    expect(fromFile(`redis_password = "${password}"`).redisPassword).toBe(password);
  });

  it('takes what follows -- as session names, whatever they look like', () => {
    expect(read({}, ['a', '--', '--b', '-c']).sessions).toEqual(['a', '--b', '-c']);
    expect(read({}, ['--', 'a']).sessions).toEqual(['a']);
  });

  it('logs more in development, unless told how much', () => {
    expect(read({ NODE_ENV: 'development' }).logLevel).toBe('debug');
    expect(read({ NODE_ENV: 'production' }).logLevel).toBe('info');
    const env = { NODE_ENV: 'development', AGENT_MONITOR_LOG_LEVEL: 'error' };
    expect(read(env).logLevel).toBe('error');
  });

  it('counts an empty variable as not set', () => {
    expect(read({ API_PORT: '', REDIS_URL: '', AGENT_MONITOR_CONFIG: '' })).toEqual(read());
  });

  it('is frozen all through', () => {
    const config = fromFile('sessions = ["a"]\n[[agents]]\nsession = "a"\nkind = "codex"');
    for (const part of [config, config.sessions, config.agents, config.agents[0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe('readConfig refuses', () => {
  it.each([
    ['API_PORT', '80a'],
    ['API_PORT', '65536'],
    ['API_PORT', '-1'],
    ['API_PORT', '3848.5'],
    ['API_HOST', 'http://localhost'],
    ['API_HOST', 'localhost:3848'],
    ['API_HOST', '[::1]'],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'http://localhost'],
    ['AGENT_MONITOR_STUCK_AFTER_SECONDS', '0'],
    ['AGENT_MONITOR_STUCK_TOOL_SECONDS', '5m'],
    ['AGENT_MONITOR_CONNECTION_BUDGET', '-3'],
    ['AGENT_MONITOR_LOG_LEVEL', 'loud'],
    ['AGENT_MONITOR_ALLOWED_HOSTS', '*'],
    ['AGENT_MONITOR_ALLOWED_HOSTS', 'https://monitor.example'],
    ['AGENT_MONITOR_ALLOWED_HOSTS', 'monitor.example:8080'],
    ['AGENT_MONITOR_REDIS_PREFIX', 'a b'],
    ['AGENT_MONITOR_SESSIONS', 'a\u0007b'],
    ['AGENT_MONITOR_TMUX_SOCKET', 'a\nb'],
  ])('%s=%j, naming it, its value and what is allowed', (name, value) => {
    const [complaint, ...more] = complaintsOf({ [name]: value });
    expect(more).toEqual([]);
    expect(complaint).toMatch(new RegExp(`^${name}( \\(0\\))?=.+: must be .{5}`));
  });

  it.each([
    ['AGENT_MONITOR_STUK_AFTER_SECONDS', 'is it AGENT_MONITOR_STUCK_AFTER_SECONDS?'],
    ['AGENT_MONITOR_SESSION', 'is it AGENT_MONITOR_SESSIONS?'],
    ['AGENT_MONITOR_API_PORT', 'is it API_PORT?'],
    ['AGENT_MONITOR_CONFIGS', 'is it AGENT_MONITOR_CONFIG?'],
    ['AGENT_MONITOR_COLOUR', 'docs/configuration.md lists all'],
  ])('%s, which would do nothing: %s', (variable, next) => {
    expect(complaintsOf({ [variable]: '1' })).toEqual([`${variable} is not a setting; ${next}`]);
    expect(complaintsOf({ [variable]: '' })).toEqual([]);
  });

  it('all bad settings of all sources in one message', () => {
    const complaints = complaintsOf(
      { AGENT_MONITOR_CONFIG: '/am.toml', API_PORT: 'x', API_HOST: '0.0.0.0' },
      ['shop-api', '--verbose', '-x'],
      {
        '/am.toml':
          'api_prot = 1\nstuck_after_seconds = "long"\n[[agents]]\nsession = "a"\nkind = "hal"\nname = "b"',
      },
    );
    expect(complaints).toEqual([
      expect.stringMatching(/^agents in \/am.toml \(0.kind\)="hal": must be tables .*codex/),
      'name in /am.toml is not a setting',
      'stuck_after_seconds in /am.toml="long": must be a whole number of seconds from 1 to 86400',
      'api_prot in /am.toml is not a setting',
      'API_PORT="x": must be a whole number from 0 to 65535',
      '"--verbose" is not an option; arguments are session names or globs',
      '"-x" is not an option; arguments are session names or globs',
      expect.stringMatching(/^API_HOST="0.0.0.0" is open .*AGENT_MONITOR_ALLOWED_HOSTS/),
    ]);
  });

  it.each(['apiPort = 1', '"__proto__" = 1', 'constructor = 1', '"?x" = 1'])(
    'the unknown key %s of the file by its own name',
    (toml) => {
      const key = toml.split(' ')[0]?.replaceAll('"', '');
      expect(complaintsOf({ AGENT_MONITOR_CONFIG: '/c' }, [], { '/c': toml })).toEqual([
        `${key} in /c is not a setting`,
      ]);
    },
  );

  it.each([
    [{}, /^AGENT_MONITOR_CONFIG="\/c": ENOENT/],
    [{ '/c': 'api_port = ' }, /^AGENT_MONITOR_CONFIG="\/c": .*TOML.*: .* \(line 1, column \d+\)$/],
  ])('a file that is missing or no TOML: %j', (files, expected) => {
    expect(complaintsOf({ AGENT_MONITOR_CONFIG: '/c' }, [], files)).toEqual([
      expect.stringMatching(expected),
    ]);
  });

  it.each(['/etc/passwd', '../TASKS.md', '..', ''])('the path %j for a spec file', (name) => {
    const toml = `spec_files = [${JSON.stringify(name)}]`;
    expect(complaintsOf({ AGENT_MONITOR_CONFIG: '/c' }, [], { '/c': toml })).toEqual([
      `spec_files in /c (0)=${JSON.stringify(name)}: must be names of files without a path, at most 20`,
    ]);
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'monitor.example', '128.0.0.1'])(
    'the address %s without allowed hosts',
    (host) => {
      expect(complaintsOf({ API_HOST: host })).toHaveLength(1);
      expect(complaintsOf({ API_HOST: host, AGENT_MONITOR_ALLOWED_HOSTS: 'a.example' })).toEqual(
        [],
      );
    },
  );

  it.each(['localhost', '127.0.0.1', '127.8.8.8', '::1'])('nothing about %s', (host) => {
    expect(read({ API_HOST: host }).apiHost).toBe(host);
  });

  it.each([
    ['too short', 'x'.repeat(15)],
    ['too long', 'x'.repeat(129)],
    ['with what a URL would have to encode', 'hunter2@hunter2/hunter2'],
  ])('a password %s, without printing it', (_, password) => {
    const rule = 'must be 16 to 128 letters, digits and -._~, which stand for themselves in a URL';
    expect(complaintsOf({ AGENT_MONITOR_REDIS_PASSWORD: password })).toEqual([
      `AGENT_MONITOR_REDIS_PASSWORD: ${rule}`,
    ]);
    const toml = { '/c': `redis_password = "${password}"` };
    expect(complaintsOf({ AGENT_MONITOR_CONFIG: '/c' }, [], toml)).toEqual([
      `redis_password in /c: ${rule}`,
    ]);
  });

  it('a password for a Redis that it does not start', () => {
    const env = { AGENT_MONITOR_REDIS_PASSWORD: 'x'.repeat(16), REDIS_URL: 'redis://db.example' };
    expect(complaintsOf(env)).toEqual([expect.stringContaining('leave one of them out')]);
  });

  it('to print a password', () => {
    const complaints = complaintsOf({ REDIS_URL: 'http://me:hunter2@db' });
    expect(complaints.join()).not.toContain('hunter2');
    expect(complaints).toHaveLength(1);
  });
});

describe('readConfig and profiles', () => {
  it('names all that is wrong in them, with its place in the file', () => {
    const toml = `
      [profiles.tern]
      busyTitle = "x"
      [profiles.tern.composer]
      frame = "boxed"
      [[profiles.tern.rules]]
      name = "tern.a"
      when = [{ region = "head", line = '(a' }, { region = "head" }]
      activity = "turn"
      [profiles.gull]
      extends = "swift"
      [[agents]]
      session = "a"
      kind = "swan"
    `;
    expect(complaintsOf({ AGENT_MONITOR_CONFIG: '/am.toml' }, [], { '/am.toml': toml })).toEqual([
      expect.stringMatching(/^agents in \/am.toml \(0.kind\)="swan": must be .*codex/),
      expect.stringMatching(
        /^profiles.tern.composer.frame in \/am.toml="boxed": must be one of rules, open,/,
      ),
      expect.stringMatching(/^profiles.tern.composer.prompt in \/am.toml is missing: must be a/),
      expect.stringMatching(
        /^profiles.tern.rules\[0\].when\[0\].line in \/am.toml="\(a": .*: missing closing \)/,
      ),
      expect.stringMatching(
        /^profiles.tern.rules\[0\].when\[1\] in \/am.toml=\{"region":"head"\}: must have/,
      ),
      expect.stringMatching(/^profiles.tern.rules\[0\].reason in \/am.toml is missing: must be/),
      expect.stringMatching(/^profiles.tern.busyTitle in \/am.toml="x": is not known here/),
      expect.stringMatching(/^profiles.gull.extends in \/am.toml="swift": must be one of claude-/),
      expect.stringMatching(/^profiles.gull.rules in \/am.toml is missing: must be a list/),
    ]);
  });

  it('cuts a value short that would hide the rest', () => {
    const toml = `[profiles.tern]\nrules = "${'x'.repeat(5000)}"`;
    const [complaint = ''] = complaintsOf({ AGENT_MONITOR_CONFIG: '/am.toml' }, [], {
      '/am.toml': toml,
    });
    expect(complaint.length).toBeLessThan(400);
    expect(complaint).toMatch(/x…: must be a list/);
  });
});

describe('docs/configuration.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');

  it('lists every setting with its variable, and its default where that is a value', () => {
    const rows = [...text.matchAll(/^\| (?:`(\w+)`)? ?\| `(?:\[\[)?(\w+)(?:\]\])?` \| (\S+)/gm)];
    const defaults = new Map(
      Object.entries(read()).map(([name, value]) => [
        name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        value,
      ]),
    );
    expect(rows.map(([, , key]) => key).sort()).toEqual([...defaults.keys()].sort());
    for (const [, variable, key = '', shown] of rows) {
      const value = defaults.get(key);
      if (typeof value === 'number') expect(shown).toBe(String(value));
      if (variable === undefined) continue;
      const prefix = /^(redis_url|api_)/.test(key) ? '' : 'AGENT_MONITOR_';
      expect(variable).toBe(`${prefix}${key.toUpperCase()}`);
      expect(complaintsOf({ [variable]: '\u0001' })).toHaveLength(1);
    }
  });

  it('has example files that are read', () => {
    const [file = '', profile = ''] = [...text.matchAll(/^```toml\n(.*?)^```/gms)].map(
      ([, toml = '']) => toml,
    );
    expect(fromFile(file)).toMatchObject({ stuckAfterSeconds: 600, agents: [{}, {}] });
    expect(fromFile(profile).profiles).toMatchObject({ 'claude-code': { rules: [{}] } });
  });
});
