/**
 * What a session remembers, and how each kind of event changes it. Pure functions of the context
 * and the event; `session.ts` says in which state which of them applies.
 */

import { type Counted, count, NOTHING_COUNTED } from './counting.ts';
import { type Heard, stillHeard } from './hearing.ts';
import { backoffMs } from './restart.ts';
import { withoutTodos } from './spec-progress.ts';
import type { Told } from './told.ts';
import type {
  Dialog,
  HookReport,
  ProgressSource,
  SeenDialog,
  ServerIdentity,
  SessionFacts,
  Todo,
  ToolCounts,
  Verdict,
} from './vocabulary.ts';

export interface SessionPolicy {
  /** Without a meaningful change for this long, an unfinished turn or an open dialog is stuck. */
  stuckAfterMs: number;
  /** The same while a tool visibly runs. */
  stuckToolMs: number;
  /** Two looks at least this far apart must agree before a turn counts as ended. */
  agreeMs: number;
}

export interface SessionInput {
  key: string;
  server: ServerIdentity;
  facts: SessionFacts;
  policy: SessionPolicy;
  /** How often the actor of this session was restarted before. */
  restarts: number;
}

const RECONNECT = { baseMs: 200, capMs: 5_000 };
/** A connection that stood this long was a good one: the next failure is a first one. */
const STEADY_MS = 10_000;
/** A screen that says nothing is looked at again after this, then after twice as long each time. */
const BLANK_MIN_MS = 1_000;
const BLANK_MAX_MS = 30_000;

export interface SessionContext {
  readonly key: string;
  readonly server: ServerIdentity;
  policy: SessionPolicy;
  facts: SessionFacts;
  /** False until the first verdict that says something: nothing is told before it. */
  seen: boolean;
  /** When the present state was entered, in ms since the epoch; null until seen. */
  since: number | null;
  reason: string;
  /** The name of what decided: a profile's rule, or `hook.…`, `process.…`, `clock.…`. */
  rule: string;
  evidence: string;
  dialog: Dialog | null;
  todos: Todo[];
  progress: number;
  progressSource: ProgressSource;
  /** 0–100 by the checkboxes of a file in its folder; null where there is none. */
  spec: number | null;
  counted: Counted;
  /** What the agent's hooks and its transcript told of its calls; null where there are none. */
  told: Told | null;
  /** What the agent's hooks last said of its turn; null once the screen has caught up. */
  heard: Heard | null;
  /** The line that showed that a turn had ended, or that there was none yet, when last one had. */
  lastEnd: string;
  /** How far the running turn has gone; `none` when no turn is unfinished. */
  turn: 'none' | 'reading' | 'working';
  turnStartedAt: number | null;
  /** The agent is back at its prompt though its turn did not end. */
  interrupted: boolean;
  /** The screen without its volatile parts, as of the last look that said something. */
  fingerprint: string;
  /** When something meaningful last happened; what the stuck clock counts from. */
  meaningfulAt: number | null;
  /** When something meaningful last happened, untouched by jumps of the clock. */
  lastActivity: number | null;
  toolRunning: boolean;
  /** No verdict since a restart: the stuck clock waits until the screen was compared. */
  unverified: boolean;
  /** The quiet activity on which looks have agreed so far, and whether another look was asked for. */
  agreeing: { activity: 'complete' | 'idle'; since: number; asked: boolean } | null;
  /** How many looks in a row said nothing, the last of them when, and whether another was asked for. */
  blank: { looks: number; at: number; asked: boolean } | null;
  /** When a text was typed that the agent did not take: it stands in the composer, unsubmitted. */
  unsubmittedAt: number | null;
  /** The agent's process is gone: the screen says nothing about it any more. */
  exited: boolean;
  /** The exit came from a quiet prompt: worth a state, not an alert. */
  quietExit: boolean;
  /** A new agent process took the pane over: its first agreed verdict holds, whatever it is. */
  fresh: boolean;
  restarts: number;
  reconnect: { attempt: number; at: number } | null;
  /** When the present or last connection was opened. */
  connectedAt: number | null;
  goneAt: number | null;
}

export type SessionEvent =
  | { type: 'screen.classified'; verdict: Verdict; at: number; resized: boolean; output: string }
  | { type: 'hook.received'; report: HookReport; at: number }
  /** All calls that stand in one of the agent's transcripts so far. */
  | { type: 'transcript.read'; path: string; counts: ToolCounts; at: number }
  /** How far the specification in the agent's folder is; null where there is none. */
  | { type: 'spec.read'; progress: number | null; at: number }
  | { type: 'clock.ticked'; at: number }
  | { type: 'clock.jumped'; at: number }
  | {
      type: 'session.resumed';
      facts: SessionFacts;
      policy: SessionPolicy;
      restarts: number;
      at: number;
    }
  | { type: 'session.changed'; facts: SessionFacts; at: number }
  | { type: 'session.gone'; killed: boolean; at: number }
  /** What was typed stands in the composer, though Enter was pressed again and again. */
  | { type: 'text.unsubmitted'; at: number }
  | { type: 'agent.exited'; status: number | null; at: number }
  | { type: 'agent.started'; facts: SessionFacts; at: number }
  | { type: 'connection.opened'; by: 'attached' | 'shared'; at: number }
  | { type: 'connection.closed'; detail: string; at: number };

type Classified = Extract<SessionEvent, { type: 'screen.classified' }>;

export const unseen = ({ key, server, facts, policy, restarts }: SessionInput): SessionContext => ({
  key,
  server,
  policy,
  facts,
  seen: false,
  since: null,
  reason: 'not-seen',
  rule: '',
  evidence: '',
  dialog: null,
  todos: [],
  progress: 0,
  progressSource: 'none',
  spec: null,
  counted: NOTHING_COUNTED,
  told: null,
  heard: null,
  lastEnd: '',
  turn: 'none',
  turnStartedAt: null,
  interrupted: false,
  fingerprint: '',
  meaningfulAt: null,
  lastActivity: null,
  toolRunning: false,
  unverified: false,
  agreeing: null,
  blank: null,
  unsubmittedAt: null,
  exited: false,
  quietExit: false,
  fresh: false,
  restarts,
  reconnect: null,
  connectedAt: null,
  goneAt: null,
});

/** Another agent in the same pane: nothing that was seen of the one before is true of it. */
export const freshAgent = (context: SessionContext): SessionContext => {
  const { seen, since, reason, rule, evidence, lastActivity, spec } = context;
  const { reconnect, connectedAt } = context;
  return {
    ...unseen(context),
    ...{ seen, since, reason, rule, evidence, lastActivity, reconnect, connectedAt },
    ...withoutTodos(spec),
    fresh: true,
  };
};

/** The verdict says that a turn is running. */
const isRunning = ({ activity }: Verdict): boolean =>
  activity === 'reading' || activity === 'working';

/** Nothing can be concluded from this look: a half-drawn screen, an overlay, an agent starting up. */
const saysNothing = ({ activity, attention }: Verdict): boolean =>
  activity === 'unknown' && attention === 'none';

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

/** More than the spinner, a clock or the human's own draft has changed. */
const isMeaningful = (context: SessionContext, { verdict, resized }: Classified): boolean => {
  if (saysNothing(verdict)) return false;
  if (seenDialog(verdict)?.id !== context.dialog?.id) return true;
  return verdict.activity !== 'unknown' && !resized && verdict.fingerprint !== context.fingerprint;
};

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
    context.progressSource === 'none' && event.verdict.reason !== 'ready' ? 100 : context.progress,
});

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

export const shownDialog = (
  { dialog }: SessionContext,
  { verdict, at }: Classified,
): Dialog | null => {
  const seen = seenDialog(verdict);
  return seen && { ...seen, since: dialog?.id === seen.id ? dialog.since : at };
};

export const stuckReason = (context: SessionContext): string => {
  const { dialog, interrupted, toolRunning, unsubmittedAt } = context;
  if (dialog) return 'unanswered';
  if (unsubmittedAt !== null) return 'unsubmitted';
  if (interrupted) return 'interrupted';
  return toolRunning ? 'silent-tool' : 'silent';
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
  if (context.agreeing?.activity !== activity) return { activity, since: event.at, asked: false };
  return context.agreeing;
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

const stuckDeadline = (context: SessionContext): number | null => {
  const { meaningfulAt, unverified, exited, policy, dialog, toolRunning } = context;
  if (meaningfulAt === null || unverified || exited) return null;
  return meaningfulAt + (toolRunning && !dialog ? policy.stuckToolMs : policy.stuckAfterMs);
};
