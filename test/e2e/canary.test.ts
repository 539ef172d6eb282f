/** The canary on a stand-in for Claude Code that shows recorded screens. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inFolder } from '../../canary/installed.ts';
import { reportOf, walkFaults } from '../../canary/report.ts';
import type { Tried } from '../../canary/try.ts';
import { tryAgent } from '../../canary/try.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'test/support/recorded-claude-program.ts');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'am-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tryRecorded = async (
  moved = '',
  signal: AbortSignal = new AbortController().signal,
): Promise<Tried> => {
  const file = join(folder, 'claude');
  const args = [PROGRAM, join(folder, 'trace'), '--moved', moved || 'none'];
  await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${args.join("' '")}' "$@"\n`);
  await chmod(file, 0o755);
  const [installed] = await inFolder(folder);
  if (installed === undefined) throw new Error('the stand-in is not found');
  const pace = { looks: 2, lookMs: 150, answerMs: 10_000, askedMs: 700, quietMs: 500 };
  return tryAgent(installed, {
    width: 120,
    height: 40,
    path: process.env.PATH ?? '',
    pace,
    signal,
  });
};

const trace = async (): Promise<{ pid: number; home: string }> =>
  JSON.parse(await readFile(join(folder, 'trace'), 'utf8'));

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const WALK_MS = 150_000;

test('walks an agent through its states, finds each judged as what it is, and leaves nothing', {
  timeout: WALK_MS,
}, async () => {
  const tried = await tryRecorded();
  expect(walkFaults(tried)).toEqual([]);
  expect(tried.version).toBe('2.1.330');
  expect(tried.judged.map(({ state }) => state)).toEqual([
    ...['trust', 'fresh', 'thinking', 'thinking-aloud', 'reading', 'approval-write', 'working'],
    ...['approval-run', 'command-running', 'command-done', 'streaming', 'complete', 'draft'],
    ...['question', 'reading-again', 'interrupted', 'error', 'retrying', 'complete-after-retry'],
  ]);
  const { pid, home } = await trace();
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(home)).toBe(false);
});

test('tells which screens of a version that has moved are judged wrong, and by what', {
  timeout: WALK_MS,
}, async () => {
  const tried = await tryRecorded('approval-run');
  expect(walkFaults(tried)).toEqual([
    'approval-run: unknown, not reading|working (claude-code.unreadable: "A screen of another make")',
    'approval-run: attention none, not approval (claude-code.unreadable: "A screen of another make")',
  ]);
  expect(reportOf(tried)).toContain('18 of 19 screens are judged as what they are');
});

test('ends what it started when it is interrupted', async () => {
  const interrupted = new AbortController();
  const trying = tryRecorded('', interrupted.signal);
  await expect.poll(() => existsSync(join(folder, 'trace')), { timeout: 20_000 }).toBe(true);
  interrupted.abort(new Error('ended by SIGINT'));
  await expect(trying).rejects.toThrow();
  const { pid, home } = await trace();
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(home)).toBe(false);
});

test('says so where no agent is installed, and succeeds', async () => {
  const args = [join(ROOT, 'canary/run.ts'), '--in', folder];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toBe(
    `no agent CLI is installed: none of claude, codex, gemini, opencode, qwen, copilot in ${folder}\n`,
  );
});

test.each([
  { args: ['--size', 'wide'], told: '--size wide: columns x rows, such as 80x24' },
  { args: ['--in', '/nowhere'], told: '--in /nowhere: there is no such folder' },
  { args: ['--walk'], told: "Unknown option '--walk'" },
])('refuses $args', async ({ args, told }) => {
  const run = promisify(execFile)(process.execPath, [join(ROOT, 'canary/run.ts'), ...args]);
  await expect(run).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(told) });
});
