/** What one delivery remembers, and what it reads off the screen. */

import type {
  AgentKind,
  Command,
  CommandAct,
  CommandEvidence,
  DialogOption,
  Verdict,
} from './vocabulary.ts';

/** The part of a command that says what is to be typed. */
export type Order = Pick<Command, 'command' | 'when'> & { act: CommandAct };

/** One look taken for typing. */
export interface Sight {
  verdict: Verdict;
  /** The screen, without its colours. */
  text: string;
  /** What is on the screen of this kind of agent while a dialog is open. */
  dialogMarks: readonly string[];
}

export interface CommandInput {
  order: Order;
  kind: AgentKind;
  /** The look that let it begin. */
  first: Sight;
  at: number;
}

export interface Outcome {
  status: 'sent' | 'failed' | 'unknown';
  evidence: CommandEvidence;
  error: string | null;
  attempts: number;
}

export interface CommandContext {
  order: Order;
  kind: AgentKind;
  first: Sight;
  /** The look that the next keys are chosen by. */
  last: Sight;
  begunAt: number;
  /** When the current phase began to be waited for. */
  since: number;
  /** Something has gone to the pane. */
  typed: boolean;
  /** The composer as it stood with the text in it, without its blanks; null until it was seen. */
  standing: string | null;
  /** How often Enter, or the key that answers, was pressed. */
  attempts: number;
  /** How often the cursor was moved. */
  moves: number;
  outcome: Outcome | null;
}

/** `at` in milliseconds on a clock that nobody sets. */
export type CommandEvent =
  | { type: 'screen.looked'; sight: Sight; at: number }
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
  typed: false,
  standing: null,
  attempts: 0,
  moves: 0,
  outcome: null,
});

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

/** Without an Enter an agent has not taken the text; a shell may have taken its lines. */
export const endedByGone = (context: CommandContext): Outcome => {
  if (!context.typed) return failed(context, 'not-typed', 'target_gone');
  if (context.attempts === 0 && context.kind !== 'generic')
    return failed(context, 'none', 'target_gone');
  return unknown(context, 'none', 'target_gone');
};

export const isRunning = ({ verdict: { activity } }: Sight): boolean =>
  activity === 'reading' || activity === 'working';

export const dialogIsOpen = ({ verdict }: Sight): boolean => verdict.attention !== 'none';

/** What stands in the composer, without its blanks: wrapping and a swallowed Enter add only those. */
export const standing = ({ verdict: { composer } }: Sight): string =>
  composer.content === 'draft' || composer.content === 'paste'
    ? composer.text.replace(/\s+/g, '')
    : '';

/** Something stands in the composer that did not stand there before the paste. */
export const stands = ({ first }: CommandContext, sight: Sight): boolean => {
  const text = standing(sight);
  return text !== '' && text !== standing(first);
};

/** What stood in the composer when Enter was pressed is still in it, whatever was added since. */
export const holdsText = ({ standing: stood }: CommandContext, sight: Sight): boolean =>
  stood !== null && standing(sight).includes(stood);

/** The composer is there, and the text no longer in it. */
export const isEmptied = (context: CommandContext, sight: Sight): boolean =>
  sight.verdict.composer.content !== 'absent' && !holdsText(context, sight);

/** A command of the agent's own, such as `/model`, that opens a menu of its own. */
export const opensMenu = ({ order, first }: CommandContext, { verdict }: Sight): boolean =>
  order.command.startsWith('/') && !isRunning(first) && verdict.attention === 'other-dialog';

/** The end of the text is on the screen, and was not when it was sent. */
export const echoed = ({ order, first }: CommandContext, { text }: Sight): boolean => {
  const end = order.command.trimEnd().split('\n').at(-1)?.replace(/\s+/g, '').slice(-MAX_ECHO);
  if (!end) return text !== first.text;
  return count(text, end) > count(first.text, end) || (text !== first.text && flatEnd(text, end));
};

/** Long lines scroll out of a narrow pane. */
const MAX_ECHO = 60;

const count = (screen: string, text: string): number =>
  screen.replace(/\s+/g, '').split(text).length - 1;

/** It scrolled away as often as it came. */
const flatEnd = (screen: string, end: string): boolean => screen.replace(/\s+/g, '').endsWith(end);

/** Dialog marks that are on the screen though no dialog is open are only quoted there. */
const marksToMiss = ({ dialogMarks, text }: Sight): string[] => {
  const shown = text.replaceAll('\u00a0', ' ');
  return dialogMarks.filter((mark) => !shown.includes(mark));
};

export const pasteGuard = (sight: Sight) => ({ absent: marksToMiss(sight), present: [] });

/** A dialog takes the place of the composer: where the text can be seen, Enter goes to it. */
export const enterGuard = (sight: Sight) => {
  const { text } = sight.verdict.composer;
  const row = text.split('\n').find((line) => line.trim() !== '');
  return { absent: marksToMiss(sight), present: row === undefined ? [] : [row] };
};

const optionOf = ({ order: { act } }: CommandContext, sight: Sight): DialogOption | undefined =>
  act.action === 'answer'
    ? sight.verdict.dialog?.options.find(({ id }) => id === act.choice)
    : undefined;

/** Where the cursor stands in the dialog that is to be answered, or that it is no longer open. */
export const chooses = (context: CommandContext, sight: Sight): 'gone' | 'chosen' | 'other' => {
  const { act } = context.order;
  if (act.action !== 'answer' || sight.verdict.dialog?.id !== act.dialog) return 'gone';
  return optionOf(context, sight)?.preselected ? 'chosen' : 'other';
};

/** How the dialog on the last look is answered, or why it cannot be. */
export const answerStep = (
  context: CommandContext,
): 'stale' | 'no-choice' | 'beyond-reach' | 'key' | 'enter' | 'move' => {
  const { last, moves } = context;
  if (chooses(context, last) === 'gone') return 'stale';
  const option = optionOf(context, last);
  if (!option) return 'no-choice';
  if (isOneKey(option.key)) return 'key';
  if (option.preselected) return 'enter';
  const hasCursor = last.verdict.dialog?.options.some(({ preselected }) => preselected);
  return hasCursor && moves < MAX_MOVES ? 'move' : 'beyond-reach';
};

const MAX_MOVES = 3;

/** The keys that come next: the option's own, Enter where the cursor stands on it, or arrows. */
export const answerKeys = (context: CommandContext): string[] => {
  const { last } = context;
  const option = optionOf(context, last);
  if (!option) return [];
  if (isOneKey(option.key)) return [option.key];
  if (option.preselected) return ['Enter'];
  const options = last.verdict.dialog?.options ?? [];
  const by = options.indexOf(option) - options.findIndex(({ preselected }) => preselected);
  return Array.from({ length: Math.abs(by) }, () => (by > 0 ? 'Down' : 'Up'));
};

/** `10` would be the key `1` and then another. */
const isOneKey = (key: string | null): key is string =>
  key !== null && ([...key].length === 1 || NAMED_KEYS.has(key));

const NAMED_KEYS = new Set(['Enter', 'Escape', 'Tab', 'BTab', 'Space']);
