import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { HookPayload } from '../../actors/ports.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { hookFor } from '../../src/hooks/install.ts';
import { ended, send } from '../support/command-calls.ts';
import { type CommandStage, startCommandStage } from '../support/command-stage.ts';
import { recordedHooks } from '../support/hooks.ts';
import type { TestSession } from '../support/tmux.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');

let stage: CommandStage;

beforeEach(async () => {
  stage = await startCommandStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

/** What tmux puts into the environment of a pane. */
const environmentOf = async ({ paneId }: TestSession) => {
  const { pid } = await stage.tmux.identity();
  return { TMUX_PANE: paneId, TMUX: `${stage.tmux.socket},${pid},0` };
};

/** Posts as Claude Code does, which puts its environment into the headers. */
const post = async (agent: TestSession, payload: HookPayload): Promise<void> => {
  const { TMUX_PANE, TMUX } = await environmentOf(agent);
  const response = await fetch(`${stage.daemon.url}/api/hooks/claude-code`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-agent-monitor-pane': TMUX_PANE,
      'x-agent-monitor-tmux': TMUX,
    },
    body: JSON.stringify(payload),
  });
  expect([response.status, await response.text()]).toEqual([200, '{}']);
};

/** Waits for a change of state like this one. */
const changed = (session: string, wanted: Partial<MonitorEvent>) =>
  until(`${session} changes to ${wanted.state}`, async () => {
    const events = await stage.daemon.events();
    const isLike = (event: MonitorEvent) =>
      event.event === 'state_change' &&
      event.session === session &&
      Object.entries(wanted).every(([field, value]) => event[field] === value);
    return events.find(isLike) ?? null;
  });

it('hooks of an agent at its prompt begin its turn, count its calls, and end it', async () => {
  const agent = await stage.simulated('shop-api', {});
  const { daemon } = stage;
  await post(agent, { hook_event_name: 'UserPromptSubmit', prompt: 'fix the parser' });
  await changed('shop-api', { prevState: 'complete', state: 'reading', reason: 'prompt' });
  for (const payload of recordedHooks('claude-code-edits')) {
    const { transcript_path: _, ...rest } = payload;
    if (payload.hook_event_name === 'PostToolUse') await post(agent, rest);
  }
  await changed('shop-api', { prevState: 'reading', state: 'working', reason: 'tool' });
  const [{ session_id: own } = {}] = recordedHooks('claude-code-edits');
  await post(agent, { hook_event_name: 'PreToolUse', session_id: own ?? '', tool_name: 'Bash' });
  // Of an agent that this command runs, and that fails.
  await post(agent, { hook_event_name: 'UserPromptSubmit', session_id: 'nested', prompt: 'go' });
  await post(agent, { hook_event_name: 'StopFailure', session_id: 'nested', error: 'overloaded' });
  await post(agent, { hook_event_name: 'Stop', session_id: own ?? '', background_tasks: [] });
  const done = await daemon.agent('shop-api', ({ state }) => state === 'complete');
  expect(done.indicators).toMatchObject({ filesWritten: 1, bashCommands: 2, toolCalls: 18 });
  expect(done.indicatorsApproximate).toBe(false);
  const events = await daemon.events();
  expect(events.filter(({ state }) => state === 'error')).toEqual([]);
});

it('the program that is installed posts, and says nothing of a monitor that is away', async () => {
  const agent = await stage.simulated('shop-api', {});
  const { command } = hookFor({
    agent: 'claude-code',
    node: process.execPath,
    program: join(ROOT, 'src/hooks/post.js'),
    socket: join(stage.daemon.dataDir, 'api.sock'),
  });
  const run = async (payload: HookPayload) => {
    const running = promisify(execFile)('sh', ['-c', String(command)], {
      env: { ...process.env, ...(await environmentOf(agent)) },
    });
    running.child.stdin?.end(JSON.stringify(payload));
    return running;
  };
  expect(await run({ hook_event_name: 'UserPromptSubmit', prompt: 'go' })).toEqual({
    ...{ stdout: '', stderr: '' },
  });
  await changed('shop-api', { state: 'reading', reason: 'prompt' });
  await stage.daemon.end();
  expect(await run({ hook_event_name: 'Stop' })).toEqual({ stdout: '', stderr: '' });
});

it('a command is proved by the hook of the prompt that it became', async () => {
  // The Enter is taken, but the screen goes on showing the text.
  const agent = await stage.simulated('shop-api', { swallowEnterMs: 600_000 });
  const { id } = await send(stage.daemon, 'shop-api', 'fix the parser');
  await until('Enter was pressed', () =>
    agent.entries().some(({ event }) => event === 'enter-swallowed') ? true : null,
  );
  await post(agent, { hook_event_name: 'UserPromptSubmit', prompt: 'fix the parser' });
  expect(await ended(stage.daemon, id)).toMatchObject({ status: 'sent', evidence: 'hook' });
});

it('a transcript that hooks name is counted as it grows', async () => {
  const agent = await stage.simulated('shop-api', {});
  const path = join(stage.daemon.dataDir, 'one.jsonl');
  const lines = readFileSync(join(ROOT, 'test/fixtures/hooks/claude-code-transcript.jsonl'), 'utf8')
    // Written since the agent was started.
    .replaceAll('2026-11-22T', '2126-11-22T');
  const cut = lines.length / 2;
  appendFileSync(path, lines.slice(0, cut));
  await post(agent, { hook_event_name: 'SessionStart', transcript_path: path });
  await stage.daemon.agent('shop-api', ({ indicators }) => indicators.filesRead === 4);
  appendFileSync(path, lines.slice(cut));
  await post(agent, { hook_event_name: 'SessionStart', transcript_path: path });
  const grown = await stage.daemon.agent(
    'shop-api',
    ({ indicators }) => indicators.toolCalls === 18,
  );
  expect(grown.indicators).toMatchObject({ filesRead: 4, filesWritten: 1, filesEdited: 1 });
});
