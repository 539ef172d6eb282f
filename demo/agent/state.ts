/** Everything that is true of a simulated agent at one moment. */

import type { Activity, Attention } from '../../machines/vocabulary.ts';
import type { AgentTodo, Mode, Ms, Question, Script, Step } from './script.ts';

export interface AgentState {
  script: Script;
  folder: string;
  /** Timed steps wait for a `next` instead. */
  stepped: boolean;
  /** The state of the chance values. */
  seed: number;
  startedAt: number;
  now: number;
  phase: Phase;
  /** The script's turn that comes next. */
  next: number;
  entries: Entry[];
  todos: AgentTodo[];
  composer: Composer;
  /** Submitted while a turn was running, oldest first. */
  queued: string[];
  /** What the empty composer says; an error changes it. */
  placeholder: string;
  mode: Mode;
  truth: Truth;
  /** What happened and was not yet written to the journal. */
  notes: Note[];
}

export type Phase =
  | { at: 'before'; dialog: Dialog }
  | {
      at: 'prompt';
      /** When the simulated person submits the next turn's prompt; null where a real one has to. */
      submitAt: number | null;
      /** Ctrl-C was pressed once. */
      leaving: boolean;
    }
  | { at: 'turn'; turn: RunningTurn }
  | { at: 'dialog'; turn: RunningTurn; dialog: Dialog }
  | { at: 'exited'; code: number };

export interface RunningTurn {
  prompt: string;
  steps: Step[];
  repeat: number;
  index: number;
  /** Moved on by the time that dialogs stood open, as the shown seconds are. */
  startedAt: number;
  stepSince: number;
  /** When the running step ends by itself; null where something else ends it. */
  stepUntil: number | null;
  /** Tokens of the steps that are over. */
  tokens: number;
  /** The last thinking that ended. */
  thought: { ms: number; endedAt: number } | null;
  /** A tool or a text has been shown. */
  visible: boolean;
  verb: string;
}

/** Something in the transcript, top to bottom. */
export type Entry =
  | { kind: 'prompt'; text: string }
  | { kind: 'say'; text: string; stream: Stream | null }
  | { kind: 'group'; group: ToolGroup }
  | { kind: 'command'; command: string; output: string[] }
  | { kind: 'refused'; detail: string }
  | { kind: 'edit'; file: string; diff: string[]; line: number; done: boolean }
  | { kind: 'write'; file: string; lines: string[]; done: boolean }
  | { kind: 'answers'; declined: boolean; lines: string[] }
  | { kind: 'note'; text: string; alarming: boolean }
  | { kind: 'error'; text: string }
  | { kind: 'done'; verb: string; ms: number; at: number };

/** Text that is coming in: from then, for so long. */
interface Stream {
  since: number;
  ms: number | null;
}

/** Tool calls that stand in one line: the last one while it runs, then how many there were. */
export interface ToolGroup {
  thoughtMs: number;
  searched: number;
  read: number;
  ran: number;
  fetched: number;
  failed: number;
  /** The call shown while the group is the last thing in a running turn. */
  current: Call | null;
}

export interface Call {
  tool: 'read' | 'search' | 'bash' | 'fetch';
  /** What the screen calls it, where that does not follow from the targets. */
  label: string | null;
  /** Files, a pattern, a command or an address. */
  targets: string[];
  since: number;
  running: boolean;
}

export interface Composer {
  draft: string;
  /** What the placeholders of long pastes stand for. */
  pastes: { token: string; text: string }[];
  pasted: number;
  /** When the last text came in, for agents that swallow a fast Enter. */
  textAt: number;
  /** The draft ends with the placeholder of a paste that just came in. */
  hint: boolean;
}

export interface Dialog {
  attention: Exclude<Attention, 'none'>;
  form: DialogForm;
  choices: Choice[];
  cursor: number;
  openedAt: number;
  /** The choice a simulated person makes, and when. */
  answer: { at: number; choice: number } | null;
}

export interface Choice {
  label: string;
  /** The number that chooses it at once, or null. */
  key: string | null;
  description?: string | undefined;
  /** Whether it is ticked, where several may be. */
  checked?: boolean;
}

export type DialogForm =
  | { kind: 'edit'; file: string; diff: string[]; line: number }
  | { kind: 'write'; file: string; lines: string[] }
  | { kind: 'bash'; command: string; description: string }
  | { kind: 'fetch'; url: string }
  | { kind: 'plan'; text: string }
  | QuestionForm
  | { kind: 'trust' }
  | { kind: 'api-key' };

export interface QuestionForm {
  kind: 'question';
  questions: Question[];
  /** The question that is showing; as many as there are: the page on which all are reviewed. */
  at: number;
  answers: (string | null)[];
  /** Where several may be chosen: which, by their places. */
  ticked: number[][];
  /** What was typed in place of a choice. */
  own: string[];
}

/** What a key did: the dialog goes on, a choice was made (counted from 1), or it was cancelled. */
export type Outcome =
  | { kind: 'open'; dialog: Dialog }
  | { kind: 'chosen'; choice: number; dialog: Dialog }
  | { kind: 'cancelled' };

/** What a monitor ought to say. */
export interface Truth {
  activity: Activity;
  attention: Attention;
}

/** One true event, for the journal, with what is true from then on. */
export interface Note {
  event: string;
  truth: Activity;
  attention: Attention;
  [detail: string]: unknown;
}

export type AgentEvent =
  | { type: 'time'; now: number }
  | { type: 'key'; now: number; key: string }
  | { type: 'text'; now: number; text: string }
  | { type: 'paste'; now: number; text: string }
  /** A person or a test lets the script go on. */
  | { type: 'next'; now: number }
  | { type: 'exit'; now: number; code: number };

export const startAgent = (
  script: Script,
  options: { folder: string; now: number; seed: number; stepped?: boolean },
): AgentState => ({
  script,
  folder: script.folder ?? options.folder,
  stepped: options.stepped ?? false,
  seed: script.seed ?? options.seed,
  startedAt: options.now,
  now: options.now,
  phase: { at: 'prompt', submitAt: null, leaving: false },
  next: 0,
  entries: [],
  todos: [],
  composer: { draft: '', pastes: [], pasted: 0, textAt: Number.NEGATIVE_INFINITY, hint: false },
  queued: [],
  placeholder: script.placeholder,
  mode: script.mode,
  truth: { activity: 'complete', attention: 'none' },
  notes: [],
});

/** Some hints go when the agent has run for so long. */
export const FRESH_MS = 10_000;

/** A chance value in [0, 1) and the state after drawing it: the same seed, the same values. */
export const chance = (state: AgentState): [number, AgentState] => {
  const seed = (Math.imul(state.seed, 1664525) + 1013904223) >>> 0;
  return [seed / 2 ** 32, { ...state, seed }];
};

/** A number of milliseconds as a script gives it, drawn where it is a range. */
export const drawMs = (state: AgentState, ms: Ms): [number, AgentState] => {
  if (typeof ms === 'number') return [ms, state];
  const [value, drawn] = chance(state);
  return [Math.round(ms[0] + value * (ms[1] - ms[0])), drawn];
};

/** Says what is true from now on, and what happened. */
export const note = (
  state: AgentState,
  event: string,
  truth: Partial<Truth> = {},
  details: Record<string, unknown> = {},
): AgentState => {
  const now = { ...state.truth, ...truth };
  const entry: Note = { event, truth: now.activity, attention: now.attention, ...details };
  return { ...state, truth: now, notes: [...state.notes, entry] };
};

/** The transcript keeps only its last entries. */
export const append = (state: AgentState, ...entries: Entry[]): AgentState => ({
  ...state,
  entries: [...state.entries, ...entries].slice(-state.script.keep),
});

export const replaceLast = (state: AgentState, entry: Entry): AgentState => ({
  ...state,
  entries: [...state.entries.slice(0, -1), entry],
});
