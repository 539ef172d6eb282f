/** What time alone changes in a session: when it is stuck, looked at again, connected again. */

import { backoffMs } from './restart.ts';
import type { SessionContext } from './session-context.ts';

const RECONNECT = { baseMs: 200, capMs: 5_000 };
/** A connection that stood this long was a good one: the next failure is a first one. */
const STEADY_MS = 10_000;
/** A screen that says nothing is looked at again after this, then after twice as long each time. */
const BLANK_MIN_MS = 1_000;
const BLANK_MAX_MS = 30_000;

/** When an unfinished turn will have been silent for too long, in ms since the epoch. */
export const turnDeadline = (context: SessionContext): number | null =>
  context.seen ? stuckDeadline(context) : null;

/** When a dialog over a finished turn will have waited too long. A menu may stay open for ever. */
export const dialogDeadline = (context: SessionContext): number | null =>
  context.dialog && context.dialog.attention !== 'other-dialog' ? stuckDeadline(context) : null;

/** When a text will have stood in the composer for too long after the turn, or without one. */
export const leftDeadline = ({ unsubmittedAt, exited, policy }: SessionContext): number | null =>
  unsubmittedAt === null || exited ? null : unsubmittedAt + policy.stuckAfterMs;

/** When to look again: so that two quiet looks can agree, or because the last one said nothing. */
export const lookDeadline = ({ agreeing, blank, policy }: SessionContext): number | null => {
  if (agreeing && !agreeing.asked) return agreeing.since + policy.agreeMs;
  if (!blank || blank.asked) return null;
  return blank.at + Math.min(BLANK_MIN_MS * 2 ** (blank.looks - 1), BLANK_MAX_MS);
};

/** The connection is over: when to try again, later each time unless it had stood for a while. */
export const reconnection = (
  { key, reconnect, connectedAt }: SessionContext,
  at: number,
): Partial<SessionContext> => {
  const stood = connectedAt !== null && at - connectedAt >= STEADY_MS;
  const attempt = stood || !reconnect ? 1 : reconnect.attempt + 1;
  return {
    agreeing: null,
    blank: null,
    connectedAt: null,
    reconnect: { attempt, at: at + backoffMs(RECONNECT, attempt, key) },
  };
};

/**
 * The clock was set: what was counted on it is counted from now. A look that was owed still is, as on
 * a still screen nothing else would ever bring one; so is one already asked for, which may have been
 * taken by the clock as it was.
 */
export const recounted = (
  { meaningfulAt, unsubmittedAt, agreeing, blank }: SessionContext,
  at: number,
): Partial<SessionContext> => ({
  meaningfulAt: meaningfulAt === null ? null : at,
  unsubmittedAt: unsubmittedAt === null ? null : at,
  agreeing: agreeing && { ...agreeing, since: at, asked: false },
  blank: blank && { ...blank, at, asked: false },
});

export const stuckReason = (context: SessionContext): string => {
  const { dialog, interrupted, toolRunning, unsubmittedAt } = context;
  if (dialog) return 'unanswered';
  if (unsubmittedAt !== null) return 'unsubmitted';
  if (interrupted) return 'interrupted';
  return toolRunning ? 'silent-tool' : 'silent';
};

const stuckDeadline = (context: SessionContext): number | null => {
  const { meaningfulAt, unverified, exited, policy, dialog, toolRunning } = context;
  if (meaningfulAt === null || unverified || exited) return null;
  return meaningfulAt + (toolRunning && !dialog ? policy.stuckToolMs : policy.stuckAfterMs);
};
