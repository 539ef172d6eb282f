/** Reads a transcript on as it grows. Whoever writes it may cut it, or put another in its place. */

import { constants, type FileHandle, open } from 'node:fs/promises';
import { createLines } from './lines.ts';

const CHUNK_BYTES = 262_144;
const MAX_LINE_BYTES = 8 * 1024 * 1024;
/** The longest conversations fill some hundred megabytes; reading this much takes seconds. */
const MAX_READ_BYTES = 1024 ** 3;

export interface TranscriptFile {
  /**
   * Hands over each line that was added since the last time, or all where the file is another one.
   * @param isOver whether the reading should end early.
   * @throws where it is no regular file of this user, or too large.
   */
  readOn(take: (line: string) => void, isOver: () => boolean): Promise<void>;
}

export const createTranscriptFile = (path: string): TranscriptFile => {
  const lines = createLines(MAX_LINE_BYTES);
  let offset = 0;
  /** Which file it was, since another may take its name; '' before the first reading. */
  let known = '';

  return {
    readOn: async (take, isOver) => {
      const file = await openIfThere(path);
      if (!file) return;
      try {
        const { dev, ino, size } = await file.stat();
        const identity = `${dev}.${ino}`;
        if (identity !== known || size < offset) {
          lines.reset();
          offset = 0;
        }
        known = identity;
        if (size - offset > MAX_READ_BYTES) throw new Error(`${path} is too large`);
        const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
        while (offset < size && !isOver()) {
          const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, offset);
          if (bytesRead === 0) return;
          offset += bytesRead;
          for (const line of lines.push(chunk.subarray(0, bytesRead))) take(line);
        }
      } finally {
        await file.close();
      }
    },
  };
};

/**
 * Null where it is not (yet) there. Any program of this user may name any path: a pipe would wait for
 * its writer, a terminal would become the monitor's own, and a link point anywhere.
 */
const openIfThere = async (path: string): Promise<FileHandle | null> => {
  const file = await open(path, FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return null;
  const found = await file.stat();
  const isOwn = process.getuid === undefined || found.uid === process.getuid();
  if (found.isFile() && isOwn) return file;
  await file.close();
  throw new Error(`${path} is not a regular file of this user`);
};

const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;
const FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
