/**
 * One watched session: what its agent is doing (`activity`), whether it shows something a person
 * must answer (`attention`), and how it is watched (`connection`).
 *
 * The machine only decides. What a step tells the world is read off its two snapshots by
 * `announcements.ts`; its only effects are its own child, the connection, and a wish for a look.
 */

import { and, or, type SnapshotFrom } from 'xstate';
import { unseen } from './session-context.ts';
import { dialogDeadline, leftDeadline, lookDeadline, turnDeadline } from './session-deadlines.ts';
import { sessionSetup } from './session-setup.ts';
import { ATTENTIONS } from './vocabulary.ts';

/** Raised whenever a stored snapshot of an older machine could no longer be understood. */
export const SNAPSHOT_VERSION = 2;

/** While there is a connection it learns what changed, and begins anew on another pane. */
const FACTS_CHANGED = [
  { guard: 'paneMoved', target: 'connecting', actions: 'takeFacts' },
  { actions: ['takeFacts', 'tellFacts'] },
] as const;
const FOLLOW = {
  'session.changed': FACTS_CHANGED,
  'agent.started': [
    FACTS_CHANGED[0],
    // What it drew before it was found counted as drawn by the one before, and may stand still now.
    { actions: ['takeFacts', 'tellFacts', 'askForLook'] },
  ],
} as const;
const LOOK_AGAIN = {
  'clock.ticked': { guard: 'lookIsDue', actions: ['noteLookAsked', 'askForLook'] },
  'hook.received': { guard: 'hookAsksForLook', actions: 'askForLook' },
  // What is asked next may be drawn like what was answered: a still screen tells of nothing.
  'dialog.answered': { actions: 'askForLook' },
} as const;
const SEES_ERROR = {
  guard: 'seesError',
  target: 'error',
  actions: ['observe', 'settle', 'fail'],
} as const;
const SEES_WORKING = {
  guard: 'seesWorking',
  target: 'working',
  actions: ['observe', 'settle'],
} as const;
const SEES_READING = {
  guard: 'seesReading',
  target: 'reading',
  actions: ['observe', 'settle'],
} as const;
const SEES_COMPLETE = {
  guard: 'agreesOnComplete',
  target: 'complete',
  actions: ['observe', 'complete'],
} as const;
const IS_SILENT = { guard: 'turnIsSilent', target: 'stuck', actions: 'getStuck' } as const;
const IS_LOST = { guard: 'wasLost', target: 'error', actions: ['exit', 'fail'] } as const;
const HOOK_RUNS = { target: 'reading', actions: ['hear', 'settleByHook'] } as const;
const HOOK_FAILS = {
  guard: 'hookFails',
  target: 'error',
  actions: ['hear', 'settleByHook', 'fail'],
} as const;

export const sessionMachine = sessionSetup.createMachine({
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
        'clock.jumped': { actions: 'recount' },
      },
      states: {
        reading: {
          on: {
            'hook.received': [
              HOOK_FAILS,
              { guard: 'hookChanges', target: 'working', actions: ['hear', 'settleByHook'] },
            ],
            'screen.classified': [SEES_ERROR, SEES_WORKING, SEES_COMPLETE, { actions: 'observe' }],
            'clock.ticked': IS_SILENT,
            'session.gone': IS_LOST,
          },
        },
        working: {
          on: {
            'hook.received': [HOOK_FAILS, { guard: and(['hookRuns', 'wasLeft']), ...HOOK_RUNS }],
            'screen.classified': [
              SEES_ERROR,
              { ...SEES_READING, guard: and(['seesReading', or(['wasInterrupted', 'isFresh'])]) },
              SEES_COMPLETE,
              { actions: 'observe' },
            ],
            'clock.ticked': IS_SILENT,
            'session.gone': IS_LOST,
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
              SEES_ERROR,
              { ...SEES_COMPLETE, guard: and(['agreesOnComplete', 'composerIsClear']) },
              ...(['working', 'reading', 'complete'] as const).map((level) => ({
                guard: { type: 'resumes' as const, params: { level } },
                target: level,
                actions: ['observe', 'settle'] as const,
              })),
              { actions: 'observe' },
            ],
            'session.gone': IS_LOST,
          },
        },
        error: {
          on: {
            'hook.received': [
              { guard: and(['hookRuns', 'hookPrompts']), ...HOOK_RUNS },
              { actions: 'countHook' },
            ],
            'screen.classified': [
              SEES_WORKING,
              SEES_READING,
              { ...SEES_COMPLETE, guard: and(['isFresh', 'agreesOnComplete']) },
              { actions: 'observe' },
            ],
          },
        },
        complete: {
          on: {
            'hook.received': { guard: 'hookRuns', ...HOOK_RUNS },
            'screen.classified': [
              SEES_ERROR,
              SEES_WORKING,
              SEES_READING,
              { ...SEES_COMPLETE, guard: and(['isFresh', 'agreesOnComplete']) },
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
        'dialog.answered': { actions: 'noteAnswered' },
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
