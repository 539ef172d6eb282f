import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/** What is kept of it: a report of a crash is about half as long. */
export const KEPT_BYTES = 64 * 1024;

/** Redis writes a few KB a day. Whoever makes it write more is not to keep the monitor reading. */
const READ_BYTES = 8 * 1024 * 1024;

/**
 * Reads what a child writes, and answers what tells its end. Where it writes too much it is hung up
 * on, as by the death of this process: it is to bear that, as Redis does.
 */
export const keepEnd = (child: ChildProcess): (() => string) => {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  let end = Buffer.alloc(0);
  let read = 0;
  for (const stream of streams) {
    (stream as Socket).unref();
    stream.on('data', (chunk: Buffer) => {
      read += chunk.length;
      end = Buffer.concat([end, chunk]).subarray(-KEPT_BYTES);
      if (read > READ_BYTES) for (const each of streams) each.destroy();
    });
  }
  return () => end.toString();
};
