/** What one delivery remembers, and how it can end. */

import type { AgentKind, Command, CommandAct, CommandEvidence, Verdict } from './vocabulary.ts';

/** The part of a command that says what is to be typed. */
export type Order = Pick<Command, 'command' | 'when'> & { act: CommandAct };

/** One look taken for typing: with colours, so that a draft is told from a placeholder. */
export interface Reading {
  verdict: Verdict;
  /** The screen as it is drawn, without its colours; rows that the terminal has wrapped are one. */
  text: string;
  /** The pane's width in columns. */
  width: number;
  /** What is on the screen of this kind of agent while a dialog is open, each a part of one row. */
  dialogMarks: readonly string[];
  /** What interrupts a turn of this kind of agent, as tmux names keys. */
  interruptKeys: readonly string[];
}

export interface CommandInput {
  order: Order;
  kind: AgentKind;
  /** The look that let it begin. */
  first: Reading;
  at: number;
}

export interface Outcome {
  status: 'sent' | 'failed' | 'unknown';
  evidence: CommandEvidence;
  error: string | null;
  attempts: number;
}

/** How far what is typed has come. */
export type Progress =
  | { at: 'untouched' }
  /** Something has gone to the pane. */
  | { at: 'typed' }
  /** The text was seen in the composer, which then held `standing`, told without its blanks. */
  | { at: 'standing'; standing: string }
  /** A program without a composer has shown the text. */
  | { at: 'echoed' };

export interface CommandContext {
  order: Order;
  kind: AgentKind;
  first: Reading;
  /** The look that the next keys are chosen by. */
  last: Reading;
  /** When it began, or an answer's last tick or text was seen. */
  begunAt: number;
  /** When the current phase began to be waited for. */
  since: number;
  progress: Progress;
  /** How often Enter, or the key that answers, was pressed. */
  attempts: number;
  /** How often the cursor was moved since something else came of it. */
  moves: number;
  /** The option into which the text of an answer was typed; null before that. */
  field: string | null;
  outcome: Outcome | null;
}

/** `at` in milliseconds on a clock that nobody sets. */
export type CommandEvent =
  | { type: 'screen.looked'; sight: Reading; at: number }
  /** The agent's own hook says that it was given the text. */
  | { type: 'prompt.submitted'; at: number }
  /** Time went on, and there was nothing to see. */
  | { type: 'clock.ticked'; at: number }
  | { type: 'keys.typed'; at: number }
  /** Nothing was typed: the screen was not as it had to be. */
  | { type: 'keys.blocked'; at: number }
  /** tmux did not say whether it typed. */
  | { type: 'keys.unknown'; at: number }
  /** That pane life is over; if keys were to be typed, they were not. */
  | { type: 'pane.gone'; at: number };

export const newDelivery = ({ order, kind, first, at }: CommandInput): CommandContext => ({
  order,
  kind,
  first,
  last: first,
  begunAt: at,
  since: at,
  progress: { at: 'untouched' },
  attempts: 0,
  moves: 0,
  field: null,
  outcome: null,
});

/** Keys have gone to the pane; what was known of the text before is still known. */
export const touched = ({ progress }: CommandContext): Progress =>
  progress.at === 'untouched' ? { at: 'typed' } : progress;

type Ending = Pick<CommandContext, 'attempts'>;

export const sent = ({ attempts }: Ending, evidence: CommandEvidence): Outcome => ({
  status: 'sent',
  evidence,
  error: null,
  attempts,
});

export const failed = (
  { attempts }: Ending,
  evidence: CommandEvidence,
  error: string,
): Outcome => ({ status: 'failed', evidence, error, attempts });

export const unknown = (
  { attempts }: Ending,
  evidence: CommandEvidence,
  error: string,
): Outcome => ({ status: 'unknown', evidence, error, attempts });

/** What was asked for was not done; the cursor of a dialog may have been moved. */
export const refusedFor = (context: CommandContext, error: string): Outcome =>
  failed(context, context.progress.at === 'untouched' ? 'not-typed' : 'none', error);

/** Without an Enter an agent has not taken the text; a shell may have taken its lines. */
export const endedByGone = (context: CommandContext): Outcome => {
  const { progress, attempts, kind } = context;
  const isTaken = attempts > 0 || (progress.at !== 'untouched' && kind === 'generic');
  return isTaken ? unknown(context, 'none', 'target_gone') : refusedFor(context, 'target_gone');
};
