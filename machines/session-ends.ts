/** How a turn or the agent itself ends other than well, as far as the session remembers it. */

import type { SessionContext } from './session-context.ts';
import type { Verdict } from './vocabulary.ts';

/** The agent is at its prompt, and has done what it was asked: not only a command of the user's. */
export const isDone = (reason: string): boolean => reason !== 'ready' && reason !== 'command';

/** A turn that was interrupted is not over because the user asked for something like the status. */
export const staysInterrupted = (
  { interrupted }: SessionContext,
  { activity, reason }: Verdict,
): boolean => interrupted && activity === 'complete' && reason === 'command';

export const failed = (context: SessionContext): Partial<SessionContext> => ({
  turn: 'none',
  interrupted: false,
  counted: {
    ...context.counted,
    indicators: {
      ...context.counted.indicators,
      errors: context.counted.indicators.errors + 1,
    },
  },
});

/** The agent's process ended: with an alert in mid-turn or after a failure, quietly otherwise. */
export const exited = (
  context: SessionContext,
  status: number | null,
  at: number,
): Partial<SessionContext> => ({
  seen: true,
  since: at,
  reason: 'exited',
  rule: 'process.exited',
  evidence: status === null ? 'the agent is no longer running' : `exit status ${status}`,
  exited: true,
  quietExit: !status && (context.turn === 'none' || context.interrupted),
  dialog: null,
  heard: null,
  agreeing: null,
  blank: null,
});
