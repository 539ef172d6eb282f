/** What an agent leaves in its folder, and how it is read. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const JOURNAL = 'journal';
export const GIVEN = 'given';
export const PAUSES = 'pauses';
export const ENDED = 'ended';
/** A unix socket. */
export const ORDERS = 'orders';

/** The status of one whose session, or server, was ended. */
export const TERMINAL_GONE = 129;

export const PULSE_MS = 100;
export const SHORTEST_PAUSE_MS = 1_000;

/** A time in which something stood still. Milliseconds since the epoch. */
export interface Pause {
  from: number;
  to: number;
}

export interface Kept {
  /** Each paste that came, in its order. */
  pasted: string[];
  /** Each prompt that the agent took, whether it began with it at once or later. */
  submitted: string[];
  pauses: Pause[];
  /** The status with which it ended by itself or because its terminal went; null where it did not. */
  status: number | null;
}

export const readKept = (folder: string): Kept => {
  const bytes = (linesOf(join(folder, GIVEN)) as string[]).join('');
  return {
    pasted: Buffer.from(bytes, 'latin1')
      .toString()
      .matchAll(PASTE)
      .map(([, text = '']) => text)
      .toArray(),
    submitted: submittedIn(linesOf(join(folder, JOURNAL)) as Entry[]),
    pauses: linesOf(join(folder, PAUSES)) as Pause[],
    status: (linesOf(join(folder, ENDED))[0] ?? null) as number | null,
  };
};

interface Entry {
  event: string;
  text?: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a bracketed paste is told by them.
const PASTE = /\x1b\[200~(.*?)\x1b\[201~/gs;

/** What was submitted during a turn is told when it is taken, and again when its own turn begins. */
const submittedIn = (entries: readonly Entry[]): string[] => {
  const waiting: string[] = [];
  return entries.flatMap(({ event, text = '' }) => {
    if (event === 'queued') waiting.push(text);
    if (event === 'prompt' && waiting[0] === text) {
      waiting.shift();
      return [];
    }
    return event === 'queued' || event === 'prompt' ? [text] : [];
  });
};

/** Nothing was kept while there is no file; the last line may just be being written. */
const linesOf = (file: string): unknown[] => {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};
