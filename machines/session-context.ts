/** What a session remembers of its agent, what it hears of, and how it begins. */

import { type Counted, NOTHING_COUNTED } from './counting.ts';
import type { Heard } from './hearing.ts';
import { withoutTodos } from './spec-progress.ts';
import type { Told } from './told.ts';
import type {
  Dialog,
  HookReport,
  ProgressSource,
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
  /** The dialog that was last answered from here, and when; earlier snapshots have none. */
  answered?: { dialog: string; at: number };
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
  /** Keys that answer the dialog with this id were pressed. */
  | { type: 'dialog.answered'; dialog: string; at: number }
  | { type: 'agent.exited'; status: number | null; at: number }
  | { type: 'agent.started'; facts: SessionFacts; at: number }
  | { type: 'connection.opened'; by: 'attached' | 'shared'; at: number }
  | { type: 'connection.closed'; detail: string; at: number };

export type Classified = Extract<SessionEvent, { type: 'screen.classified' }>;

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
