/** A disk of its own, small enough to be filled: a tmpfs over a folder. */

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';
import { createDataFolder } from './store.ts';

export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Takes all the space that is left, or all but so many bytes. */
  fill(butBytes?: number): void;
  /** Gives back what `fill` took. */
  free(): void;
}

/** Null where this user may not mount anything. */
export const mountSmallDisk = (megabytes: number): SmallDisk | null => {
  const folder = createDataFolder();
  try {
    const size = `size=${megabytes}m,mode=700`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder.path], { stdio: 'ignore' });
  } catch {
    folder[Symbol.dispose]();
    return null; // Only root may; and in some containers not even root.
  }
  const unmount = (): void => {
    execFileSync('umount', ['--lazy', folder.path]);
    folder[Symbol.dispose]();
  };
  const forget = atExit(unmount);
  const filler = join(folder.path, 'filler');
  const available = (): number => {
    const { bavail, bsize } = statfsSync(folder.path);
    return bavail * bsize;
  };
  return {
    path: folder.path,
    fill: (butBytes = 0) => {
      const file = openSync(filler, 'a', 0o600);
      try {
        while (available() > butBytes) {
          writeSync(file, Buffer.alloc(Math.min(1024 * 1024, available() - butBytes)));
        }
      } catch (error) {
        // Whoever else writes there may have taken the last of it.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    [Symbol.dispose]: () => {
      unmount();
      forget();
    },
  };
};
