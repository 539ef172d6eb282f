/** A disk of its own for the daemon's data, where this user may mount one: small enough to be filled. */

import { execFile, execFileSync } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atExit } from '../../test/support/at-exit.ts';

const run = promisify(execFile);

export interface SmallDisk extends AsyncDisposable {
  /** Takes all the space that is left. */
  fill(): Promise<void>;
  free(): Promise<void>;
}

const SIZE = '64m';
const PIECE = Buffer.alloc(256 * 1024);

/** Mounts it over the folder; null where that is not allowed. */
export const mountSmallDisk = async (folder: string): Promise<SmallDisk | null> => {
  const mounted = await run('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${SIZE},mode=700`,
    'tmpfs',
    folder,
  ]).catch(
    () => null, // Not root, or a container without the right: the run goes on without this fault.
  );
  if (mounted === null) return null;
  const forget = atExit(() => execFileSync('umount', ['--lazy', folder]));
  const ballast = join(folder, 'ballast');
  return {
    fill: async () => {
      await using file = await open(ballast, 'w', 0o600);
      await writeUntilFull(file);
    },
    free: () => rm(ballast, { force: true }),
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['--lazy', folder]);
      forget();
    },
  };
};

const writeUntilFull = async (file: { write(data: Buffer): Promise<unknown> }): Promise<void> => {
  for (;;) {
    try {
      await file.write(PIECE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
};
