import type { Redis } from 'ioredis';
import { FIRST_WITH_USERS } from './access.ts';

const MB = 1024 * 1024;

/**
 * What a private Redis may take, as `CONFIG GET` tells it: whoever connects may write jobs, and read
 * without end. A stream of 100,000 events that all show 20 full lines, with a full job queue, was
 * measured to take 300 MB (Redis 7.0).
 */
const BOUNDS: Readonly<Record<string, string>> = {
  maxmemory: `${768 * MB}`,
  // All connections together: what is not read yet, at most that of two.
  'maxmemory-clients': `${128 * MB}`,
  'client-output-buffer-limit': [
    `normal ${64 * MB} ${16 * MB} 60`,
    `slave ${256 * MB} ${64 * MB} 60`,
    `pubsub ${32 * MB} ${8 * MB} 60`,
  ].join(' '),
  'client-query-buffer-limit': `${32 * MB}`,
  // The memory is looked at before a command, not after it.
  'proto-max-bulk-len': `${16 * MB}`,
  // The report of a crash would else look through all of its memory first, for a minute.
  'crash-memcheck-enabled': 'no',
  // Scripts write into it, as much as they like.
  logfile: '',
};

/**
 * In kilobytes, for all it has allocated: scripts take what memory they like, and what they write is
 * counted once they have ended (Redis 7.0). Past it Redis ends.
 */
export const MOST_DATA_KB = (2048 * MB) / 1024;

/** What the versions before 7.0 do not all know. */
const NEWER = ['maxmemory-clients', 'crash-memcheck-enabled'];

/** The arguments with which a `redis-server` of this version keeps to them. */
export const boundsArgs = (version: number): string[] =>
  Object.entries(BOUNDS)
    .filter(([name]) => version >= FIRST_WITH_USERS || !NEWER.includes(name))
    .flatMap(([name, value]) => [`--${name}`, ...value.split(' ')]);

/** True where a Redis was started with them. */
export const isBounded = async (client: Redis): Promise<boolean> => {
  const flat = (await client.config('GET', ...Object.keys(BOUNDS))) as string[];
  return Object.entries(BOUNDS).every(([name, value]) => flat[flat.indexOf(name) + 1] === value);
};
