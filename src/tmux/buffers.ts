/** The paste buffers that texts go through, each named after the process that fills it. */

import { randomBytes } from 'node:crypto';
import type { Channel } from './look.ts';

const PREFIX = 'agent-monitor-';

/** A name that no paste buffer has. */
export const newBufferName = (): string =>
  `${PREFIX}${process.pid}-${randomBytes(6).toString('hex')}`;

/** Deletes what monitors that were killed have left behind: it may be anybody's text. */
export const deleteStrayBuffers = async (channel: Channel): Promise<void> => {
  const listed = await channel.run([['list-buffers', '-F', '#{buffer_name}']]);
  const strays = listed
    .toString()
    .split('\n')
    .filter(
      (name) => name.startsWith(PREFIX) && !isAlive(Number.parseInt(name.slice(PREFIX.length), 10)),
    );
  for (const name of strays) await channel.run([['delete-buffer', '-b', name]]);
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It lives, but is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
