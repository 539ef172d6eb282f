/** What the world is told of crashes and restarts. */

import type { EventDraft } from '../machines/vocabulary.ts';

export interface Crashed {
  /** `session`, or the part's name. */
  actor: string;
  /** Empty for a part. */
  session: string;
  error: unknown;
  /** Milliseconds until it is started again; null where its budget is spent. */
  restartInMs: number | null;
}

export const crashEvent = (
  { actor, session, error, restartInMs }: Crashed,
  timestamp: number,
): EventDraft => {
  const about = { session, timestamp, actor, error: messageOf(error) };
  return restartInMs === null
    ? { event: 'actor_quarantined', ...about }
    : { event: 'actor_crashed', ...about, restartInMs };
};

export const restartEvent = (
  { actor, session }: Pick<Crashed, 'actor' | 'session'>,
  timestamp: number,
): EventDraft => ({ event: 'actor_restarted', session, timestamp, actor });

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
