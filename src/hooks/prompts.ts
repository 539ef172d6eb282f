/** What agents said that they were asked, so that a typed command can be known to have arrived. */

import type { Clock, HookedPrompts } from '../../actors/ports.ts';
import { laneOf, type ServerIdentity } from '../../machines/vocabulary.ts';

export interface Prompts extends HookedPrompts {
  note(server: ServerIdentity, paneId: string, prompt: string): void;
}

export const createPrompts = (clock: Pick<Clock, 'monotonic'>): Prompts => {
  /** Of all panes, the latest last. */
  let noted: Noted[] = [];
  return {
    note: (server, paneId, prompt) => {
      const at = clock.monotonic();
      noted.push({ lane: laneOf({ server, paneId }), prompt: bare(prompt), at });
      let free = MAX_TOTAL;
      const first = noted.findLastIndex((one) => {
        free -= one.prompt.length + ENTRY_LENGTH;
        return free < 0 || at - one.at >= KEEP_MS;
      });
      noted = noted.slice(first + 1);
    },
    submitted: (target, text, since) => {
      const typed = bare(text);
      const lane = laneOf(target);
      const isIt = (one: Noted) => one.lane === lane && one.at >= since;
      return typed !== '' && noted.some((one) => isIt(one) && one.prompt.includes(typed));
    },
  };
};

interface Noted {
  lane: string;
  prompt: string;
  at: number;
}

/** A delivery takes some seconds at most. */
const KEEP_MS = 60_000;
/** Of a longer prompt the start is kept: no command is longer. */
const MAX_PROMPT = 64 * 1024;
const MAX_TOTAL = 4 * 1024 * 1024;
/** What an entry takes beside its prompt. */
const ENTRY_LENGTH = 256;

/** Without its blanks: a composer may trim and re-wrap what was typed into it. */
const bare = (text: string): string => {
  const start = text
    .slice(0, MAX_PROMPT * 2)
    .replace(/\s+/g, '')
    .slice(0, MAX_PROMPT);
  // Copied: a part of a string keeps the whole of it in memory.
  return Buffer.from(start, 'utf16le').toString('utf16le');
};
