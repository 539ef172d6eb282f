/** What was true of a recorded run, read off what its driver and its model's server wrote down. */

import type { TimelineEvent } from './recordings.ts';

/** A time in seconds since the run began. */
type Seconds = number;

export interface Span {
  from: Seconds;
  to: Seconds;
}

export interface Ask extends Span {
  what: 'approval' | 'question';
  /** When somebody answered it, or knew it to be showing. */
  knownAt: Seconds;
}

export interface Truth {
  /** Until when the agent ran undisturbed: the driver ends every run by leaving the agent. */
  until: Seconds;
  /** When the driver pressed Enter. */
  entered: Seconds[];
  /** When the agent asked its model for more. */
  requested: Seconds[];
  /** Turns of the agent, its subagents' among them. `ended` where it ended by itself. */
  turns: (Span & { ended: boolean })[];
  /** Dialogs that surely were there. */
  asks: Ask[];
  /** The only times at which a dialog may be showing. */
  mayAsk: Span[];
  /** What the driver knew when it took a screen. */
  checkpoints: { t: Seconds; state: string; file: string | undefined }[];
  /** Tool calls that were carried out, as far as the agent itself made them. */
  calls: { read: number; write: number; command: number };
}

/** @param last when the pane wrote for the last time. */
export const truthOf = (timeline: readonly TimelineEvent[], last: Seconds): Truth => {
  const until = endOf(timeline, last);
  const events = timeline.filter(({ t }) => t <= until);
  const turns = turnsOf(events, until);
  return {
    until,
    entered: events.filter(isEnter).map(({ t }) => t),
    requested: events.filter((event) => isModels(event) && begins(event)).map(({ t }) => t),
    turns,
    asks: asksOf(events, until),
    mayAsk: mayAskOf(events, until),
    checkpoints: events.flatMap(({ t, state, file }) => (state ? [{ t, state, file }] : [])),
    calls: callsOf(events),
  };
};

/** The keys that the driver pressed last made the agent leave. */
const endOf = (timeline: readonly TimelineEvent[], last: Seconds): Seconds => {
  let end = last;
  for (const { t, src, event, keys, text } of timeline.toReversed()) {
    if (src !== 'driver' || event === 'stop') continue;
    const leaves = event === 'key' && /^(C-c|C-d|Enter)$/.test(keys?.join() ?? '');
    const saysExit = event === 'type' && text === '/exit';
    if (!leaves && !saysExit) break;
    if (keys?.join() !== 'Enter') end = Math.min(end, t);
  }
  return end;
};

const isModels = ({ src, idx }: TimelineEvent): boolean => src === 'server' && idx !== 'side';
/** A subagent's turns are numbered after its letter. */
const isSubagents = ({ idx }: TimelineEvent): boolean => /^[a-z]+:/.test(String(idx));
const begins = ({ event }: TimelineEvent): boolean =>
  event === 'model_request' || event === 'compact_request';
const isKey = ({ event }: TimelineEvent): boolean => event === 'key';
const isEnter = ({ event, keys }: TimelineEvent): boolean =>
  event === 'key' && (keys?.includes('Enter') ?? false);
const isEscape = ({ event, keys }: TimelineEvent): boolean =>
  event === 'key' && (keys?.includes('Escape') ?? false);

const turnsOf = (events: readonly TimelineEvent[], until: Seconds): Truth['turns'] => {
  const turns: Truth['turns'] = [];
  const subagents = new Set<string>();
  let hasFailed = false;
  let from: Seconds | null = null;
  const end = (to: Seconds, ended: boolean): void => {
    if (from !== null) turns.push({ from, to, ended });
    from = null;
  };
  for (const event of events) {
    const subagent = String(event.idx).split(':')[0] as string;
    if (isModels(event) && begins(event)) {
      from ??= event.t;
      if (isSubagents(event)) subagents.add(subagent);
    }
    if (isModels(event) && event.event === 'turn_sent' && event.final) {
      if (isSubagents(event)) subagents.delete(subagent);
      else if (subagents.size === 0) end(event.t, true);
    }
    if (event.src === 'server') hasFailed = event.event === 'http_error';
    const isNextPrompt = hasFailed && isEnter(event);
    if (isEscape(event) || isNextPrompt) end(event.t, false);
  }
  end(until, false);
  return turns;
};

/** Between a model's last word and the results it is sent, tools are at work, or wait for a yes. */
const mayAskOf = (events: readonly TimelineEvent[], until: Seconds): Span[] => {
  const firstTyped = events.find(({ event }) => event === 'type')?.t ?? until;
  const spans: Span[] = [{ from: 0, to: firstTyped }];
  for (const [at, event] of events.entries()) {
    const isToolsTurn = isModels(event) && event.event === 'turn_sent' && !event.final;
    if (isToolsTurn) spans.push({ from: event.t, to: timeOf(events, at, nextTurn, until) });
    if (event.state?.startsWith('waiting-'))
      spans.push({ from: lastWord(events, at), to: timeOf(events, at, isKey, until) });
  }
  return spans;
};

const nextTurn = (event: TimelineEvent): boolean =>
  isModels(event) && begins(event) && !isSubagents(event);

const timeOf = (
  events: readonly TimelineEvent[],
  after: number,
  isIt: (event: TimelineEvent) => boolean,
  otherwise: Seconds,
): Seconds => events.slice(after + 1).find(isIt)?.t ?? otherwise;

const lastTurn = (events: readonly TimelineEvent[], before: number): TimelineEvent | undefined =>
  events.slice(0, before).findLast((event) => isModels(event) && !isSubagents(event));

/** What the dialog followed from: the model's last word, or the beginning. */
const lastWord = (events: readonly TimelineEvent[], before: number): Seconds =>
  events.slice(0, before).findLast(isModels)?.t ?? 0;

const QUESTION_TOOLS = /^(AskUserQuestion|request_user_input|question|ask_user|ask_user_question)$/;

const asksOf = (events: readonly TimelineEvent[], until: Seconds): Ask[] => {
  const asks: Ask[] = [];
  for (const [at, event] of events.entries()) {
    const isPending = lastTurn(events, at)?.event === 'turn_sent';
    // The driver's yes is none where the agent has long had the tool's result.
    const isWaiting =
      event.state?.startsWith('waiting-') || (event.event === 'approve' && isPending);
    const isQuestion = event.event === 'tool_use_sent' && QUESTION_TOOLS.test(event.tool ?? '');
    if (!isWaiting && !isQuestion) continue;
    const to = timeOf(events, at, isKey, until);
    const what = isQuestion || event.state === 'waiting-question' ? 'question' : 'approval';
    const from = isQuestion ? event.t : lastWord(events, at);
    const before = asks.at(-1);
    if (before?.to === to) before.knownAt = Math.max(before.knownAt, event.t);
    else asks.push({ from, to, what, knownAt: event.t });
  }
  return asks;
};

const COMMAND_TOOLS = /^(Bash|bash|exec_command|run_shell_command)$/;

/** A call that nobody answered with a result was refused, or is still at work. */
const callsOf = (events: readonly TimelineEvent[]): Truth['calls'] => {
  const calls = { read: 0, write: 0, command: 0 };
  for (const [at, event] of events.entries()) {
    if (event.event !== 'tool_use_sent' || isSubagents(event)) continue;
    const after = events.slice(at + 1);
    const next = after.findIndex(nextTurn);
    if (next < 0 || after.slice(0, next).some(isEscape)) continue;
    if (event.truth === 'tool-read') calls.read += 1;
    else if (event.truth === 'tool-write') calls.write += 1;
    else if (COMMAND_TOOLS.test(event.tool ?? '')) calls.command += 1;
  }
  return calls;
};
