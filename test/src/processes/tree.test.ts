import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createProcesses } from '../../../src/processes/tree.ts';

const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    // What it has started has the same input, and ends with it.
    child.stdin?.end();
    await once(child, 'exit');
  }
});

/** A process that starts another one, which says so and waits for its input to end. */
const startFamily = async () => {
  const child = 'process.stdout.write("up");process.stdin.resume()';
  const parent = `
    const { spawn } = require('node:child_process');
    spawn(process.execPath, ['-e', ${JSON.stringify(child)}, 'the-child'], { stdio: 'inherit' });
    process.stdin.on('close', () => process.exit());
  `;
  const process_ = spawn(process.execPath, ['-e', parent, 'the-parent'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started.push(process_);
  await once(process_.stdout, 'data');
  return process_;
};

describe.each([process.platform, 'darwin' as const])(
  'createProcesses on %s',
  { timeout: 30_000 },
  (platform) => {
    const { tree } = createProcesses({ platform });

    it('finds a process and what it has started, nearest first', async () => {
      const parent = await startFamily();
      const found = await tree(parent.pid ?? 0);
      expect(found.map(({ argv }) => argv.at(-1))).toEqual(['the-parent', 'the-child']);
      expect(found[0]?.pid).toBe(parent.pid);
      // `ps` does not tell a space in a path from one between two arguments.
      const program = platform === 'linux' ? process.execPath : process.execPath.split(' ')[0];
      expect(found[0]?.argv[0]).toBe(program);
    });

    it('finds nothing of a process that is gone', async () => {
      const child = spawn(process.execPath, ['-e', '']);
      await once(child, 'exit');
      expect(await tree(child.pid ?? 0)).toEqual([]);
    });

    it('is not disturbed by processes that come and go meanwhile', async () => {
      const looks = Array.from({ length: 10 }, () => {
        started.push(spawn('true'));
        return tree(process.pid);
      });
      for (const found of await Promise.all(looks)) expect(found[0]?.pid).toBe(process.pid);
    });
  },
);
