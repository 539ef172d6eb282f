/** A kind of agent that nobody has built in, added by nothing but what docs/adding-an-agent.md says. */

import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../../machines/vocabulary.ts';
import { ended, send } from '../support/command-calls.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { startRedis } from '../support/redis.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const TERN = join(ROOT, 'test/fixtures/invented-agent/tern');
const page = readFileSync(join(ROOT, 'docs/adding-an-agent.md'), 'utf8');
const [description = '', change = ''] = page.split(/^## Changing a built-in agent$/m);

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, body = '']) => body,
  );

const [RESTING = '', READING = '', ASKING = ''] = blocks(description, 'text');

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
  const AGENT_MONITOR_CONFIG = settings(blocks(description, 'toml').join('\n'));
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

    const answer = await fetch(`${daemon.url}/api/agents/tern/answer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dialog: asking.dialog?.id, choice: '1' }),
    });
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
});
