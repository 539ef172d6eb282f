import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

it('several demos run at the same moment, each with a monitor of its own', async () => {
  const demos = [1, 2].map(() => run(process.execPath, ['demo/run.ts', '--for', '1']));
  await Promise.allSettled(demos); // The other one too ends what it started.
  const printed = await Promise.all(demos);
  const urls = printed.map(({ stdout }) => /curl (http:\S+)/.exec(stdout)?.[1]);
  expect(urls).not.toContain(undefined);
  expect(new Set(urls).size).toBe(2);
  for (const { stderr } of printed) expect(stderr).toBe('');
});
