/** The benchmarks run, though not for long enough to say anything. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const bench = (...args: string[]) =>
  run(process.execPath, [join(import.meta.dirname, '../../bench/run.ts'), ...args]);

it.runIf(process.platform === 'linux')(
  'detection measures all who watch',
  { timeout: 120_000 },
  async () => {
    // On a busy machine a turn may go by unseen: that is a failure, with its table all the same.
    const { stdout } = await bench('detection', '--sessions', '2', '--seconds', '2').catch(
      (failure: { stdout: string }) => failure,
    );
    const rows = stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const own = rows.filter(([, load]) => load?.startsWith('2 sessions'));
    expect(own.map(([, load, watcher]) => `${load}: ${watcher}`)).toEqual([
      '2 sessions: control-mode output',
      '2 sessions: fork-poller',
      '2 sessions: daemon',
      '2 sessions, in pieces: daemon',
    ]);
    // Its window is longer than a turn and a prompt together: there is something to count.
    const [, , , seen, missed] = own[2] ?? [];
    expect(Number(seen) + Number(missed)).toBeGreaterThan(0);
  },
);

it('says what can be measured', async () => {
  expect((await bench()).stdout).toContain('detection');
  await expect(bench('unheard-of')).rejects.toMatchObject({ code: 2 });
});
