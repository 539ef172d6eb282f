import { expect, it } from 'vitest';
import { witnessServer } from '../../chaos/server-witness.ts';
import { startTmux } from '../support/tmux.ts';

it.each([
  { how: 'by SIGSEGV', signal: 'SIGSEGV', is: 'died' },
  { how: 'by SIGKILL', signal: 'SIGKILL', is: 'died' },
  { how: 'by SIGTERM', signal: 'SIGTERM', is: 'was told to end' },
] as const)('a server that ends $how $is', async ({ signal, is }) => {
  await using tmux = await startTmux();
  await using witness = await witnessServer(tmux);
  process.kill((await tmux.identity()).pid, signal);
  expect(await witness.end()).toBe(is);
});
