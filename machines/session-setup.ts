/** What the session machine can ask and do: its guards and actions, in terms of its context. */

import { assign, fromCallback, sendTo, setup, spawnChild, stopChild } from 'xstate';
import {
  asksForLook,
  countedHook,
  dialogHeard,
  heardHook,
  hookChanges,
  hookFails,
  hookMovesOn,
  hookRuns,
  hookWaits,
  settledByHook,
  wasLeft,
} from './hearing.ts';
import {
  freshAgent,
  type SessionContext,
  type SessionEvent,
  type SessionInput,
} from './session-context.ts';
import {
  dialogDeadline,
  leftDeadline,
  lookDeadline,
  reconnection,
  recounted,
  stuckReason,
  turnDeadline,
} from './session-deadlines.ts';
import { exited, failed, staysInterrupted } from './session-ends.ts';
import {
  agrees,
  completed,
  dialogIsGone,
  isLeft,
  levelResumed,
  observed,
  settled,
  shownDialog,
} from './session-looks.ts';
import { specRead } from './spec-progress.ts';
import { beginTold, transcriptTold } from './told.ts';
import type { Activity, Attention, ServerIdentity, SessionFacts } from './vocabulary.ts';

/** What the connection actor is asked to watch. */
export interface ConnectionInput {
  /** The session's. */
  key: string;
  server: ServerIdentity;
  facts: SessionFacts;
}
export type ConnectionEvent =
  | { type: 'look.wanted' }
  | { type: 'facts.changed'; facts: SessionFacts };

const sees = (context: SessionContext, event: SessionEvent, activity: Activity): boolean =>
  event.type === 'screen.classified' && !context.exited && event.verdict.activity === activity;

const isPast = (event: SessionEvent, deadline: number | null): boolean =>
  event.type === 'clock.ticked' && deadline !== null && event.at >= deadline;

export const sessionSetup = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionEvent,
    input: {} as SessionInput,
  },
  actors: {
    connection: fromCallback<ConnectionEvent, ConnectionInput>(() => {
      throw new Error('the connection actor was not provided');
    }),
  },
  guards: {
    seesReading: ({ context, event }) => sees(context, event, 'reading'),
    seesWorking: ({ context, event }) => sees(context, event, 'working'),
    seesError: ({ context, event }) => sees(context, event, 'error'),
    agreesOnComplete: ({ context, event }) =>
      event.type === 'screen.classified' &&
      sees(context, event, 'complete') &&
      !staysInterrupted(context, event.verdict) &&
      agrees(context, event),
    wasInterrupted: ({ context }) => context.interrupted,
    resumes: ({ context, event }, { level }: { level: SessionContext['turn'] | 'complete' }) =>
      event.type === 'screen.classified' &&
      !context.exited &&
      levelResumed(context, event) === level,
    isFresh: ({ context }) => context.fresh,
    /** The session vanished under its agent, and not because the monitor was told to kill it. */
    wasLost: ({ context, event }) => event.type === 'session.gone' && !event.killed && context.seen,
    turnIsSilent: ({ context, event }) => isPast(event, turnDeadline(context)),
    dialogIsUnanswered: ({ context, event }) => isPast(event, dialogDeadline(context)),
    textIsLeft: ({ context, event }) => isPast(event, leftDeadline(context)),
    composerIsClear: ({ context, event }) =>
      event.type === 'screen.classified' && !isLeft(context, event),
    lookIsDue: ({ context, event }) => isPast(event, lookDeadline(context)),
    reconnectIsDue: ({ context, event }) => isPast(event, context.reconnect?.at ?? null),
    shows: ({ context, event }, { attention }: { attention: Attention }) =>
      event.type === 'screen.classified' &&
      !context.exited &&
      event.verdict.attention === attention,
    dialogIsGone: ({ context, event }) =>
      event.type === 'screen.classified' && dialogIsGone(context, event),
    paneMoved: ({ context, event }) => 'facts' in event && event.facts.pane !== context.facts.pane,
    hookRuns: ({ context, event }) => event.type === 'hook.received' && hookRuns(context, event),
    hookChanges: ({ context, event }) =>
      event.type === 'hook.received' && hookChanges(context, event),
    hookFails: ({ context, event }) => event.type === 'hook.received' && hookFails(context, event),
    hookWaits: ({ context, event }) => event.type === 'hook.received' && hookWaits(context, event),
    hookAsksForLook: ({ event }) => event.type === 'hook.received' && asksForLook(event),
    /** A prompt was submitted, which alone begins a turn after a failed one. */
    hookPrompts: ({ event }) =>
      event.type === 'hook.received' && event.report.tells === 'turn-started',
    hookMovesOn: ({ context, event }) =>
      event.type === 'hook.received' && hookMovesOn(context, event),
    wasLeft: ({ context }) => wasLeft(context),
    isAtWork: ({ context }) => context.turn === 'working' && !wasLeft(context),
    opensOwn: ({ event }) => event.type === 'connection.opened' && event.by === 'attached',
  },
  actions: {
    observe: assign(({ context, event }) =>
      event.type === 'screen.classified' && !context.exited ? observed(context, event) : {},
    ),
    settle: assign(({ event }) => (event.type === 'screen.classified' ? settled(event) : {})),
    complete: assign(({ context, event }) =>
      event.type === 'screen.classified' ? completed(context, event) : {},
    ),
    hear: assign(({ context, event }) =>
      event.type === 'hook.received' ? heardHook(context, event) : {},
    ),
    countHook: assign(({ context, event }) =>
      event.type === 'hook.received' ? countedHook(context, event) : {},
    ),
    settleByHook: assign(({ event }) =>
      event.type === 'hook.received' ? settledByHook(event) : {},
    ),
    showDialogHeard: assign(({ event }) =>
      event.type === 'hook.received' ? { dialog: dialogHeard(event) } : {},
    ),
    readSpec: assign(({ context, event }) =>
      event.type === 'spec.read' ? specRead(context, event.progress) : {},
    ),
    readTranscript: assign(({ context, event }) =>
      event.type === 'transcript.read'
        ? {
            told: transcriptTold(
              context.told ?? beginTold(context.counted.indicators),
              event.path,
              event.counts,
            ),
          }
        : {},
    ),
    fail: assign(({ context }) => failed(context)),
    getStuck: assign(({ context, event }) =>
      event.type === 'clock.ticked'
        ? {
            since: event.at,
            reason: stuckReason(context),
            rule: `clock.${stuckReason(context)}`,
            evidence: context.dialog?.question ?? context.evidence,
          }
        : {},
    ),
    exit: assign(({ context, event }) => {
      if (event.type === 'agent.exited') return exited(context, event.status, event.at);
      return event.type === 'session.gone' ? exited(context, null, event.at) : {};
    }),
    beginAnew: assign(({ context }) => freshAgent(context)),
    noteUnsubmitted: assign(({ context, event }) =>
      event.type === 'text.unsubmitted' && !context.exited ? { unsubmittedAt: event.at } : {},
    ),
    noteAnswered: assign(({ event }) =>
      event.type === 'dialog.answered' ? { answered: { dialog: event.dialog, at: event.at } } : {},
    ),
    recount: assign(({ context, event }) =>
      event.type === 'clock.jumped' ? recounted(context, event.at) : {},
    ),
    showDialog: assign(({ context, event }) =>
      event.type === 'screen.classified' ? { dialog: shownDialog(context, event) } : {},
    ),
    dropDialog: assign({ dialog: null }),
    takeFacts: assign(({ event }) => ('facts' in event ? { facts: event.facts } : {})),
    resume: assign(({ event }) =>
      event.type === 'session.resumed'
        ? {
            restarts: event.restarts,
            policy: event.policy,
            unverified: true,
            agreeing: null,
            blank: null,
            heard: null,
            reconnect: null,
          }
        : {},
    ),
    noteLookAsked: assign(({ context: { agreeing, blank } }) => ({
      agreeing: agreeing && { ...agreeing, asked: true },
      blank: blank && { ...blank, asked: true },
    })),
    noteGone: assign(({ event }) => (event.type === 'session.gone' ? { goneAt: event.at } : {})),
    planReconnect: assign(({ context, event }) =>
      event.type === 'connection.closed' ? reconnection(context, event.at) : {},
    ),
    noteConnected: assign(({ event }) =>
      event.type === 'connection.opened' ? { connectedAt: event.at } : {},
    ),
    connect: spawnChild('connection', {
      id: 'connection',
      input: ({ context: { key, server, facts } }) => ({ key, server, facts }),
    }),
    disconnect: stopChild('connection'),
    askForLook: sendTo('connection', { type: 'look.wanted' }),
    tellFacts: sendTo('connection', ({ context: { facts } }) => ({ type: 'facts.changed', facts })),
  },
});
