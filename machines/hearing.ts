/**
 * Weighs what an agent says through its hooks against what its screen shows. A hook knows that a
 * turn began, failed or ended; but hooks stay away (Escape fires none), come late, and may be
 * overruled so that the agent goes on. So a hook is believed until the screen, given the time to be
 * drawn, clearly shows something else; and a dialog on the screen is believed before any hook.
 */

import type { SessionContext, SessionEvent } from './session-context.ts';
import { withoutTodos } from './spec-progress.ts';
import { beginTold, hookTold } from './told.ts';
import type { Dialog, HookReport, Verdict } from './vocabulary.ts';

export interface Heard {
  /** `background`: the agent has said its last word, but subagents that it started go on. */
  says: 'running' | 'background' | 'ended' | 'failed';
  /** Milliseconds since the epoch. */
  at: number;
  evidence: string;
}

type Classified = Extract<SessionEvent, { type: 'screen.classified' }>;
type Received = Extract<SessionEvent, { type: 'hook.received' }>;

/** A hook comes before the screen is drawn that it speaks of; at a busy machine long before. */
const SCREEN_LAG_MS = 1_500;

/** A look as it counts beside what was heard: it may say less than it shows, or more. */
export const weigh = <Event extends { type: string }>(
  context: Pick<SessionContext, 'heard' | 'turn' | 'lastEnd'>,
  event: Event | SessionEvent,
): Event | SessionEvent => {
  if (context.heard === null || !isLook(event)) return event;
  const verdict = weighed(context.heard, context, event);
  return verdict === event.verdict ? event : { ...event, verdict };
};

/** What was heard, after a look that the screen has been given the time for. */
export const stillHeard = (
  heard: Heard | null,
  { verdict, at }: Classified,
  agreed: boolean,
): Heard | null => {
  if (heard === null || isLagging(heard, at)) return heard;
  switch (heard.says) {
    case 'running':
      return agreed && verdict.activity === 'complete' ? null : heard;
    case 'background':
      return heard;
    default:
      return isRunning(verdict) || verdict.attention !== 'none' ? null : heard;
  }
};

/** A hook that comes too late to change anything tells of calls all the same. */
export const countedHook = (
  { told, counted }: SessionContext,
  { report }: Received,
): Pick<SessionContext, 'told'> => ({
  told: hookTold(told ?? beginTold(counted.indicators), report),
});

/** What each hook changes, unless it is too late. */
export const heardHook = (context: SessionContext, event: Received): Partial<SessionContext> => {
  const told = countedHook(context, event);
  if (isDeaf(context)) return told;
  const { report, at } = event;
  const { evidence } = report;
  const meaningful = { meaningfulAt: at, lastActivity: at };
  const says = (what: Heard['says']) => ({ heard: { says: what, at, evidence } });
  switch (report.tells) {
    case 'turn-started':
      return { ...told, ...meaningful, ...says('running'), ...turnBegun(context, 'prompt', at) };
    case 'tool-started':
      if (report.inside) return { ...told, ...meaningful };
      return { ...told, ...meaningful, ...says('running'), ...turnBegun(context, 'tool', at) };
    case 'tool-ended':
      return {
        ...told,
        ...meaningful,
        ...(report.inside || context.turn === 'none' ? {} : says('running')),
        ...(report.changes && context.turn !== 'none' ? { turn: 'working' as const } : {}),
      };
    case 'turn-ended':
      if (report.background > 0) return { ...told, ...meaningful, ...says('background') };
      return { ...told, ...(context.turn === 'none' ? {} : { ...meaningful, ...says('ended') }) };
    case 'turn-failed':
      return { ...told, ...(context.turn === 'none' ? {} : { ...meaningful, ...says('failed') }) };
    case 'session-ended':
      return { ...told, heard: null };
    case 'dialog-waiting':
      return told;
  }
};

/**
 * Its hooks change no state now: the agent is gone, or shows a dialog, which is believed before a
 * hook that does not fit it. A menu hides the screen, but contradicts nothing.
 */
const isDeaf = ({ exited, dialog }: SessionContext): boolean =>
  exited || (dialog !== null && dialog.attention !== 'other-dialog' && dialog.id !== HEARD_DIALOG);

/** The turn that this hook speaks of runs, whatever the screen shows at the moment. */
export const hookRuns = (context: SessionContext, { report }: Received): boolean =>
  !isDeaf(context) &&
  (report.tells === 'turn-started' || (report.tells === 'tool-started' && !report.inside));

export const hookChanges = (context: SessionContext, { report }: Received): boolean =>
  !isDeaf(context) && report.tells === 'tool-ended' && report.changes && context.turn !== 'none';

/** The agent has given up. What has been seen to fail already does not fail again. */
export const hookFails = (context: SessionContext, { report }: Received): boolean =>
  !isDeaf(context) && report.tells === 'turn-failed' && context.turn !== 'none';

/** The turn is not over as far as is known, but the agent left it: the next prompt begins another. */
export const wasLeft = ({ interrupted, heard }: SessionContext): boolean =>
  interrupted || heard?.says === 'ended';

/** Something waits for a person, and the screen shows nothing that could be understood. */
export const hookWaits = (context: SessionContext, { report }: Received): boolean =>
  report.tells === 'dialog-waiting' &&
  !context.exited &&
  context.dialog === null &&
  context.blank !== null;

/** The agent itself goes on, so what a hook said to be waiting for a person does so no longer. */
export const hookMovesOn = ({ dialog }: SessionContext, { report }: Received): boolean =>
  dialog?.id === HEARD_DIALOG &&
  report.tells !== 'dialog-waiting' &&
  !('inside' in report && report.inside);

/** Which hooks are worth a look: those after which the screen may stay as it is. */
export const asksForLook = ({ report: { tells } }: Received): boolean =>
  tells === 'turn-ended' || tells === 'turn-failed' || tells === 'dialog-waiting';

/** A dialog of which nothing is known but that it is there. */
export const dialogHeard = ({ report, at }: Received): Dialog => ({
  id: HEARD_DIALOG,
  attention: 'approval',
  question: report.tells === 'dialog-waiting' ? report.message : '',
  options: [],
  since: at,
  rule: `hook.${report.tells}`,
  evidence: report.evidence,
});

/** The state changes now, for the reason that the hook gives. */
export const settledByHook = ({ report, at }: Received): Partial<SessionContext> => ({
  since: at,
  reason: REASONS[report.tells] ?? report.tells,
  rule: `hook.${report.tells}`,
  evidence: report.evidence,
});

const HEARD_DIALOG = 'hook';

const REASONS: Partial<Record<HookReport['tells'], string>> = {
  'turn-started': 'prompt',
  'tool-started': 'tool',
  'tool-ended': 'tool',
  'turn-failed': 'api-error',
};

const isLook = (event: { type: string }): event is Classified => event.type === 'screen.classified';

const ENDED = { rule: 'hook.turn-ended' };

/** Either way: the clock may have been set. */
const isLagging = (heard: Heard, at: number): boolean => Math.abs(at - heard.at) < SCREEN_LAG_MS;

/** The verdict says that a turn is running. */
export const isRunning = ({ activity }: Verdict): boolean =>
  activity === 'reading' || activity === 'working';

const weighed = (
  heard: Heard,
  { turn, lastEnd }: Pick<SessionContext, 'turn' | 'lastEnd'>,
  event: Classified,
): Verdict => {
  const { verdict, at } = event;
  const { says, evidence } = heard;
  if (verdict.attention !== 'none' || verdict.activity === 'unknown') return verdict;
  const isOld = isLagging(heard, at) && isRunning(verdict) !== (says === 'running');
  if (says === 'background') {
    if (verdict.activity !== 'complete') return verdict;
    const activity = turn === 'working' ? 'working' : 'reading';
    return { ...verdict, activity, ...ENDED, reason: 'background', evidence, toolRunning: true };
  }
  // Drawn before the hook: it is looked at again.
  if (isOld && (says === 'running' || isRunning(verdict)))
    return { ...verdict, activity: 'unknown' };
  // Escape leaves no word about it where nothing was answered yet: what shows is the turn before.
  if (says === 'running' && verdict.activity === 'complete' && verdict.evidence === lastEnd)
    return { ...verdict, activity: 'idle', reason: 'interrupted' };
  if (says === 'ended' && verdict.activity === 'idle')
    return { ...verdict, activity: 'complete', ...ENDED, reason: 'done', evidence };
  return verdict;
};

/** A turn begins that was not known to run, or one that was interrupted begins anew. */
const turnBegun = (
  context: SessionContext,
  reason: 'prompt' | 'tool',
  at: number,
): Partial<SessionContext> => {
  const { turn, seen } = context;
  if (turn !== 'none' && !wasLeft(context) && seen) return {};
  return {
    turn: 'reading',
    turnStartedAt: at,
    interrupted: false,
    fresh: false,
    agreeing: null,
    // Should the screen stay as it is, it must be looked at to end what the hook began.
    blank: { looks: 1, at, asked: false },
    ...withoutTodos(context.spec),
    todos: [],
    ...{ reason, rule: reason === 'prompt' ? 'hook.turn-started' : 'hook.tool-started' },
    ...(seen ? {} : { seen: true, since: at }),
  };
};
