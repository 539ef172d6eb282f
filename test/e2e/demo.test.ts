/** `npm run demo` as a person runs it: it shows the agents change, and leaves nothing behind. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const run = promisify(execFile);

let folder: string;
let demo: ChildProcess | undefined;
let output = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'am-test-demo-'));
  output = '';
});

afterEach(async () => {
  if (demo !== undefined && demo.exitCode === null && demo.signalCode === null) {
    const exit = once(demo, 'exit');
    demo.kill('SIGTERM');
    await exit;
  }
  await rm(folder, { recursive: true, force: true });
});

const startDemo = (...args: string[]): ChildProcess => {
  const child = spawn(process.execPath, ['demo/run.ts', ...args], {
    // What it leaves is seen there.
    env: { ...process.env, TMPDIR: folder, TMUX_TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  demo = child;
  return child;
};

const printed = (wanted: RegExp): Promise<void> =>
  expect.poll(() => output, { timeout: 40_000, interval: 50 }).toMatch(wanted) as Promise<void>;

const filesBelow = async (path: string): Promise<string[]> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
};

const endedWith = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];

it('shows four agents, and ends everything when it is told to', async () => {
  const child = startDemo();
  for (const session of ['shop-api', 'web-shop', 'billing', 'search']) {
    await printed(new RegExp(`${session} +first seen → `));
  }
  const url = /curl (\S+)/.exec(output)?.[1] as string;
  const socket = /tmux -S (\S+) attach/.exec(output)?.[1] as string;
  const { count } = (await (await fetch(url)).json()) as { count: number };
  expect(count).toBe(4);
  await printed(/web-shop +waits: approval/);

  child.kill('SIGTERM');
  expect(await endedWith(child)).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
  await expect(run('tmux', ['-S', socket, 'list-sessions'])).rejects.toThrow();
  expect(await filesBelow(folder)).toEqual([]);
});

it('ends by itself after the seconds it was given', async () => {
  const child = startDemo('--for', '1');
  expect(await endedWith(child)).toBe(0);
  expect(output).toContain('Ending what was started');
  expect(await filesBelow(folder)).toEqual([]);
});

it('ends what it had begun when it is told to while starting', async () => {
  const child = startDemo();
  await printed(/Starting tmux/);
  child.kill('SIGINT');
  expect(await endedWith(child)).toBe(0);
  expect(await filesBelow(folder)).toEqual([]);
});

it('refuses an argument it does not know', async () => {
  const child = startDemo('--for', 'ever');
  expect(await endedWith(child)).toBe(1);
  expect(output).toContain('--for ever: must be seconds');
  expect(output).toContain('usage: npm run demo');
});
