/** A session as tests like it: short to say, whole to read. */

import { initialTransition, transition } from 'xstate';
import { type SessionSnapshot, sessionMachine } from '../../machines/session.ts';
import type { SessionEvent, SessionInput } from '../../machines/session-context.ts';
import type { Activity, SeenDialog, SessionFacts, Verdict } from '../../machines/vocabulary.ts';

export const FACTS: SessionFacts = {
  session: 'shop-api',
  sessionId: '$1',
  pane: '%1',
  panePid: 100,
  kind: 'claude-code',
  agentPid: 101,
  cwd: '/home/user/project',
  title: '✳ Claude Code',
  otherPanes: [],
  fragile: false,
};

export const INPUT: SessionInput = {
  key: '10.1000.$1',
  server: { pid: 10, startTime: 1000 },
  facts: FACTS,
  policy: { stuckAfterMs: 300_000, stuckToolMs: 900_000, agreeMs: 300 },
  restarts: 0,
};

export const verdict = (activity: Activity, more: Partial<Verdict> = {}): Verdict => ({
  activity,
  attention: 'none',
  reason: activity === 'complete' ? 'done' : activity === 'idle' ? 'interrupted' : 'thinking',
  rule: `claude-code.${activity}`,
  evidence: `the ${activity} line`,
  toolRunning: false,
  dialog: null,
  dialogRows: [],
  dialogIsCut: false,
  composer: { content: 'empty', text: '' },
  todos: [],
  progress: null,
  sightings: [],
  fingerprint: `screen of ${activity}`,
  ...more,
});

export const APPROVAL: SeenDialog = {
  id: 'd1',
  attention: 'approval',
  question: 'Do you want to proceed?',
  options: [
    { id: '1', label: 'Yes', key: '1', preselected: true },
    { id: '2', label: 'No', key: '2', preselected: false },
  ],
};

export const look = (
  at: number,
  activity: Activity,
  more: Partial<Verdict> & { resized?: boolean } = {},
): SessionEvent => {
  const { resized = false, ...rest } = more;
  return {
    type: 'screen.classified',
    at,
    resized,
    output: `screen at ${at}`,
    verdict: verdict(activity, rest),
  };
};

export const begin = (): SessionSnapshot => initialTransition(sessionMachine, INPUT)[0];

/** Steps the machine as a function: no actor, no clock, nothing is executed. */
export const stepped = (from: SessionSnapshot, ...events: SessionEvent[]): SessionSnapshot =>
  events.reduce((snapshot, event) => transition(sessionMachine, snapshot, event)[0], from);

/** Two looks that agree that the turn has ended. */
export const agreedComplete = (at: number, more: Partial<Verdict> = {}): SessionEvent[] => [
  look(at, 'complete', more),
  look(at + 300, 'complete', more),
];
