/** Progress by the checkboxes of a specification, such as TASKS.md, in a folder. */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** What larger files hold is no list of tasks that anyone keeps by hand. */
const MAX_BYTES = 256 * 1024;

export interface SpecFile {
  /** Tells one content of one file from another without reading it. */
  version: string;
  /** 0–100 by its checkboxes, or null where it has none. */
  progress: number | null;
}

/**
 * Reads one file; null where there is none that may be read. Only a regular file in the folder
 * itself counts: an agent may have put anything there, and a link leads out of it, a pipe blocks.
 * @param known what was read before: answered again where the file has not changed.
 * @throws where the system fails at it.
 */
export const readSpecFile = async (
  folder: string,
  name: string,
  known: SpecFile | null,
): Promise<SpecFile | null> => {
  const file = await openPlain(join(folder, name));
  if (!file) return null;
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > MAX_BYTES) return null;
    const version = `${name} ${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
    if (known?.version === version) return known;
    return { version, progress: progressOf(await readText(file, stat.size)) };
  } finally {
    await file.close();
  }
};

/**
 * 0–100 by the checkboxes of a Markdown text, those in its code blocks and comments aside; null
 * without any.
 */
export const progressOf = (text: string): number | null => {
  let done = 0;
  let total = 0;
  let fence: string | null = null;
  let isComment = false;
  for (const line of text.split('\n')) {
    if (fence === null && (isComment || COMMENT.test(line))) {
      isComment = !line.includes('-->');
      continue;
    }
    const mark = FENCE.exec(line)?.[1]?.slice(0, 3);
    if (mark !== undefined && (fence === null || mark === fence)) fence = fence ? null : mark;
    const box = fence === null ? CHECKBOX.exec(line)?.[1] : undefined;
    if (box === undefined) continue;
    total += 1;
    if (box !== ' ') done += 1;
  }
  return total === 0 ? null : Math.floor((100 * done) / total);
};

const FENCE = /^\s{0,10}(```|~~~)/;
const COMMENT = /^ {0,3}<!--/;
const CHECKBOX = /^\s{0,40}(?:[-*+]|\d{1,9}[.)])\s{1,4}\[([ xX])\]\s{1,40}\S/;

const openPlain = async (path: string): Promise<FileHandle | null> => {
  try {
    // A pipe that nobody writes to would hold up the opening, a link would be followed.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (NOT_THERE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
};

/** None of this name, one that is no plain file, or one that is not for this user. */
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM', 'ENXIO', 'EISDIR']);

/** No more than was promised, though the file may grow meanwhile. */
const readText = async (file: FileHandle, size: number): Promise<string> => {
  const bytes = Buffer.alloc(size);
  let end = 0;
  while (end < size) {
    const { bytesRead } = await file.read(bytes, end, size - end, end);
    if (bytesRead === 0) break;
    end += bytesRead;
  }
  return bytes.toString('utf8', 0, end);
};
