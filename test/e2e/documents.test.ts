/** The blocks of docs/security.md, metrics.md and command-line.md, run as they stand. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readConfig } from '../../src/config.ts';
import { READ_TOKEN, startServer, TOKEN } from '../src/http/start.ts';
import { type CommandStage, startCommandStage } from '../support/command-stage.ts';
import { serveNginxBlock } from '../support/nginx-block.ts';
import { blocksOf } from '../support/page.ts';

const ROOT = join(import.meta.dirname, '../..');

const commandsOf = (page: string, language: string): string[] =>
  blocksOf(page, language).flatMap(({ body }) => body.trim().split('\n'));

let stage: CommandStage;
let folder: string;
/** As the project's own folder, in which nothing is changed. */
let checkout: string;

beforeAll(async () => {
  stage = await startCommandStage();
  folder = mkdtempSync(join(tmpdir(), 'am-docs-'));
  checkout = join(folder, 'checkout');
  mkdirSync(checkout);
  for (const name of readdirSync(ROOT)) symlinkSync(join(ROOT, name), join(checkout, name));
  mkdirSync(join(folder, 'bin'));
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${ROOT}/agent-monitor.js' "$@"\n`;
  writeFileSync(join(folder, 'bin/agent-monitor'), shim, { mode: 0o755 });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stage[Symbol.asyncDispose]();
});

/** Elsewhere than on Linux the monitor's user needs it too. */
const TOKEN_HERE =
  process.platform === 'linux' ? '' : '-H "Authorization: Bearer $(cat "$(agent-monitor token)")" ';

/** Runs it in the checkout, against the daemon of these tests, and with nothing outside of their folder. */
const run = async (command: string, path = `${join(folder, 'bin')}:${process.env.PATH}`) => {
  const { dataDir, url } = stage.daemon;
  const here = command
    .replaceAll('http://localhost:3848', url)
    .replaceAll('data/', `${dataDir}/`)
    .replaceAll('/etc/prometheus/', `${folder}/`)
    .replace(/^sudo (.*) -o prometheus /, `$1 -o ${userInfo().username} `)
    .replace(/^curl (?!-H)/, () => `curl ${TOKEN_HERE}`)
    .replace(/^curl /, 'curl -sS ');
  const child = spawn('bash', ['-c', here], {
    cwd: checkout,
    env: {
      ...process.env,
      ...{ PATH: path, API_PORT: '1', AGENT_MONITOR_DATA_DIR: dataDir },
      // It finds all that it needs here, and puts the link into a place of its own.
      ...{ npm_config_offline: 'true', npm_config_prefix: join(folder, 'global') },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { out, err, status };
};

/** What each of them prints; one that is not here has no test yet. */
const PRINTED: [command: RegExp, out: RegExp][] = [
  [/^curl .*\/api\/agents$/, /^\{"agents":\[/],
  [/^curl .*\/metrics$/, /^# HELP /],
  [/^sudo install /, /^$/],
  [/^agent-monitor token --read-only/, /\/token-read\n$/],
  [/^agent-monitor token --rotate/, /\/token\n$/],
  [
    /^agent-monitor open --at https:\/\/monitor\.example /,
    /^https:\/\/monitor\.example\/login#code=/,
  ],
  [/^agent-monitor open /, /^http:\/\/localhost:\d+\/login#code=/],
];

describe.each([
  // A tunnel needs a server to log in to.
  ['security.md', commandsOf('security.md', 'sh').filter((each) => !each.startsWith('ssh '))],
  ['metrics.md', commandsOf('metrics.md', 'bash')],
])('docs/%s', (_page, commands) => {
  it.each(commands)('has a command that works: %s', async (command) => {
    const printed = PRINTED.find(([pattern]) => pattern.test(command))?.[1];
    const { out, err, status } = await run(command);
    expect({ err, status }).toEqual({ err: '', status: 0 });
    expect(out).toMatch(printed ?? `what ${command} prints`);
  });
});

it('docs/metrics.md gives Prometheus a token that it may read, and that may look', async () => {
  const page = commandsOf('metrics.md', 'yaml').join('\n');
  const [install = ''] = commandsOf('metrics.md', 'bash').filter((each) => /install/.test(each));
  await run(install);
  const file = /credentials_file: \/etc\/prometheus\/(\S+)/.exec(page)?.[1] ?? '';
  expect(statSync(join(folder, file)).mode & 0o777).toBe(0o400);
  const Authorization = `Bearer ${readFileSync(join(folder, file), 'utf8').trim()}`;
  const ask = async (method: string, path: string) =>
    (await fetch(`${stage.daemon.url}${path}`, { method, headers: { Authorization } })).status;
  expect(await ask('GET', '/metrics')).toBe(200);
  expect(await ask('POST', '/api/agents/shop-api/kill')).toBe(403);
  const { 1: rules = '' } = /rule_files:\n *- (\S+)/.exec(page) ?? [];
  expect(readdirSync(join(ROOT, 'docs'))).toContain(rules);
});

describe('docs/command-line.md', () => {
  const commands = commandsOf('command-line.md', 'sh');
  const ways = commands.filter((each) => !each.startsWith('agent-monitor '));

  it('starts it in three ways', async () => {
    expect(ways).toHaveLength(3);
    for (const way of ways) {
      const { err, status } = await run(way, process.env.PATH);
      expect({ way, err: err.replace(/^npm (?:warn|notice).*\n/gm, ''), status }).toEqual({
        way,
        err: '',
        status: 0,
      });
    }
    const linked = await run(
      'agent-monitor --help',
      `${join(folder, 'global/bin')}:${process.env.PATH}`,
    );
    expect(linked.out).toMatch(/^Usage: agent-monitor /);
  }, 60_000);

  const answers = commands.filter((each) => each.startsWith('agent-monitor answer '));
  const bash = { step: 'bash', command: 'npm test', ask: true, output: ['ok 4'] };
  const asking = (multi: boolean, ...labels: string[]) => {
    const options = labels.map((label) => ({ label }));
    const question = { header: 'Release', question: 'What shall it have?', options, multi };
    return { step: 'question', questions: [question] };
  };
  const extras = asking(true, 'Metrics', 'Tracing', 'Logs');

  /** What is asked that each of them answers, and what the agent shows then. */
  const ASKED: [step: object, shown: string | RegExp, isReviewed?: true][] = [
    [bash, /ran 1 shell command/i],
    [extras, '→ Metrics, Logs', true],
    [asking(false, 'Lexer', 'Parser'), '→ The one with the least code'],
    [extras, '→ Metrics, A changelog', true],
  ];

  it('answers an option, several, a text, and several with a text', async () => {
    expect(answers).toHaveLength(ASKED.length);
    const turns = ASKED.map(([step]) => ({ steps: [{ step: 'think', ms: 500 }, step] }));
    await using agent = await stage.simulated('shop-api', { turns });
    const works = async (command = '') =>
      expect({ command, ...(await run(command)) }).toMatchObject({ command, err: '', status: 0 });
    for (const [at, [, shown, isReviewed]] of ASKED.entries()) {
      await works(`agent-monitor send shop-api go on ${at} --wait`);
      await stage.daemon.agent('shop-api', ({ dialog }) => dialog !== null);
      await works(answers[at]);
      await agent.showing(shown);
      if (isReviewed) await works('agent-monitor answer shop-api 1 --wait');
      await stage.daemon.agent('shop-api', ({ dialog }) => dialog === null);
    }
  });
});

describe('docs/security.md', () => {
  const settingsIn = (body: string) =>
    readConfig({
      env: Object.fromEntries(
        [...body.matchAll(/^(?:# )?([A-Z_]+)=(.+)$/gm)].map(([, ...pair]) => pair),
      ),
      argv: [],
      readFile: () => '',
    });

  it('names a password for Redis as the monitor takes it', () => {
    const { body = '' } =
      blocksOf('security.md', '').find(({ heading }) => heading === 'Redis') ?? {};
    expect(settingsIn(body).redisPassword).toBe(/=(.+)/.exec(body)?.[1]);
  });

  it('has a proxy through which others get what a token lets them, and nothing without', async () => {
    const [{ body = '' } = {}] = blocksOf('security.md', 'nginx');
    const { allowedHosts } = settingsIn(body);
    const [host = ''] = allowedHosts;
    await using api = await startServer({
      ...{ config: { allowedHosts }, readTable: () => Promise.resolve('') },
    });
    await using proxy = await serveNginxBlock(body, api.port);
    // As a browser has it that came by https.
    const page = { host, origin: `https://${host}`, 'sec-fetch-site': 'same-origin' };
    const by = (token: string) => ({ ...page, authorization: `Bearer ${token}` });
    const kill = '/api/agents/shop-api/kill';
    expect(await callAt(proxy.port, 'GET', '/api/agents', page)).toBe(401);
    expect(await callAt(proxy.port, 'GET', '/api/agents', by(READ_TOKEN))).toBe(200);
    expect(await callAt(proxy.port, 'POST', kill, by(READ_TOKEN))).toBe(403);
    expect(await callAt(proxy.port, 'POST', kill, by(TOKEN))).toBe(200);
    expect(
      await callAt(proxy.port, 'GET', '/api/agents', { ...by(TOKEN), host: 'x.example' }),
    ).toBe(421);
    // Its headers come at once, though it does not end.
    expect(await callAt(proxy.port, 'GET', '/api/events/stream', by(READ_TOKEN))).toBe(200);

    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/ws`, { headers: by(READ_TOKEN) });
    const [first] = await once(socket, 'message');
    expect(JSON.parse(String(first))).toMatchObject({ type: 'connected' });
    socket.terminate();
  });
});

/** The status of the answer, as soon as that is there. */
const callAt = (port: number, method: string, path: string, headers: Record<string, string>) =>
  new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      resolve(answer.statusCode);
      answer.destroy();
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
