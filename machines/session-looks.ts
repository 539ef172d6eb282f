/**
 * How a look at the screen changes what a session remembers. Pure functions of the context and the
 * event; `session.ts` says in which state which of them applies.
 */

import { count } from './counting.ts';
import { isRunning, stillHeard } from './hearing.ts';
import type { Classified, SessionContext } from './session-context.ts';
import { isDone } from './session-ends.ts';
import { withoutTodos } from './spec-progress.ts';
import {
  type Dialog,
  dialogIdOf,
  fingerprintOf,
  type SeenDialog,
  type Verdict,
} from './vocabulary.ts';

/**
 * An earlier look has concluded the same, long enough ago, with nothing else in between; or the
 * agent itself has said that its turn is over.
 */
export const agrees = (
  { agreeing, heard, policy }: SessionContext,
  { verdict, at }: Classified,
): boolean =>
  (heard?.says === 'ended' && verdict.activity === 'complete') ||
  (agreeing?.activity === verdict.activity && at - agreeing.since >= policy.agreeMs);

/**
 * Where a stuck session goes when it moves on: to the level of its turn, or null while nothing
 * meaningful happens. A quiet screen does not resume a turn: it may be its end, and must agree.
 */
export const levelResumed = (
  context: SessionContext,
  event: Classified,
): 'reading' | 'working' | 'complete' | null => {
  const { activity } = event.verdict;
  if (activity === 'complete' || !isMeaningful(context, event)) return null;
  if (activity === 'working') return 'working';
  if (activity === 'reading')
    return context.turn === 'working' && !context.interrupted ? 'working' : 'reading';
  return context.turn === 'none' ? 'complete' : context.turn;
};

/** The text that was left in the composer is still there, as far as this look shows. */
export const isLeft = ({ unsubmittedAt }: SessionContext, { verdict }: Classified): boolean =>
  unsubmittedAt !== null &&
  !isRunning(verdict) &&
  verdict.composer.content !== 'empty' &&
  verdict.composer.content !== 'placeholder';

/** The dialog that was showing is answered or dismissed; a quiet screen must say so twice. */
export const dialogIsGone = (context: SessionContext, event: Classified): boolean => {
  const { attention, activity } = event.verdict;
  if (attention !== 'none' || activity === 'unknown') return false;
  return activity === 'complete' || activity === 'idle' ? agrees(context, event) : true;
};

/** What every look changes, in whatever state it finds the session. */
export const observed = (context: SessionContext, event: Classified): Partial<SessionContext> => {
  const { verdict, at } = event;
  if (saysNothing(verdict)) {
    const looks = (context.blank?.looks ?? 0) + 1;
    return { agreeing: null, blank: { looks, at, asked: false } };
  }
  const meaningful = isMeaningful(context, event);
  return {
    ...(meaningful || context.meaningfulAt === null ? { meaningfulAt: at, lastActivity: at } : {}),
    ...(verdict.activity === 'unknown' ? {} : { fingerprint: verdict.fingerprint }),
    agreeing: agreement(context, event),
    heard: stillHeard(context.heard, event, agrees(context, event)),
    blank: null,
    unsubmittedAt: isLeft(context, event) ? context.unsubmittedAt : null,
    unverified: false,
    toolRunning: verdict.toolRunning,
    counted: count(context.counted, verdict.sightings),
    ...(verdict.todos.length > 0 ? { todos: verdict.todos } : {}),
    ...(verdict.progress === null
      ? {}
      : { progress: verdict.progress, progressSource: 'todos' as const }),
    ...turnSeen(context, event),
    ...firstSight(context, event),
  };
};

/** The state changes now, for the reason that this look gives. */
export const settled = ({ verdict, at }: Classified): Partial<SessionContext> => ({
  since: at,
  ...causeOf(verdict),
});

/** The turn ended by itself. A prompt that never had a task has no progress to claim. */
export const completed = (context: SessionContext, event: Classified): Partial<SessionContext> => ({
  ...settled(event),
  turn: 'none',
  interrupted: false,
  fresh: false,
  heard: null,
  lastEnd: event.verdict.evidence,
  progress:
    context.progressSource === 'none' && isDone(event.verdict.reason) ? 100 : context.progress,
});

/** The same object while nothing of it changes. */
export const shownDialog = (
  { dialog, answered }: SessionContext,
  { verdict, at }: Classified,
): Dialog | null => {
  const seen = seenDialog(verdict);
  if (!seen) return null;
  const { rule, evidence } = verdict;
  const asked = shows(dialog, seen) ? dialog : null;
  // What is asked after an answer is another question, were it in the same words.
  const isAnswered = asked !== null && asked.id === answered?.dialog && at >= answered.at;
  const { id, since } =
    asked === null || isAnswered ? { id: dialogIdOf(seen.id, at), since: at } : asked;
  const now = { ...seen, id, since, rule, evidence };
  return JSON.stringify(now) === JSON.stringify(dialog) ? dialog : now;
};

/** Whether the look saw that dialog, or none where there is none. */
const shows = (dialog: Dialog | null, seen: SeenDialog | null): boolean =>
  (dialog === null ? undefined : fingerprintOf(dialog.id)) === seen?.id;

/** Nothing can be concluded from this look: a half-drawn screen, an overlay, an agent starting up. */
const saysNothing = ({ activity, attention }: Verdict): boolean =>
  activity === 'unknown' && attention === 'none';

/** More than the spinner, a clock or the human's own draft has changed. */
const isMeaningful = (context: SessionContext, { verdict, resized }: Classified): boolean => {
  if (saysNothing(verdict)) return false;
  if (!shows(context.dialog, seenDialog(verdict))) return true;
  return verdict.activity !== 'unknown' && !resized && verdict.fingerprint !== context.fingerprint;
};

/** What asks for a person, as a dialog even where the screen offers no options to choose from. */
const seenDialog = ({ attention, dialog, rule, evidence }: Verdict): SeenDialog | null =>
  attention === 'none'
    ? null
    : (dialog ?? { id: rule, attention, question: evidence, options: [] });

/** Why, by which rule, and the line that it saw. */
const causeOf = ({ reason, rule, evidence }: Verdict): Cause => ({ reason, rule, evidence });

type Cause = Pick<SessionContext, 'reason' | 'rule' | 'evidence'>;

const agreement = (context: SessionContext, event: Classified): SessionContext['agreeing'] => {
  const { activity } = event.verdict;
  if (activity !== 'complete' && activity !== 'idle') return null;
  const { agreeing } = context;
  if (agreeing?.activity !== activity) return { activity, since: event.at, asked: false };
  // The look that was asked for came too early to agree: another one is owed.
  const isEarly = event.at - agreeing.since < context.policy.agreeMs;
  return isEarly && agreeing.asked ? { ...agreeing, asked: false } : agreeing;
};

/** Which turn is running, and how far it has gone. A turn that has begun to work stays working. */
const turnSeen = (context: SessionContext, event: Classified): Partial<SessionContext> => {
  const { verdict, at } = event;
  if (verdict.activity === 'idle' && context.turn !== 'none' && agrees(context, event))
    return { interrupted: true, ...causeOf(verdict) };
  if (!isRunning(verdict)) return {};
  const isNew = context.turn === 'none' || context.interrupted;
  return {
    turn:
      verdict.activity === 'working' || (!isNew && context.turn === 'working')
        ? 'working'
        : 'reading',
    interrupted: false,
    fresh: false,
    ...(isNew ? { turnStartedAt: at, ...causeOf(verdict) } : {}),
    ...(isNew && verdict.progress === null ? { ...withoutTodos(context.spec), todos: [] } : {}),
  };
};

/** The first verdict that says something. Back at a prompt in mid-turn is an unfinished turn. */
const firstSight = (context: SessionContext, event: Classified): Partial<SessionContext> => {
  const { verdict, at } = event;
  const quiet = verdict.activity === 'complete' || verdict.activity === 'idle';
  if (context.seen || (quiet && verdict.attention === 'none' && !agrees(context, event))) return {};
  return {
    seen: true,
    since: at,
    ...causeOf(verdict),
    ...(verdict.activity === 'idle' ? { turn: 'reading' as const, interrupted: true } : {}),
  };
};
