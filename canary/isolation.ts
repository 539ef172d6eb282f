/** Where Linux lets anyone do it, the canary runs in a network of its own, which has no way out. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

/** Runs the command without a network and answers its exit status; null where that cannot be had. */
export const runIsolated = async (command: readonly string[]): Promise<number | null> => {
  const probe = promisify(execFile)('unshare', inside(['true']));
  const canIsolate = await probe.then(
    () => true,
    () => false,
  );
  if (!canIsolate) return null;
  const child = spawn('unshare', inside(command), { stdio: 'inherit' });
  // It ends what it started, then itself; a terminal's Ctrl-C reaches it without us.
  process.on('SIGINT', () => undefined);
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
};

const inside = (command: readonly string[]): string[] => [
  ...['--user', '--map-root-user', '--net'],
  ...['sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...command],
];
