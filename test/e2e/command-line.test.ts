/** The command line as a person has it: a process of its own, against a monitor that watches agents. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type RecordedScreen, recordedScreens } from '../../accuracy/screens.ts';
import type { AgentLook } from '../../actors/ports.ts';
import { PROFILES } from '../../src/analysis/profiles/index.ts';
import { createExplainer } from '../../src/explain.ts';
import { type CommandStage, startCommandStage } from '../support/command-stage.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');

let stage: CommandStage;
let folder: string;

beforeAll(async () => {
  stage = await startCommandStage();
  folder = mkdtempSync(join(tmpdir(), 'am-cli-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stage[Symbol.asyncDispose]();
});

interface Options {
  input?: string;
  dataDir?: string;
  env?: Record<string, string>;
}

const start = (program: string, args: readonly string[], { dataDir, env }: Options = {}) => {
  const child = spawn(program, args, {
    cwd: folder,
    env: {
      ...process.env,
      API_PORT: '1',
      AGENT_MONITOR_DATA_DIR: dataDir ?? stage.daemon.dataDir,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // What it does not read of its input is no failure of the test.
  child.stdin.on('error', () => undefined);
  return child;
};

const ended = async (child: ReturnType<typeof start>, input = '') => {
  child.stdin.end(input);
  const [out, err, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ]);
  return { out, err, status };
};

/** Runs `agent-monitor` to its end. */
const run = (args: readonly string[], options: Options = {}) =>
  ended(start(process.execPath, [join(ROOT, 'agent-monitor.js'), ...args], options), options.input);

const say = (text: string) => ({ steps: [{ step: 'say', text }] });
const TALK = { turns: ['One.', 'Two.', 'Three.', 'Four.', 'Five.'].map(say) };
const ASKING = {
  turns: [
    {
      steps: [
        { step: 'think' },
        { step: 'bash', command: 'npm test', ask: true, output: ['ok 4'] },
      ],
    },
    say('Done.'),
  ],
};

describe('docs/command-line.md and docs/states.md', () => {
  const pages = ['command-line.md', 'states.md'].map((name) =>
    readFileSync(join(ROOT, 'docs', name), 'utf8'),
  );
  const blocks = [...pages.join('\n').matchAll(/^```bash\n(.*?)^```/gms)];
  const commands = blocks.flatMap(([, block = '']) => block.trim().split('\n'));

  it('have commands that work as they stand', async () => {
    await using agent = await stage.simulated('shop-api', TALK);
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const shim = `#!/bin/sh\nexec '${process.execPath}' '${ROOT}/agent-monitor.js' "$@"\n`;
    writeFileSync(join(bin, 'agent-monitor'), shim, { mode: 0o755 });
    expect(commands.length).toBeGreaterThan(15);
    for (const command of commands) {
      const here = command.replace('tmux ', `tmux -S '${stage.tmux.socket}' `);
      const env = { PATH: `${bin}:${process.env.PATH}` };
      const { status, err } = await ended(start('bash', ['-c', here], { env }));
      expect({ command, err, status }).toEqual({ command, err: '', status: 0 });
    }
    expect(await agent.until('prompt')).toMatchObject({ text: 'Run the tests' });
  });
});

describe('a person who lets others in', () => {
  const statusWith = async (token: string) => {
    const headers = { Authorization: `Bearer ${token}` };
    return (await fetch(`${stage.daemon.url}/api/agents`, { headers })).status;
  };

  it.each([
    ['token', []],
    ['token-read', ['--read-only']],
  ])('finds the file %s, and puts another token there', async (file, flags) => {
    const { out, status } = await run(['token', ...flags]);
    expect({ out, status }).toEqual({ out: `${join(stage.daemon.dataDir, file)}\n`, status: 0 });
    const token = () => readFileSync(out.trim(), 'utf8').trim();
    const before = token();
    expect(await statusWith(before)).toBe(200);
    expect(await run(['token', '--rotate', ...flags])).toMatchObject({ out, status: 0 });
    expect(await statusWith(token())).toBe(200);
    expect(await statusWith(before)).toBe(401);
    expect(stage.daemon.printed()).not.toContain(before);
  });

  it('has a link for one browser, wherever that finds the monitor', async () => {
    const { out } = await run(['open']);
    expect(out).toMatch(/^http:\/\/localhost:\d+\/login#code=[\w-]{22}\n$/);
    expect((await fetch(out.trim())).status).toBe(200);
    const elsewhere = await run(['open', '--read-only', '--at', 'https://monitor.example/']);
    expect(elsewhere.out).toMatch(/^https:\/\/monitor\.example\/login#code=[\w-]{22}\n$/);
    const { status, err } = await run(['open', '--at', 'monitor.example']);
    expect(status).toBe(1);
    expect(err).toContain('no address such as https://');
  });
});

describe('a person', () => {
  it('answers a question with several options and a text of their own', async () => {
    const options = [{ label: 'Metrics', description: 'for Prometheus' }, { label: 'Logs' }];
    const question = { header: 'Extras', question: 'Which extras?', options, multi: true };
    const steps = [{ step: 'question', questions: [question] }];
    const agent = await stage.simulated('asking-more', { turns: [{ steps }] });
    await agent.type('go');
    await agent.press('Enter');
    await stage.daemon.agent('asking-more', ({ dialog }) => dialog !== null);
    const shown = (await run(['show', 'asking-more'])).out;
    expect(shown).toMatch(/\n +1 +\[ \] Metrics: for Prometheus {2}\(preselected\)\n/);
    expect(shown).toMatch(/\n +3 +\[ \] Type something {2}\(with --text\)\n/);
    expect((await run(['answer', 'asking-more', '3'])).err).toMatch(/takes a text/);
    const given = ['answer', 'asking-more', '2', '3', '--text', 'a changelog', '--wait'];
    expect((await run(given)).out).toMatch(/^sent .*\(dialog-closed\)/);
    expect(await agent.screen()).toContain('→ Logs, a changelog');
    expect((await run(['answer', 'asking-more', '1', '--wait'])).out).toMatch(/^sent /);
    await agent.showing('Which extras? → Logs, a changelog');
  });

  it('sees who wants what, answers it by its id, and sees how it ended', async () => {
    await using agent = await stage.simulated('asking', ASKING);
    expect((await run(['send', 'asking', 'test', 'it', '--wait'])).out).toMatch(/^sent /);
    await stage.daemon.agent('asking', ({ attention }) => attention === 'approval');

    const listed = await run(['list', '--attention', 'approval']);
    expect(listed.out).toMatch(
      /^SESSION +KIND +STATE +FOR +WANTS .*\nasking +claude-code .* approval /,
    );
    const shown = await run(['show', 'asking']);
    expect(shown.out).toMatch(/\n +1 +Yes/);
    expect(shown.out).toMatch(/^rule +claude-code\.\w+$/m);
    expect(shown.out).toMatch(/^attention +approval \(claude-code\.approval\)$/m);
    const explained = await run(['explain', '--session', 'asking']);
    expect(explained.out).toMatch(/^rule +claude-code\.approval$/m);
    const { verdict } = JSON.parse(
      (await run(['explain', '--session', 'asking', '--json'])).out,
    ) as AgentLook;
    expect(verdict.attention).toBe('approval');

    const stale = await run(['answer', 'asking', '1', '--dialog', 'another']);
    expect(stale).toMatchObject({ status: 1, out: '' });
    expect(stale.err).toMatch(/agent-monitor show/);
    expect((await run(['answer', 'asking', '1', '--wait'])).out).toMatch(/^sent /);
    await stage.daemon.agent('asking', ({ attention }) => attention === 'none');
    const none = await run(['answer', 'asking', '1']);
    expect(none).toMatchObject({ status: 1, err: expect.stringMatching(/shows no dialog/) });
    expect((await run(['log', 'asking'])).out).toMatch(/ answer +"Yes" {2}[\da-f-]{36} by /);
    const whole = (await run(['log'])).out;
    expect(whole).toMatch(/ asking {2}.* answer +"Yes" {2}/);
    expect(whole).toMatch(/ - {2}.*uid:\d+ +token +full [\da-f]{8}\n/);
    void agent;
  });

  it('finds what was done to a session before it was renamed, also by a name that hides its marks', async () => {
    await using agent = await stage.simulated('plain', TALK);
    expect((await run(['send', 'plain', 'begin', '--wait'])).out).toMatch(/^sent /);
    const name = 'bi\u202edi';
    await stage.tmux.run('rename-session', '-t', '=plain', name);
    await stage.daemon.agent(name, ({ connection }) => connection === 'attached');
    expect((await run(['send', name, 'go on', '--wait'])).out).toMatch(/^sent /);
    expect((await run(['log', name])).out).toMatch(/ command +"begin" .*\n.* command +"go on" /);
    expect((await run(['list'])).out).toMatch(/^bi‹202E›di +claude-code /m);
    const { agents } = JSON.parse((await run(['list', '--json'])).out);
    expect(agents).toContainEqual(expect.objectContaining({ session: name }));
    void agent;
  });

  it('follows what happens, across a restart of the monitor', async () => {
    await using agent = await stage.simulated('followed', TALK);
    const args = [
      'events',
      '--follow',
      '--session',
      'followed',
      '--event',
      'command_sent',
      '--json',
    ];
    const child = start(process.execPath, [join(ROOT, 'agent-monitor.js'), ...args]);
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    let heard = '';
    let said = '';
    child.stdout.on('data', (chunk) => (heard += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    const commands = () =>
      heard
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).command);
    /** Whoever is not connected yet hears of it all the same only once he is. */
    await until('it follows', async () => {
      await run(['send', 'followed', 'are you there', '--wait']);
      return heard === '' ? null : true;
    });
    await stage.daemon.end();
    await until('it waits for the monitor', () => (said.includes('waiting for it') ? true : null));
    await stage.daemon.start();
    const before = commands().length;
    await stage.daemon.agent('followed', ({ connection }) => connection === 'attached');
    expect((await run(['send', 'followed', 'back again', '--wait'])).status).toBe(0);
    await until('it hears of the new one', () => (commands().length > before ? true : null));
    expect(commands().at(-1)).toBe('back again');
    void agent;
  });

  it.each([
    [
      ['show', 'nobody'],
      /^agent-monitor: no watched session is named "nobody"\. `agent-monitor list`/,
    ],
    [['send', 'nobody', 'x'], /named "nobody"/],
    [['log', 'nobody', '--limit', '5000'], /limit/],
    [['list', '--kind', 'clippy'], /kind/],
    [['explain', '--session', 'nobody'], /named "nobody"/],
  ])('is told what to do next after %j', async (args, message) => {
    const { status, out, err } = await run(args);
    expect(err).toMatch(message);
    expect({ status, out }).toEqual({ status: 1, out: '' });
  });

  it('is told that no monitor runs, and how to start it', async () => {
    const { status, err } = await run(['list'], { dataDir: folder });
    expect(err).toMatch(/^agent-monitor: no monitor answers at .*api\.sock.*npm start/);
    expect(status).toBe(1);
  });

  it.each([
    [['frobnicate'], /unknown command/],
    [['list', '--colour'], /unknown option/],
    [['send', 'shop-api'], /missing required argument/],
    [['list', '--state', 'sleepy'], /Allowed choices/],
    [['events', '--limit', 'all'], /whole number/],
    [['explain', '--kind', 'clippy'], /no such kind as clippy; there are claude-code/],
    [['explain', '--jsonl', '--kind', 'codex'], /cannot be used with/],
    [['explain', '--jsonl', '--title', 'x'], /cannot be used with/],
    [[], /Usage: agent-monitor/],
  ])('is told how it is meant after %j', async (args, message) => {
    const { status, out, err } = await run(args);
    expect(err).toMatch(message);
    expect({ status, out }).toEqual({ status: 2, out: '' });
  });

  it('cannot be fooled by what an agent wrote', async () => {
    const screen = `${'─'.repeat(60)}\n\u001b[2J\u202eevil\u009b31m $ \n`;
    const { out } = await run(['explain', '--kind', 'claude-code'], { input: screen });
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });
});

describe('explain, without a monitor and without tmux', () => {
  const env = { PATH: '/nonexistent', AGENT_MONITOR_DATA_DIR: '/nonexistent' };
  const screens = recordedScreens();

  it('judges ten thousand screens in order, as it judges them one by one', async () => {
    const lines = Array.from({ length: 10_000 }, (_, id) => {
      const { text, title } = screens[id % screens.length] as RecordedScreen;
      return `${JSON.stringify({ id, title, screen: text })}\n`;
    });
    const { out, err, status } = await run(['explain', '--jsonl'], { input: lines.join(''), env });
    expect({ err, status }).toEqual({ err: '', status: 0 });
    const answers = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.map(({ id }) => id)).toEqual(lines.map((_, id) => id));
    const { explainScreen } = createExplainer(PROFILES);
    for (const [id, answer] of answers.slice(0, screens.length).entries()) {
      const { text: screen, title } = screens[id] as RecordedScreen;
      expect(answer).toEqual({ id, ...explainScreen({ screen, title, kind: null }).explanation });
    }
  });

  it('names bad lines, explains the others, and says so by its status', async () => {
    const input = '{"id":"a","screen":"$ "}\nno\n{"id":"b","kind":"clippy","screen":""}\n';
    const { out, err, status } = await run(['explain', '--jsonl'], { input, env });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { id: 'a', kind: 'generic', activity: 'complete' },
      { id: 'b', kind: 'generic' },
    ]);
    expect(err).toMatch(/line 2: is not JSON.*\n.*line 3: "kind" is "clippy"/);
    expect(status).toBe(1);
  });

  it('answers a line before the next one comes', async () => {
    const child = start(process.execPath, [join(ROOT, 'agent-monitor.js'), 'explain', '--jsonl'], {
      env,
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    child.stdin.write('{"id":1,"screen":"$ "}\n');
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    expect(JSON.parse(first.toString())).toMatchObject({ id: 1 });
    expect(await ended(child, '{"id":2,"screen":"$ "}')).toMatchObject({ status: 0 });
  });

  it('ends quietly where its reader has had enough', async () => {
    const input = '{"id":1,"screen":"$ "}\n'.repeat(20_000);
    const command = `'${process.execPath}' '${ROOT}/agent-monitor.js' explain --jsonl | head -n 1`;
    const { out, err } = await ended(
      start('/bin/bash', ['-c', command], { env: { PATH: '/usr/bin:/bin' } }),
      input,
    );
    expect(JSON.parse(out)).toMatchObject({ id: 1 });
    expect(err).toBe('');
  });
});

describe('a specification in the folder of an agent', () => {
  it('tells its progress', async () => {
    writeFileSync(join(folder, 'TASKS.md'), '- [x] one\n- [ ] two\n');
    await using agent = await stage.simulated('planned', TALK, { cwd: folder });
    const half = await stage.daemon.agent(
      'planned',
      ({ progressSource }) => progressSource === 'spec',
    );
    expect(half.progress).toBe(50);
    writeFileSync(join(folder, 'TASKS.md'), '- [x] one\n- [x] two\n- [x] three\n');
    await stage.daemon.agent('planned', ({ progress }) => progress === 100);
    expect((await run(['list'])).out).toMatch(/^planned .* 100% \(spec\)/m);
    void agent;
  });
});
