import { join } from 'node:path';
import { AlreadyRunning, StoreFailed } from '../actors/errors.ts';
import type { Clock, Log, Stop } from '../actors/ports.ts';
import { type Lock, takeLock } from './store/lock.ts';

const RENEW_EVERY_MS = 60_000;

/**
 * One monitor per data folder, and one per tmux server: two would watch and tell everything twice.
 * Where nothing may be written beside the tmux server's socket, that server goes unlocked.
 * @throws {AlreadyRunning} {StoreFailed}
 */
export const takeLocks = (options: {
  dataDir: string;
  tmuxSocket: string;
  clock: Clock;
  log: Log;
  /** Another monitor has one of them now, since its file was removed. */
  lost(error: AlreadyRunning): void;
}): Stop => {
  const { dataDir, tmuxSocket, clock, log, lost } = options;
  const holder = { pid: process.pid, since: clock.now() };
  using begun = new DisposableStack();
  const take = (path: string, subject: string): Lock => {
    const lock = takeLock(path, subject, holder);
    begun.defer(lock.release);
    return lock;
  };

  const locks = [take(join(dataDir, 'lock.db'), `the data folder ${dataDir}`)];
  try {
    locks.push(take(`${tmuxSocket}.agent-monitor`, `the tmux server at ${tmuxSocket}`));
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    log.warn({ err: error }, 'a second monitor of this tmux server would not be noticed');
  }

  let timer: unknown;
  const renew = (): void => {
    timer = clock.setTimeout(renew, RENEW_EVERY_MS);
    for (const lock of locks) {
      try {
        lock.renew();
      } catch (error) {
        log.error({ err: error }, 'a lock cannot be renewed');
        if (error instanceof AlreadyRunning) lost(error);
      }
    }
  };
  timer = clock.setTimeout(renew, RENEW_EVERY_MS);
  begun.defer(() => clock.clearTimeout(timer));
  const taken = begun.move();
  return () => taken.dispose();
};
