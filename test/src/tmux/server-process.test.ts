import { spawn } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { isRunning, maxFilesOf, statusOfUncollected } from '../../../src/tmux/server-process.ts';

test.each([
  { end: 'a signal', script: 'read _ <&3; kill -9 $$', status: 137 },
  { end: 'a status', script: 'read _ <&3; exit 3', status: 3 },
  { end: 'success', script: 'read _ <&3', status: 0 },
])(
  'a process runs until it ends with $end, though nobody collects it',
  async ({ script, status }) => {
    // The outer shell is stopped before the inner one ends, and so leaves it a zombie.
    const outer = spawn('sh', ['-c', `exec 3<&0; sh -c '${script}' & echo $!; kill -STOP $$`]);
    try {
      const pid = Number(await new Promise((resolve) => outer.stdout.once('data', resolve)));
      expect(isRunning(pid)).toBe(true);
      expect(statusOfUncollected(pid)).toBe(null);
      outer.stdin.write('\n');
      await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
      expect(statusOfUncollected(pid)).toBe(status);
      expect(() => process.kill(pid, 0)).not.toThrow();
    } finally {
      outer.kill('SIGKILL');
    }
  },
);

test('the limit of open files is read, and guessed low where it cannot be', () => {
  expect(maxFilesOf(process.pid)).toBeGreaterThanOrEqual(256);
  expect(maxFilesOf(2 ** 30)).toBe(256);
});
