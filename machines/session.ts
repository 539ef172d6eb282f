/**
 * One watched session: what its agent is doing (`activity`), whether it shows something a person
 * must answer (`attention`), and how it is watched (`connection`).
 *
 * The machine only decides. What a step tells the world is read off its two snapshots by
 * `announcements.ts`; its only effects are its own child, the connection, and a wish for a look.
 */

import {
  and,
  assign,
  fromCallback,
  or,
  type SnapshotFrom,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import {
  asksForLook,
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
  agrees,
  completed,
  dialogDeadline,
  dialogIsGone,
  exited,
  failed,
  freshAgent,
  isLeft,
  leftDeadline,
  levelResumed,
  lookDeadline,
  observed,
  reconnection,
  type SessionContext,
  type SessionEvent,
  type SessionInput,
  settled,
  shownDialog,
  stuckReason,
  turnDeadline,
  unseen,
} from './session-context.ts';
import { specRead } from './spec-progress.ts';
import { beginTold, transcriptTold } from './told.ts';
import {
  type Activity,
  ATTENTIONS,
  type Attention,
  type ServerIdentity,
  type SessionFacts,
} from './vocabulary.ts';

/** What the connection actor is asked to watch. */
export interface ConnectionInput {
  server: ServerIdentity;
  facts: SessionFacts;
}
export type ConnectionEvent =
  | { type: 'look.wanted' }
  | { type: 'facts.changed'; facts: SessionFacts };

/** Raised whenever a stored snapshot of an older machine could no longer be understood. */
export const SNAPSHOT_VERSION = 2;

/** While there is a connection it learns what changed, and begins anew on another pane. */
const FACTS_CHANGED = [
  { guard: 'paneMoved', target: 'connecting', actions: 'takeFacts' },
  { actions: ['takeFacts', 'tellFacts'] },
] as const;
const FOLLOW = { 'session.changed': FACTS_CHANGED, 'agent.started': FACTS_CHANGED } as const;
const LOOK_AGAIN = {
  'clock.ticked': { guard: 'lookIsDue', actions: ['noteLookAsked', 'askForLook'] },
  'hook.received': { guard: 'hookAsksForLook', actions: 'askForLook' },
} as const;
const HOOK_RUNS = { target: 'reading', actions: ['hear', 'settleByHook'] } as const;
const HOOK_FAILS = {
  guard: 'hookFails',
  target: 'error',
  actions: ['hear', 'settleByHook', 'fail'],
} as const;

const sees = (context: SessionContext, event: SessionEvent, activity: Activity): boolean =>
  event.type === 'screen.classified' && !context.exited && event.verdict.activity === activity;

const isPast = (event: SessionEvent, deadline: number | null): boolean =>
  event.type === 'clock.ticked' && deadline !== null && event.at >= deadline;

export const sessionMachine = setup({
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
    restartStuckClock: assign(({ context, event }) =>
      event.type === 'clock.jumped' && context.meaningfulAt !== null
        ? { meaningfulAt: event.at, agreeing: null }
        : {},
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
      input: ({ context: { server, facts } }) => ({ server, facts }),
    }),
    disconnect: stopChild('connection'),
    askForLook: sendTo('connection', { type: 'look.wanted' }),
    tellFacts: sendTo('connection', ({ context: { facts } }) => ({ type: 'facts.changed', facts })),
  },
}).createMachine({
  id: 'session',
  type: 'parallel',
  context: ({ input }) => unseen(input),
  // An eternal loop of transitions must crash this actor, not hang the daemon.
  options: { maxIterations: 1000 },
  states: {
    activity: {
      initial: 'reading',
      on: {
        'agent.exited': { target: '.error', actions: ['exit', 'fail'] },
        'agent.started': { actions: 'beginAnew' },
        'hook.received': { actions: 'hear' },
        'text.unsubmitted': { actions: 'noteUnsubmitted' },
        'transcript.read': { actions: 'readTranscript' },
        'spec.read': { actions: 'readSpec' },
        'clock.jumped': { actions: 'restartStuckClock' },
      },
      states: {
        reading: {
          on: {
            'hook.received': [
              HOOK_FAILS,
              { guard: 'hookChanges', target: 'working', actions: ['hear', 'settleByHook'] },
            ],
            'screen.classified': [
              { guard: 'seesError', target: 'error', actions: ['observe', 'settle', 'fail'] },
              { guard: 'seesWorking', target: 'working', actions: ['observe', 'settle'] },
              { guard: 'agreesOnComplete', target: 'complete', actions: ['observe', 'complete'] },
              { actions: 'observe' },
            ],
            'clock.ticked': { guard: 'turnIsSilent', target: 'stuck', actions: 'getStuck' },
            'session.gone': { guard: 'wasLost', target: 'error', actions: ['exit', 'fail'] },
          },
        },
        working: {
          on: {
            'hook.received': [HOOK_FAILS, { guard: and(['hookRuns', 'wasLeft']), ...HOOK_RUNS }],
            'screen.classified': [
              { guard: 'seesError', target: 'error', actions: ['observe', 'settle', 'fail'] },
              {
                guard: and(['seesReading', or(['wasInterrupted', 'isFresh'])]),
                target: 'reading',
                actions: ['observe', 'settle'],
              },
              { guard: 'agreesOnComplete', target: 'complete', actions: ['observe', 'complete'] },
              { actions: 'observe' },
            ],
            'clock.ticked': { guard: 'turnIsSilent', target: 'stuck', actions: 'getStuck' },
            'session.gone': { guard: 'wasLost', target: 'error', actions: ['exit', 'fail'] },
          },
        },
        stuck: {
          on: {
            'hook.received': [
              HOOK_FAILS,
              {
                guard: or(['hookChanges', and(['hookRuns', 'isAtWork'])]),
                target: 'working',
                actions: ['hear', 'settleByHook'],
              },
              { guard: 'hookRuns', ...HOOK_RUNS },
            ],
            'screen.classified': [
              { guard: 'seesError', target: 'error', actions: ['observe', 'settle', 'fail'] },
              {
                guard: and(['agreesOnComplete', 'composerIsClear']),
                target: 'complete',
                actions: ['observe', 'complete'],
              },
              ...(['working', 'reading', 'complete'] as const).map((level) => ({
                guard: { type: 'resumes' as const, params: { level } },
                target: level,
                actions: ['observe', 'settle'] as const,
              })),
              { actions: 'observe' },
            ],
            'session.gone': { guard: 'wasLost', target: 'error', actions: ['exit', 'fail'] },
          },
        },
        error: {
          on: {
            'hook.received': [{ guard: and(['hookRuns', 'hookPrompts']), ...HOOK_RUNS }],
            'screen.classified': [
              { guard: 'seesWorking', target: 'working', actions: ['observe', 'settle'] },
              { guard: 'seesReading', target: 'reading', actions: ['observe', 'settle'] },
              {
                guard: and(['isFresh', 'agreesOnComplete']),
                target: 'complete',
                actions: ['observe', 'complete'],
              },
              { actions: 'observe' },
            ],
          },
        },
        complete: {
          on: {
            'hook.received': { guard: 'hookRuns', ...HOOK_RUNS },
            'screen.classified': [
              { guard: 'seesError', target: 'error', actions: ['observe', 'settle', 'fail'] },
              { guard: 'seesWorking', target: 'working', actions: ['observe', 'settle'] },
              { guard: 'seesReading', target: 'reading', actions: ['observe', 'settle'] },
              {
                guard: and(['isFresh', 'agreesOnComplete']),
                target: 'complete',
                actions: ['observe', 'complete'],
              },
              { actions: 'observe' },
            ],
            'clock.ticked': {
              guard: or(['dialogIsUnanswered', 'textIsLeft']),
              target: 'stuck',
              actions: 'getStuck',
            },
          },
        },
      },
    },
    attention: {
      initial: 'none',
      on: {
        'screen.classified': [
          ...ATTENTIONS.filter((attention) => attention !== 'none').map((attention) => ({
            guard: { type: 'shows' as const, params: { attention } },
            target: `.${attention}`,
            actions: 'showDialog' as const,
          })),
          { guard: 'dialogIsGone', target: '.none', actions: 'dropDialog' },
        ],
        'hook.received': [
          { guard: 'hookWaits', target: '.approval', actions: 'showDialogHeard' },
          { guard: 'hookMovesOn', target: '.none', actions: 'dropDialog' },
        ],
        'agent.exited': '.none',
        'agent.started': '.none',
        'session.gone': { target: '.none', actions: 'dropDialog' },
      },
      states: {
        none: {},
        approval: {},
        question: {},
        trust: {},
        login: {},
        limit: {},
        'other-dialog': {},
      },
    },
    connection: {
      initial: 'connecting',
      on: {
        'session.resumed': { target: '.connecting', actions: ['takeFacts', 'resume'] },
        'session.changed': { actions: 'takeFacts' },
        'agent.started': { actions: 'takeFacts' },
        'session.gone': '.gone',
        'connection.opened': [
          { guard: 'opensOwn', target: '.attached', actions: 'noteConnected' },
          { target: '.shared', actions: 'noteConnected' },
        ],
        'connection.closed': '.reconnecting',
      },
      states: {
        connecting: { entry: ['disconnect', 'connect'], on: FOLLOW },
        attached: { on: { ...FOLLOW, ...LOOK_AGAIN } },
        shared: { on: { ...FOLLOW, ...LOOK_AGAIN } },
        reconnecting: {
          entry: ['disconnect', 'planReconnect'],
          on: {
            'clock.ticked': { guard: 'reconnectIsDue', target: 'connecting' },
            // Its deadline was meant on the clock as it was.
            'clock.jumped': 'connecting',
          },
        },
        gone: { entry: ['disconnect', 'noteGone'] },
      },
    },
  },
});

export type SessionSnapshot = SnapshotFrom<typeof sessionMachine>;

/** The next moment at which time alone changes something: when to send `clock.ticked`. */
export const nextDeadline = ({ value, context }: SessionSnapshot): number | null => {
  const { activity, connection } = value;
  const deadlines = [
    activity === 'reading' || activity === 'working' ? turnDeadline(context) : null,
    ...(activity === 'complete' ? [dialogDeadline(context), leftDeadline(context)] : []),
    connection === 'attached' || connection === 'shared' ? lookDeadline(context) : null,
    connection === 'reconnecting' ? (context.reconnect?.at ?? null) : null,
  ].filter((deadline) => deadline !== null);
  return deadlines.length > 0 ? Math.min(...deadlines) : null;
};
