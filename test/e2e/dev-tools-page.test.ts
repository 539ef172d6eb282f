/** docs/dev-tools.md: its commands and its program as they stand. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { machineBody, machinesBody } from '../../src/http/schemas.ts';
import { createFakeMonitor } from '../src/http/fake-monitor.ts';
import { startServer, TOKEN } from '../src/http/start.ts';
import { killAtExit } from '../support/at-exit.ts';
import { HEARD, startInspected } from '../support/inspected.ts';
import { blocksOf } from '../support/page.ts';

const ROOT = join(import.meta.dirname, '../..');
const commands = blocksOf('dev-tools.md', 'bash').flatMap(({ body }) => body.trim().split('\n'));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-dev-tools-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the command prints; or what it has written to a file. */
const answerTo = async (command: string): Promise<string> => {
  await using api = await startServer();
  const token = process.platform === 'linux' ? '' : `-H "Authorization: Bearer ${TOKEN}" `;
  const here = command
    .replaceAll('localhost:3848', `localhost:${api.port}`)
    .replace(/^curl /, `curl -sS ${token}`);
  const { stdout } = await promisify(execFile)('bash', ['-c', here], { cwd: folder });
  const [, file] = / -o (\S+)$/.exec(command) ?? [];
  return file === undefined ? stdout : readFileSync(join(folder, file), 'utf8');
};

describe('docs/dev-tools.md', () => {
  it('has commands that work as they stand', async () => {
    expect(commands).toHaveLength(4);
    const [all = '', drawing = '', agent = '', definition = ''] = await Promise.all(
      commands.map(answerTo),
    );
    expect(machinesBody.parse(JSON.parse(all)).machines.map(({ id }) => id)).toContain('session');
    expect(drawing).toMatch(/^<svg /);
    expect(drawing).toMatch(/<g [^>]*id="session\.activity\.working" [^>]*class="[^"]*\bactive\b/);
    expect(machineBody.parse(JSON.parse(agent)).session).toBe('shop-api');
    expect(JSON.parse(definition)).toMatchObject({ id: 'session', type: 'parallel' });
  });

  it('has a program that hears of the live actors', async () => {
    const { hub, actor } = startInspected();
    await using api = await startServer({ monitor: createFakeMonitor({ inspector: hub }) });
    const [program] = blocksOf('dev-tools.md', 'js');
    const here = program?.body.replace('localhost:3848', `localhost:${api.port}`) ?? '';
    const child = spawn(process.execPath, ['--input-type=module', '-e', here], {
      ...{ cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
    });
    const forget = killAtExit(() => (child.pid === undefined ? [] : [child.pid]), 'SIGKILL');
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    const ended = once(child, 'close');
    try {
      await expect.poll(() => lines.length, { timeout: 20_000 }).toBe(2);
      actor.send({ type: 'WAIT' });
      await expect.poll(() => lines.length, { timeout: 20_000 }).toBe(4);
      expect(lines.map((line) => line.split(' ')[0])).toEqual(HEARD);
      expect(lines[2]).toBe('@xstate.event WAIT');
    } finally {
      child.kill('SIGKILL');
      await ended;
      forget();
      actor.stop();
    }
  });
});
