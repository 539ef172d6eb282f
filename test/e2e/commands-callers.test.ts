import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Accepted, call, commandsOf, ended, send } from '../support/command-calls.ts';
import { type CommandStage, startCommandStage } from '../support/command-stage.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

let stage: CommandStage;

beforeEach(async () => {
  stage = await startCommandStage();
});

afterEach(() => stage[Symbol.asyncDispose]());

const USAGE = new URL('../../docs/api.md', import.meta.url);

it('the calls that the documentation shows send commands', async () => {
  const agent = await stage.recording('shop-api');
  const shown = readFileSync(USAGE, 'utf8').match(/^curl .*\/shop-api\/command .*$/gm) ?? [];
  expect(shown.length).toBeGreaterThan(0);
  const wanted: string[] = [];
  for (const line of shown) {
    const here = line.replace('http://localhost:3848', stage.daemon.url.replace(/\/$/, ''));
    expect(here).not.toBe(line);
    const { stdout } = await run('sh', ['-c', here.replace('curl ', 'curl -sf --max-time 20 ')]);
    const answer = JSON.parse(stdout);
    expect(answer).toEqual({
      success: true,
      id: expect.any(String),
      jobId: answer.id,
      session: 'shop-api',
      command: expect.any(String),
      status: 'queued',
    });
    expect(await ended(stage.daemon, answer.id)).toMatchObject({ status: 'sent', error: null });
    wanted.push(answer.command);
  }
  expect(agent.submitted()).toEqual(wanted);
});

it('every call that changes something is logged with who asked', async () => {
  const agent = await stage.recording('shop-api');
  const typed = await send(stage.daemon, 'shop-api', 'go on', { source: 'zoe' });
  await ended(stage.daemon, typed.id);
  await agent.type('half a thought');
  const waiting = await send(stage.daemon, 'shop-api', 'later');
  const path = (what: string): string => `/api/commands/${waiting.id}${what}`;
  expect((await call(stage.daemon, 'DELETE', path(''), { source: 'kim' })).status).toBe(200);
  const retried = await call(stage.daemon, 'POST', path('/retry'), { source: 'lee' });
  const { id: again } = (await retried.json()) as Accepted;
  // Nothing comes of these, and so nothing is logged.
  expect((await call(stage.daemon, 'DELETE', path(''), { source: 'eve' })).status).toBe(409);
  const resolving = { resolution: 'it was typed', source: 'eve' };
  expect((await call(stage.daemon, 'POST', path('/resolve'), resolving)).status).toBe(409);
  const interrupt = '/api/agents/shop-api/interrupt';
  expect((await call(stage.daemon, 'POST', interrupt, { source: 'ann' })).status).toBe(202);

  const log = await until('all of it is logged', async () => {
    const page = await stage.daemon.get<{ log: LogEntry[] }>('/api/agents/shop-api/log');
    return page.log.length >= 5 ? page.log : null;
  });
  expect(log.map(({ source, action }) => `${source}: ${action}`).reverse()).toEqual([
    'zoe: command',
    expect.stringMatching(/^(?:uid:\d+|token): command$/),
    'kim: cancel',
    'lee: retry',
    'ann: interrupt',
  ]);
  const mentions = (index: number, id: string): boolean =>
    log.at(index)?.detail.includes(id) === true;
  expect(mentions(-1, typed.id) && mentions(-3, waiting.id) && mentions(-4, again)).toBe(true);
});

it('what a crash left unknown can be resolved by a person, once, and tried again', async () => {
  const agent = await stage.recording('shop-api');
  await stage.tmux.run('set-hook', '-g', 'after-paste-buffer', 'run-shell "sleep 60"');
  const { id } = await send(stage.daemon, 'shop-api', 'go on');
  await stage.daemon.agent('shop-api', () => agent.pasted().length === 1);
  await stage.daemon.end('SIGKILL');
  await stage.tmux.run('set-hook', '-gu', 'after-paste-buffer');
  await stage.daemon.start();
  expect(await ended(stage.daemon, id)).toMatchObject({ status: 'unknown', error: 'interrupted' });

  const resolve = () =>
    call(stage.daemon, 'POST', `/api/commands/${id}/resolve`, {
      resolution: 'it was not submitted',
      source: 'zoe',
    });
  expect(await (await resolve()).json()).toMatchObject({
    status: 'unknown',
    resolution: 'it was not submitted',
  });
  expect((await resolve()).status).toBe(409);
  await agent.clear();
  const retried = await call(stage.daemon, 'POST', `/api/commands/${id}/retry`);
  const { id: again } = (await retried.json()) as Accepted;
  expect(await ended(stage.daemon, again)).toMatchObject({ status: 'sent', retryOf: id });
  expect(agent.submitted()).toEqual(['go on']);
  const commands = await commandsOf(stage.daemon, 'shop-api');
  expect(commands.map(({ status }) => status)).toEqual(['unknown', 'sent']);
  const events = (await stage.daemon.events()).filter(({ event }) => event.startsWith('command_'));
  expect(events.map(({ event, id: of }) => `${event} ${of === id ? 'first' : 'second'}`)).toEqual([
    'command_queued first',
    'command_unknown first',
    'command_resolved first',
    'command_queued second',
    'command_sent second',
  ]);
});

interface LogEntry {
  source: string;
  action: string;
  detail: string;
}
