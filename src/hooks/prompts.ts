/** What agents said that they were asked, so that a typed command can be known to have arrived. */

import type { Clock, HookedPrompts } from '../../actors/ports.ts';
import { laneOf, type PaneIdentity, type ServerIdentity } from '../../machines/vocabulary.ts';

export interface Prompts extends HookedPrompts {
  note(server: ServerIdentity, paneId: string, prompt: string): void;
}

export const createPrompts = (clock: Pick<Clock, 'monotonic'>): Prompts => {
  const noted = new Map<string, { prompt: string; at: number }[]>();
  return {
    note: (server, paneId, prompt) => {
      const lane = laneOf({ server, paneId });
      const others = (noted.get(lane) ?? []).filter(({ at }) => clock.monotonic() - at < KEEP_MS);
      noted.set(lane, [...others, { prompt: bare(prompt), at: clock.monotonic() }].slice(-MAX));
      for (const [other, prompts] of noted)
        if (prompts.every(({ at }) => clock.monotonic() - at >= KEEP_MS)) noted.delete(other);
    },
    submitted: (target: PaneIdentity, text, since) => {
      const typed = bare(text);
      const prompts = noted.get(laneOf(target)) ?? [];
      return (
        typed !== '' && prompts.some(({ prompt, at }) => at >= since && prompt.includes(typed))
      );
    },
  };
};

/** A delivery takes some seconds at most. */
const KEEP_MS = 60_000;
const MAX = 20;

/** Without its blanks: a composer may trim and re-wrap what was typed into it. */
const bare = (text: string): string => text.replace(/\s+/g, '');
