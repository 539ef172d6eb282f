import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { startedAt } from '../../../src/processes/started-at.ts';

it('tells when a process was started, to two seconds', async () => {
  const at = await startedAt(process.pid);
  if (process.platform !== 'linux') return expect(at).toBeNull();
  const expected = Date.now() - process.uptime() * 1_000;
  expect(Math.abs((at ?? 0) - expected)).toBeLessThan(2_000);
});

it('tells nothing of a process that is gone', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect(await startedAt(child.pid ?? 0)).toBeNull();
});
