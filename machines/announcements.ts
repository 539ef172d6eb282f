/**
 * What a step of a session tells the world, read off the snapshots before and after it. One place
 * decides it, so that nothing can change without being told and nothing be told that did not change.
 */

import type { SessionSnapshot } from './session.ts';
import { isDone } from './session-ends.ts';
import { indicatorsOf } from './told.ts';
import type { EventDraft, EventName } from './vocabulary.ts';

/** @param output the last lines of the screen, for the alerts. */
export const announcements = (
  before: SessionSnapshot,
  after: SessionSnapshot,
  at: number,
  output: string,
): EventDraft[] => {
  const session = after.context.facts.session;
  const draft = (event: EventName, fields: object): EventDraft => ({
    event,
    session,
    timestamp: at,
    ...fields,
  });
  return [
    ...renamed(before, after, draft),
    ...(after.context.seen ? stateChanged(before, after, draft) : []),
    ...(after.context.seen ? progressed(before, after, draft) : []),
    ...attentionChanged(before, after, draft),
    ...(after.context.seen ? alerts(before, after, at, output, draft) : []),
    ...gone(before, after, draft),
  ];
};

type Draft = (event: EventName, fields: object) => EventDraft;
type Step = (before: SessionSnapshot, after: SessionSnapshot, draft: Draft) => EventDraft[];

const renamed: Step = (before, after, draft) => {
  const previous = before.context.facts.session;
  return previous === after.context.facts.session
    ? []
    : [draft('session_renamed', { previousSession: previous })];
};

const stateBefore = ({ value, context }: SessionSnapshot) => (context.seen ? value.activity : null);

const changesState = (before: SessionSnapshot, after: SessionSnapshot): boolean =>
  stateBefore(before) !== after.value.activity;

const stateChanged: Step = (before, after, draft) => {
  if (!changesState(before, after)) return [];
  const { reason, evidence, progress, counted, told } = after.context;
  return [
    draft('state_change', {
      state: after.value.activity,
      prevState: stateBefore(before),
      reason,
      evidence,
      attention: after.value.attention,
      progress,
      indicators: indicatorsOf(counted.indicators, told),
    }),
  ];
};

const progressed: Step = (before, after, draft) => {
  const { progress, progressSource, counted, told } = after.context;
  if (progress === before.context.progress) return [];
  return [
    draft('progress', {
      progress,
      prevProgress: before.context.progress,
      progressSource,
      indicators: indicatorsOf(counted.indicators, told),
    }),
  ];
};

const attentionChanged: Step = (before, after, draft) => {
  const { dialog } = after.context;
  if (before.value.attention === after.value.attention && before.context.dialog?.id === dialog?.id)
    return [];
  const { attention } = after.value;
  return [
    draft('attention_change', { attention, prevAttention: before.value.attention, dialog }),
    ...(attention === 'none' ? [] : [draft('agent_waiting', { attention, dialog })]),
  ];
};

const alerts = (
  before: SessionSnapshot,
  after: SessionSnapshot,
  at: number,
  output: string,
  draft: Draft,
): EventDraft[] => {
  const { reason, turn, quietExit, meaningfulAt } = after.context;
  const exits = after.context.exited && !before.context.exited;
  if (!changesState(before, after) && !exits) return [];
  switch (after.value.activity) {
    case 'stuck':
      return [draft('agent_stuck', { idleTime: seconds(meaningfulAt, at), reason, output })];
    case 'error':
      return quietExit ? [] : [draft('agent_error', { reason, output })];
    case 'complete': {
      // A turn that was running when first seen is told; a prompt found waiting is not news.
      const ended = before.context.seen && before.context.turn !== 'none' && turn === 'none';
      const duration = seconds(before.context.turnStartedAt, at);
      return ended && isDone(reason) ? [draft('agent_complete', { output, duration })] : [];
    }
    default:
      return [];
  }
};

const gone: Step = (before, after, draft) =>
  after.value.connection === 'gone' && before.value.connection !== 'gone'
    ? [draft('session_gone', { state: after.value.activity, reason: after.context.reason })]
    : [];

/** Whole seconds since `from`; 0 where that is not known. */
const seconds = (from: number | null, at: number): number =>
  from === null ? 0 : Math.round((at - from) / 1000);
