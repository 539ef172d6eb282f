/** A kind of agent that nobody has built in, added by nothing but what docs/adding-an-agent.md says. */

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../../machines/vocabulary.ts';
import { call, ended, send } from '../support/command-calls.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { startRedis } from '../support/redis.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';

const ROOT = join(import.meta.dirname, '../..');
const TERN = join(ROOT, 'test/fixtures/invented-agent/tern');
const page = readFileSync(join(ROOT, 'docs/adding-an-agent.md'), 'utf8');
const [description = ''] = page.split(/^## Changing a built-in agent$/m);

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, body = '']) => body,
  );

const [RESTING = '', READING = '', ASKING = '', COMPLAINT = ''] = blocks(description, 'text');
const TABLES = blocks(description, 'toml').join('\n');

const run = promisify(execFile);

let stack: AsyncDisposableStack;
let folder: string;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'am-test-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
});

afterEach(() => stack.disposeAsync());

/** The page's tables as a settings file. */
const settings = (toml: string): string => {
  const path = join(folder, 'agent-monitor.toml');
  writeFileSync(path, toml);
  return path;
};

const screenOf = (tmux: TestTmux, pane: string) => async () => {
  const screen = await tmux.run('capture-pane', '-p', '-t', pane);
  return screen.replace(/\s+$/, '\n');
};

const watchTern = async (): Promise<{
  daemon: TestDaemon;
  tmux: TestTmux;
  pane: string;
  goOn(): void;
}> => {
  const tmux = stack.use(await startTmux());
  const redis = stack.use(await startRedis());
  const command = [process.execPath, TERN];
  const { paneId: pane, panePid } = await tmux.newSession({ name: 'tern', command });
  const AGENT_MONITOR_CONFIG = settings(TABLES);
  const daemon = stack.use(await startDaemon({ tmux, redis, env: { AGENT_MONITOR_CONFIG } }));
  return { daemon, tmux, pane, goOn: () => process.kill(panePid, 'SIGUSR2') };
};

describe('docs/adding-an-agent.md', () => {
  it('adds an agent that is found, watched, told what to do and answered', async () => {
    const { daemon, tmux, pane, goOn } = await watchTern();
    const shown = screenOf(tmux, pane);
    const resting = await daemon.agent('tern', ({ since }) => since !== null);
    expect(resting).toMatchObject({ kind: 'tern', state: 'complete', reason: 'ready' });
    expect(await shown()).toBe(RESTING);

    const { id } = await send(daemon, 'tern', 'rename the parser');
    const reading = await daemon.agent('tern', ({ progressSource }) => progressSource === 'todos');
    expect(reading).toMatchObject({ state: 'reading', reason: 'thinking', progress: 0 });
    expect(reading.indicators.filesRead).toBe(2);
    expect(await ended(daemon, id)).toMatchObject({ status: 'sent' });
    expect(await shown()).toBe(READING);

    goOn();
    const asking = await daemon.agent('tern', ({ attention }) => attention !== 'none');
    expect(asking).toMatchObject({
      state: 'reading',
      attention: 'approval',
      dialog: {
        question: 'May Tern change src/parser.ts?',
        options: [
          { label: 'Yes', key: '1', preselected: true },
          { label: 'No', key: '2', preselected: false },
        ],
      },
    });
    expect(await shown()).toBe(ASKING);

    const choice = { dialog: asking.dialog?.id, choice: '1' };
    const answer = await call(daemon, 'POST', '/api/agents/tern/answer', choice);
    const answered = (await answer.json()) as { id: string };
    expect(await ended(daemon, answered.id)).toMatchObject({ evidence: 'dialog-closed' });
    const working = await daemon.agent('tern', ({ state }) => state === 'working');
    expect(working).toMatchObject({ attention: 'none', progress: 50 });

    goOn();
    const done = await daemon.agent('tern', ({ state }) => state === 'complete');
    expect(done).toMatchObject({ reason: 'done', evidence: '* done in 12s' });
    expect(done.indicators).toMatchObject({ filesRead: 2, filesEdited: 1 });

    const { agents } = await daemon.get<{ agents: Agent[] }>('/api/agents?kind=tern');
    expect(agents.map(({ session }) => session)).toEqual(['tern']);
    expect((await fetch(`${daemon.url}/api/agents?kind=gull`)).status).toBe(400);
  });

  it('adds an agent that can be interrupted', async () => {
    const { daemon } = await watchTern();
    await daemon.agent('tern', ({ since }) => since !== null);
    await send(daemon, 'tern', 'rename the parser');
    await daemon.agent('tern', ({ reason }) => reason === 'thinking');
    const interrupt = await call(daemon, 'POST', '/api/agents/tern/interrupt');
    const { id } = (await interrupt.json()) as { id: string };
    expect(await ended(daemon, id)).toMatchObject({ evidence: 'turn-ended' });
    const stopped = await daemon.agent('tern', ({ reason }) => reason === 'interrupted');
    expect(stopped).toMatchObject({ state: 'reading', evidence: '* stopped' });
  });

  it('has commands that explain a screen by the same tables', async () => {
    const tmux = stack.use(await startTmux());
    const { paneId: pane, panePid } = await tmux.newSession({
      name: 'tern',
      command: [process.execPath, TERN],
    });
    await expect.poll(screenOf(tmux, pane)).toBe(RESTING);
    await tmux.run('send-keys', '-t', pane, 'rename the parser', 'Enter');
    await expect.poll(screenOf(tmux, pane)).toBe(READING);
    process.kill(panePid, 'SIGUSR2');
    await expect.poll(screenOf(tmux, pane)).toBe(ASKING);

    settings(TABLES);
    const commands = blocks(description, 'bash')
      .join('')
      .replace(/^npm start\n/m, '');
    const script = commands.replaceAll(
      'npx agent-monitor',
      `'${process.execPath}' '${join(ROOT, 'src/cli.ts')}'`,
    );
    const env = { ...process.env, TMUX: `${tmux.socket},1,0` };
    const { stdout } = await run('bash', ['-ec', script], { cwd: folder, env });
    expect(stdout).toMatch(/^kind +tern \(as given\)$/m);
    expect(stdout).toMatch(/^attention +approval$/m);
    expect(stdout).toMatch(/^rule +tern\.approval$/m);
  });

  it('shows what is said where something in them is wrong', async () => {
    settings(TABLES.replace('^Tern dives', '^Tern (dives').replace('reason = "api-error"\n', ''));
    const env = { ...process.env, AGENT_MONITOR_CONFIG: 'agent-monitor.toml' };
    const starting = run(process.execPath, [join(ROOT, 'daemon.js')], { cwd: folder, env });
    await expect(starting).rejects.toMatchObject({ code: 1, stderr: COMPLAINT });
  });
});
