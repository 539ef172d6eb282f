import { spawn } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { isRunning, maxFilesOf } from '../../../src/tmux/server-process.ts';

test('a process runs until it ends, even where nobody collects it', async () => {
  // The shell is stopped before its child ends, and so leaves it a zombie.
  const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; kill -STOP $$'], { stdio: 'pipe' });
  try {
    const [chunk] = (await shell.stdout[Symbol.asyncIterator]().next()).value
      .toString()
      .split('\n');
    const child = Number(chunk);
    expect(isRunning(child)).toBe(true);
    process.kill(child, 'SIGKILL');
    await vi.waitFor(() => expect(isRunning(child)).toBe(false));
    expect(() => process.kill(child, 0)).not.toThrow();
  } finally {
    shell.kill('SIGKILL');
  }
});

test('the limit of open files is read, and guessed low where it cannot be', () => {
  expect(maxFilesOf(process.pid)).toBeGreaterThanOrEqual(256);
  expect(maxFilesOf(2 ** 30)).toBe(256);
});
