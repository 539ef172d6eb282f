/** How a turn or the agent itself ends other than well, as far as the session remembers it. */

import type { SessionContext } from './session-context.ts';

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
