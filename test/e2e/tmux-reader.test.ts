import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { reapLeftovers } from '../../src/tmux/leftovers.ts';
import { PATIENCE } from '../support/patience.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';

const startMonitor = async (server: TestTmux) => {
  const program = join(import.meta.dirname, '../support/watch-program.ts');
  const leftovers = join(dirname(server.socket), 'clients');
  const monitor = spawn(process.execPath, [program, server.socket, leftovers], { stdio: 'pipe' });
  onTestFinished(() => void monitor.kill('SIGKILL'));
  let said = '';
  monitor.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const says = (word: string) => vi.waitFor(() => expect(said).toContain(word), PATIENCE);
  await says('attached');
  return { monitor, says, leftovers };
};

/** A pane that writes pages, once it is told to, until the file `enough` appears. */
const startWriter = async (server: TestTmux) => {
  const folder = dirname(server.socket);
  const [count, enough] = [join(folder, 'count'), join(folder, 'enough')];
  const page = "head -c 100000 /dev/zero | tr '\\0' x; i=$((i+1))";
  const { paneId } = await server.newSession({
    command: `echo 0 > ${count}; read _; until [ -e ${enough} ]; do ${page}; echo $i > ${count}; done; echo; echo done; cat`,
  });
  const pages = () => Number(readFileSync(count, 'utf8'));
  return {
    begin: () => server.run('send-keys', '-t', paneId, 'Enter'),
    end: () => writeFileSync(enough, ''),
    /** A hundred pages are far more than all buffers on the way hold. */
    writesOn: async () => {
      const before = pages();
      await vi.waitFor(() => expect(pages()).toBeGreaterThan(before + 100), PATIENCE);
    },
  };
};

test('a monitor that hangs does not stop the pane, and sees it when it wakes', async () => {
  await using server = await startTmux();
  const writer = await startWriter(server);
  const { monitor, says } = await startMonitor(server);
  await writer.begin();
  monitor.kill('SIGSTOP');
  await writer.writesOn();
  monitor.kill('SIGCONT');
  await writer.writesOn();
  writer.end();
  await says('done');
});

test('a monitor that hangs and is killed neither stops the pane nor leaves a client', async () => {
  await using server = await startTmux();
  const writer = await startWriter(server);
  const { monitor, leftovers } = await startMonitor(server);
  await writer.begin();
  monitor.kill('SIGSTOP');
  await writer.writesOn();
  monitor.kill('SIGKILL');
  await once(monitor, 'exit');
  await vi.waitFor(async () => expect(await server.run('list-clients')).toBe(''), PATIENCE);
  await writer.writesOn();
  expect(reapLeftovers(leftovers, createRecordedLog())).toEqual([]);
});
