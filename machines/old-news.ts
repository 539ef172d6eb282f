/**
 * Which events change nothing: most looks at a busy agent, whose spinner alone has moved, and a
 * specification that is as it was.
 */

import type { SessionSnapshot } from './session.ts';
import type { SessionContext, SessionEvent } from './session-context.ts';
import type { Verdict } from './vocabulary.ts';

/**
 * True only where the machine would be left as it is, but for being asked. A transition costs some
 * twenty times what this does, and a hundred busy agents are looked at a thousand times a second.
 */
export const isOldNews = ({ value, context }: SessionSnapshot, event: SessionEvent): boolean => {
  if (event.type === 'spec.read') return event.progress === context.spec;
  if (event.type !== 'screen.classified') return false;
  const { verdict } = event;
  const isPlain = verdict.attention === 'none' && value.attention === 'none';
  return (
    isPlain && isSettled(context) && saysTheSame(context, verdict) && holds(value, context, verdict)
  );
};

/** Nothing is owed to the next look, whatever it shows. */
const isSettled = ({
  seen,
  exited,
  unverified,
  blank,
  heard,
  unsubmittedAt,
}: SessionContext): boolean =>
  seen &&
  unsubmittedAt === null &&
  !exited &&
  !unverified &&
  blank === null &&
  heard?.says !== 'ended' &&
  heard?.says !== 'failed';

/**
 * The screen shows what it showed, so that there is nothing to count either: but for seconds, which
 * the fingerprint leaves out.
 */
const saysTheSame = (context: SessionContext, verdict: Verdict): boolean =>
  verdict.fingerprint === context.fingerprint &&
  verdict.sightings.every(({ tool }) => tool !== 'think') &&
  verdict.toolRunning === context.toolRunning &&
  (verdict.progress === null || verdict.progress === context.progress) &&
  (verdict.todos.length === 0 || JSON.stringify(verdict.todos) === JSON.stringify(context.todos));

/** The state is the one that the verdict leads to, and no agreement has yet to be reached. */
const holds = (
  { activity }: SessionSnapshot['value'],
  { turn, agreeing }: SessionContext,
  verdict: Verdict,
): boolean => {
  if (verdict.activity === 'complete') {
    return activity === 'complete' && agreeing?.activity === 'complete';
  }
  if (agreeing !== null || activity !== turn) return false;
  return verdict.activity === turn || (verdict.activity === 'reading' && turn === 'working');
};
