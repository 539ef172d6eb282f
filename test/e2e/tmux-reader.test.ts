import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { reapLeftovers } from '../../src/tmux/leftovers.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';

const PATIENCE = { timeout: 30_000, interval: 20 };

const startMonitor = async (server: TestTmux) => {
  const program = join(import.meta.dirname, '../support/watch-program.ts');
  const leftovers = join(dirname(server.socket), 'clients');
  const monitor = spawn(process.execPath, [program, server.socket, leftovers], { stdio: 'pipe' });
  onTestFinished(() => void monitor.kill('SIGKILL'));
  let said = '';
  monitor.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await vi.waitFor(() => expect(said).toContain('attached'), PATIENCE);
  return { monitor, leftovers };
};

test('a monitor that hangs and is killed neither stops the pane nor leaves a client', async () => {
  await using server = await startTmux();
  const count = join(dirname(server.socket), 'count');
  const page = "head -c 100000 /dev/zero | tr '\\0' x";
  const session = await server.newSession({
    command: `echo 0 > ${count}; read _; while ${page}; do i=$((i+1)); echo $i > ${count}; done`,
  });
  const pages = () => Number(readFileSync(count, 'utf8'));
  /** A hundred pages are far more than every buffer on the way holds. */
  const writesOn = async () => {
    const before = pages();
    await vi.waitFor(() => expect(pages()).toBeGreaterThan(before + 100), PATIENCE);
  };
  const { monitor, leftovers } = await startMonitor(server);
  await server.run('send-keys', '-t', session.paneId, 'Enter');
  monitor.kill('SIGSTOP');
  await writesOn();
  monitor.kill('SIGKILL');
  await once(monitor, 'exit');
  await vi.waitFor(async () => expect(await server.run('list-clients')).toBe(''), PATIENCE);
  await writesOn();
  expect(reapLeftovers(leftovers)).toEqual([]);
});
