/** A file that is taken away while it is open goes on being written, and is gone when it is closed. */

import { statSync } from 'node:fs';
import type { Check, Clock, Log, Stop } from '../../actors/ports.ts';

export interface FileWatch {
  /** `down` where the file is no longer there, or another lies in its place. Looks itself. */
  check(): Check;
  stop: Stop;
}

const LOOK_EVERY_MS = 10_000;

/** Looks every ten seconds whether the database that is open is the one at `path`; says once that it is not. */
export const watchFile = (options: { path: string; clock: Clock; log: Log }): FileWatch => {
  const { path, clock, log } = options;
  const opened = identityOf(path);
  let fault: string | null = null;
  let timer: unknown;

  const look = (): void => {
    const found = identityOf(path);
    const what = found === null ? 'removed' : 'replaced by another file';
    const before = fault;
    fault = found === opened ? null : `${path} was ${what} while it was open: ${NEXT_STEP}`;
    if (fault !== null && fault !== before) log.error({}, fault);
  };
  const turn = (): void => {
    timer = clock.setTimeout(turn, LOOK_EVERY_MS);
    look();
  };

  timer = clock.setTimeout(turn, LOOK_EVERY_MS);
  return {
    check: () => {
      look();
      return fault === null ? { status: 'ok', detail: '' } : { status: 'down', detail: fault };
    },
    stop: () => clock.clearTimeout(timer),
  };
};

const NEXT_STEP =
  'what is written now is lost when agent-monitor ends; put the file back, or copy the newest of ' +
  'backups/ there and restart, which begins anew with neither';

/** Null where there is none, or its folder cannot be looked into. */
const identityOf = (path: string): string | null => {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
  } catch {
    return null; // Such as ENOTDIR: who opens the path does not find it either.
  }
};
