/** The shared nouns: what an agent is, what one look at it concludes, and what is told to the world. */

export const AGENT_KINDS = [
  'claude-code',
  'codex',
  'gemini-cli',
  'opencode',
  'copilot',
  'qwen-code',
  'generic',
] as const;
export type BuiltInKind = (typeof AGENT_KINDS)[number];
/**
 * The make of the program in a pane: a built-in one, or one that the user has described. `generic`
 * is a plain shell or anything unknown.
 */
export type AgentKind = BuiltInKind | (string & {});

export const STATES = ['reading', 'working', 'stuck', 'error', 'complete'] as const;
/** The public state of an agent; what each means stands in `docs/states.md`. */
export type State = (typeof STATES)[number];

export const ATTENTIONS = [
  'none',
  'approval',
  'question',
  'trust',
  'login',
  'limit',
  'other-dialog',
] as const;
/** What the agent shows that a person must answer; beside the state, never mixed into it. */
export type Attention = (typeof ATTENTIONS)[number];

/** How the pane is watched: through its own client, the shared one, or not at the moment. */
type ConnectionState = 'connecting' | 'attached' | 'shared' | 'reconnecting' | 'gone';

/**
 * What one look at a screen concludes. `idle` is a prompt whose last turn is not known to have
 * finished; `unknown` is a screen that tells nothing and changes nothing.
 */
export type Activity = 'reading' | 'working' | 'complete' | 'idle' | 'error' | 'unknown';

export type ProgressSource = 'todos' | 'spec' | 'none';

/** Counted over the agent's life. `contemplationTime` is in seconds. */
export interface Indicators {
  filesRead: number;
  filesWritten: number;
  filesEdited: number;
  bashCommands: number;
  toolCalls: number;
  contemplationTime: number;
  errors: number;
}

export const NO_INDICATORS: Indicators = {
  filesRead: 0,
  filesWritten: 0,
  filesEdited: 0,
  bashCommands: 0,
  toolCalls: 0,
  contemplationTime: 0,
  errors: 0,
};

export interface DialogOption {
  /** Stable within one dialog; what an answer names. */
  id: string;
  label: string;
  /** What stands below or beside the label; not given where nothing does. */
  description?: string;
  /** The key that chooses it at once, or null where the cursor must be moved to it. */
  key: string | null;
  preselected: boolean;
  /** Whether it is ticked; given where several can be, until another option submits them. */
  ticked?: boolean;
  /** It is answered with a text of one's own. */
  takesText?: boolean;
  /** Only its terminal can answer it: how this agent takes such an answer is not known. */
  inTerminal?: boolean;
}

/** What a look saw of a dialog. `id` is its fingerprint: the same text and options, the same id. */
export interface SeenDialog {
  id: string;
  attention: Exclude<Attention, 'none'>;
  question: string;
  options: DialogOption[];
}

/**
 * A dialog that is showing, with the time (ms since the epoch) at which it was first seen. `id` is its
 * own: the same question asked again is another dialog, so that no answer to one is an answer to both.
 */
export interface Dialog extends SeenDialog {
  since: number;
  /** The name of the rule that found it, and the line that it saw; not told by earlier versions. */
  rule?: string;
  evidence?: string;
}

export const dialogIdOf = (fingerprint: string, since: number): string =>
  `${fingerprint}@${since.toString(36)}`;

/** What a look sees of the dialog with this id. Ids that earlier versions gave are fingerprints. */
export const fingerprintOf = (dialogId: string): string => dialogId.replace(/@[^@]*$/, '');

export interface Todo {
  text: string;
  status: 'open' | 'in-progress' | 'done';
}

/** What stands in the agent's input box. `absent` when a dialog or nothing readable takes its place. */
export interface Composer {
  content: 'absent' | 'empty' | 'placeholder' | 'draft' | 'paste';
  /** The draft or the paste placeholder as shown; empty otherwise. */
  text: string;
}

/**
 * A tool call, or a collapsed group of them, as it stands on a screen from top to bottom.
 * Looks repeat what is still visible; `machines/counting.ts` counts each call once.
 */
export interface ToolSighting {
  tool: 'read' | 'write' | 'edit' | 'bash' | 'search' | 'think' | 'other';
  /** The screen's line it stands on: the calls of one collapsed group share it. */
  line: number;
  /** File, command or pattern as shown. In a group: what it is at, empty once it is closed. */
  target: string;
  /** How many calls this stands for; seconds where `tool` is `think`. */
  count: number;
  /** Part of a collapsed group, whose numbers grow until it is closed. */
  collapsed: boolean;
  failed: boolean;
}

/** How many calls of each tool an agent has made. A failed one that did nothing is `other`. */
export type ToolCounts = Partial<Record<Exclude<ToolSighting['tool'], 'think'>, number>>;

/**
 * What an agent itself says through one of its hooks, whatever its make. `evidence` names the hook
 * and what it told, in one short line.
 */
export type HookReport = { evidence: string } & (
  | { tells: 'turn-started' }
  /** `inside`: by a subagent, which may go on when the turn itself is over. */
  | { tells: 'tool-started'; inside: boolean }
  | {
      tells: 'tool-ended';
      inside: boolean;
      /** The same for every telling of one call; null where the agent gives none. */
      id: string | null;
      tool: keyof ToolCounts;
      /** It did more than look. */
      changes: boolean;
    }
  /** A dialog has waited for a person for a while. */
  | { tells: 'dialog-waiting'; message: string }
  /** `background`: how many subagents go on though the agent has said its last word. */
  | { tells: 'turn-ended'; background: number }
  | { tells: 'turn-failed' }
  | { tells: 'session-ended' }
);

/** What one look at one screen concluded, and why. */
export interface Verdict {
  activity: Activity;
  attention: Attention;
  /**
   * Why, in a word that is the same for every kind: `thinking`, `streaming`, `tool`, `retrying`,
   * `background`, `approval`, `done` (a turn ended by itself), `ready` (a prompt that never had a
   * task), `interrupted`, `api-error`, …
   */
  reason: string;
  /** The name of the rule that decided, such as `claude-code.spinner`. */
  rule: string;
  /** The line that the rule saw, stripped and cut to 200 characters. */
  evidence: string;
  /** A tool is visibly running, so silence is judged with more patience. */
  toolRunning: boolean;
  dialog: SeenDialog | null;
  /** The rows that the dialog takes up, as they stand on the screen; empty without one. */
  dialogRows: string[];
  /** It begins on the pane's first row, so that it may have begun above it. */
  dialogIsCut: boolean;
  composer: Composer;
  todos: Todo[];
  /** 0–100 from the agent's own task list, or null where the screen shows none. */
  progress: number | null;
  sightings: ToolSighting[];
  /** A hash of the screen without its volatile parts: two looks with the same hash show no progress. */
  fingerprint: string;
}

/** Which tmux server life a pane belongs to: ids are unique only within it. */
export interface ServerIdentity {
  pid: number;
  /** Seconds since the epoch, as `#{start_time}`. */
  startTime: number;
}

/** One pane as `list-panes -a` tells it. Ids keep their sigil: `$1`, `@1`, `%1`. */
export interface Pane {
  sessionId: string;
  session: string;
  windowId: string;
  paneId: string;
  pid: number;
  /** The pane's foreground program as tmux names it. */
  command: string;
  title: string;
  cwd: string;
  width: number;
  height: number;
  /** The active pane of the session's current window. */
  active: boolean;
  dead: boolean;
  /** Exit status of a dead pane, else null. */
  deadStatus: number | null;
  /** `destroy-unattached` is on: attaching and leaving would destroy the session. */
  fragile: boolean;
}

export interface OtherPane {
  pane: string;
  kind: AgentKind;
}

/** What discovery knows of one watched session. */
export interface SessionFacts {
  session: string;
  sessionId: string;
  pane: string;
  panePid: number;
  kind: AgentKind;
  /** The agent's process, or null where only the pane's own is known. */
  agentPid: number | null;
  cwd: string;
  title: string;
  otherPanes: OtherPane[];
  fragile: boolean;
}

export const COMMAND_STATUSES = [
  'queued',
  'sending',
  'sent',
  'failed',
  'unknown',
  'expired',
  'cancelled',
] as const;
/**
 * `sending` is on disk before the first byte is typed. `failed` was surely not submitted; `unknown`
 * may have been. All from `sent` on are final.
 */
export type CommandStatus = (typeof COMMAND_STATUSES)[number];

export type FinalStatus = Exclude<CommandStatus, 'queued' | 'sending'>;

export const isFinal = (status: CommandStatus): status is FinalStatus =>
  status !== 'queued' && status !== 'sending';

export const WHENS = ['safe', 'idle', 'now', 'force'] as const;
/**
 * `safe` waits while a dialog is open or a draft stands in the composer; `idle` waits for
 * `complete`; `now` does not wait for drafts and passes waiting `safe` ones; `force` ignores dialogs
 * and drafts.
 */
export type When = (typeof WHENS)[number];

export const COMMAND_EVIDENCES = [
  'none',
  'composer-emptied',
  'turn-started',
  'hook',
  'echo',
  'pasted',
  'dialog-closed',
  'dialog-race',
  'turn-ended',
  'forced',
  'left-in-composer',
  'not-typed',
] as const;
/** What proves how a command ended. */
export type CommandEvidence = (typeof COMMAND_EVIDENCES)[number];

/** One thing that someone wants typed, as the API shows it. Times in ms since the epoch. */
/** Why a command that is queued is not typed yet, as far as is known. */
export const HOLDS = [
  'typing-off',
  'not-watched',
  'not-judged',
  'pane-unreadable',
  'dialog-open',
  'busy',
  'draft-in-composer',
  'composer-not-seen',
  'another-first',
] as const;
export type Hold = (typeof HOLDS)[number];

export interface Command {
  id: string;
  session: string;
  /** The text; for an answer the option's label, for an interrupt empty. */
  command: string;
  source: string;
  when: When;
  status: CommandStatus;
  evidence: CommandEvidence;
  /** How often Enter (or the answer's key) was pressed. */
  attempts: number;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  expiresAt: number;
  /** Why it ended as it did, such as `target_gone` or `not_submitted`; null where it was sent. */
  error: string | null;
  retryOf: string | null;
  /** What a person found out about an `unknown` one. */
  resolution: string | null;
}

/** What one command is to do in its pane. */
export type CommandAct =
  | { action: 'text'; submit: boolean; raw: boolean }
  /**
   * Chooses an option of the dialog with this id. Where `ticks` are given, these and no
   * others are ticked before; `text` goes to the one of them, or the choice, that takes a text.
   */
  | { action: 'answer'; dialog: string; choice: string; ticks?: readonly string[]; text?: string }
  | { action: 'interrupt' };

/** One life of one pane: what a command was meant for. */
export interface PaneIdentity {
  server: ServerIdentity;
  sessionId: string;
  paneId: string;
  panePid: number;
}

/** What typing is serialised by: one pane of one server, whichever sessions show it. */
export const laneOf = ({ server, paneId }: Pick<PaneIdentity, 'server' | 'paneId'>): string =>
  `${server.pid}.${server.startTime}.${paneId}`;

/** What the pane's screen must show, and must not show, in the very step that types. */
export interface TypingGuard {
  /** What no row may hold. */
  absent: readonly string[];
  /**
   * Rows that must be there, each as it is drawn from its first column to its end; a blank one is on
   * no screen.
   */
  present: readonly string[];
}

export interface Transition {
  seq: number;
  /** Milliseconds since the epoch. */
  at: number;
  prevState: State | null;
  state: State;
  reason: string;
  evidence: string;
}

/** One agent as the API lists it. */
export interface Agent {
  session: string;
  kind: AgentKind;
  state: State;
  since: number | null;
  reason: string;
  /** The line of the screen, or the hook, that decided. */
  evidence: string;
  attention: Attention;
  progress: number;
  progressSource: ProgressSource;
  indicators: Indicators;
  connection: ConnectionState;
  restarts: number;
  lastActivity: number | null;
  pane: string;
  otherPanes: OtherPane[];
  cwd: string;
  title: string;
  /** Commands waiting to be typed. */
  queued: number;
}

/** What the API adds when one agent is asked for by name. */
export interface AgentDetail extends Agent {
  /** The XState value of its machine. */
  machine: unknown;
  /** The name of the rule that decided, such as `claude-code.spinner`. */
  rule: string;
  dialog: Dialog | null;
  todos: Todo[];
  /**
   * True where `indicators` are what the screen happened to show: calls may have scrolled by unseen.
   * False once the agent's hooks or its transcript told of them.
   */
  indicatorsApproximate: boolean;
  transitions: Transition[];
}

export const EVENT_NAMES = [
  'state_change',
  'progress',
  'agent_stuck',
  'agent_error',
  'agent_complete',
  'agent_waiting',
  'attention_change',
  'command_queued',
  'command_sent',
  'command_failed',
  'command_unknown',
  'command_expired',
  'command_cancelled',
  'command_resolved',
  'session_found',
  'session_gone',
  'session_killed',
  'session_renamed',
  'actor_crashed',
  'actor_restarted',
  'actor_quarantined',
  'monitor_started',
  'monitor_stopped',
] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** Something that happened, before it is committed. `session` is empty for the monitor's own. */
export interface EventDraft {
  event: EventName;
  session: string;
  /** Milliseconds since the epoch. */
  timestamp: number;
  [field: string]: unknown;
}

/** A committed event: one JSON object, the same on every channel. */
export interface MonitorEvent extends EventDraft {
  seq: number;
  /** Names the database: another epoch starts its own count. */
  epoch: string;
  host: string;
}

/** Who did what to an agent. */
export interface Interaction {
  id: number;
  at: number;
  /** Null for what is done to no session, such as letting a browser in. */
  session: string | null;
  /** Who acted, as the request names it: whatever it claims; else the caller. */
  source: string;
  /**
   * Who asked for it, as the connection or the token proves it: `unknown` for a stranger, empty in what
   * earlier versions wrote.
   */
  caller: string;
  action: string;
  detail: string;
  /** The beginning of the text that it is about; empty where it is about none. */
  text: string;
}
