/** The line that says it is working, and the task list below it. */

import { duration } from './frame-transcript.ts';
import type { Line } from './line.ts';
import { cut, span } from './line.ts';
import { GREEN, GREY, ORANGE, RED } from './palette.ts';
import type { AgentTodo, Step, StepOf } from './script.ts';
import type { AgentState, RunningTurn } from './state.ts';
import { tokensOf } from './turn.ts';

/** An empty row, the spinner with its tasks, and messages that wait; nothing at the prompt. */
export const spinnerLines = (state: AgentState, width: number): Line[] => {
  if (state.phase.at !== 'turn') return [];
  const { turn } = state.phase;
  const queued = state.queued.flatMap((text) => [
    [],
    [span(`❯ ${text.replaceAll('\n', ' ')}`, GREY)],
    [span('  ⎿  Queued · ctrl+x ctrl+s to send now', GREY)],
  ]);
  if (isStreaming(state)) return queued;
  return [[], cut(spinnerLine(state, turn), width), ...todoRows(state.todos), ...queued];
};

/** A task as the lists show it. */
export const todoLine = ({ text, status }: AgentTodo): Line => {
  if (status === 'done') return [span('✔ ', GREEN), span(text, { ...GREY, strike: true })];
  if (status === 'in-progress') return [span('◼ ', ORANGE), span(text, { bold: true })];
  return [span(`◻ ${text}`)];
};

const todoRows = (todos: AgentTodo[]): Line[] =>
  todos.map((todo, i) => [span(i === 0 ? '  ⎿ \u00a0' : '     ', GREY), ...todoLine(todo)]);

/** While an answer comes in there is no spinner, only the title and the footer. */
const isStreaming = ({ entries }: AgentState): boolean => {
  const last = entries.at(-1);
  return last?.kind === 'say' && last.stream !== null;
};

const spinnerLine = (state: AgentState, turn: RunningTurn): Line => {
  const step = turn.steps[turn.index];
  const inStep = state.now - turn.stepSince;
  if (step?.step === 'retry') return retryLine(step, inStep);
  if (step?.step === 'hang' && inStep >= step.noticeAfterMs) return silenceLine(inStep);
  const elapsed = state.now - turn.startedAt;
  const glyph = GLYPHS[Math.floor(elapsed / 120) % GLYPHS.length] ?? '✻';
  const task = state.todos.find(({ status }) => status === 'in-progress');
  const verb = task === undefined ? turn.verb : (task.active ?? task.text);
  const tail = elapsed < 3000 && !turn.visible ? '' : `(${figures(state, turn, step, inStep)})`;
  return [span(`${glyph} ${verb}… `, ORANGE), span(tail, GREY)];
};

/** `8s · ↓ 292 tokens · thinking`. */
const figures = (
  state: AgentState,
  turn: RunningTurn,
  step: Step | undefined,
  inStep: number,
): string => {
  const tokens = turn.tokens + (step === undefined ? 0 : tokensOf(step, inStep));
  return [
    duration(state.now - turn.startedAt),
    ...(tokens > 0 ? [`↓ ${tokens} tokens`] : []),
    ...thinkingWords(turn, step, inStep, state.now),
  ].join(' · ');
};

const thinkingWords = (
  turn: RunningTurn,
  step: Step | undefined,
  inStep: number,
  now: number,
): string[] => {
  if (step?.step === 'think' || step?.step === 'hang') {
    const words = ['thinking', 'still thinking', 'thinking more', 'thinking some more'];
    return [words[Math.min(3, Math.floor(inStep / 12_000))] ?? 'thinking'];
  }
  const { thought } = turn;
  if (thought === null || now - thought.endedAt > 2000) return [];
  return [`thought for ${duration(Math.max(1000, thought.ms))}`];
};

const retryLine = (step: StepOf<'retry'>, inStep: number): Line => {
  const each = step.seconds * 1000;
  const attempt = Math.min(step.attempts, 1 + Math.floor(inStep / each));
  const left = Math.max(1, Math.ceil((attempt * each - inStep) / 1000));
  const rest = ` · retrying in ${duration(left * 1000)} · attempt ${attempt}/${step.of}`;
  return [span(`✻ ${step.message}`, RED), span(rest, GREY)];
};

/** What it says when nothing has come from the model for a while. */
const silenceLine = (inStep: number): Line => {
  const left = duration(Math.max(1000, RETRY_AFTER_MS - inStep));
  return [span(`✻ Waiting for API response · will retry in ${left} · check your network`, GREY)];
};

const GLYPHS = ['·', '✢', '*', '✶', '✻', '✽', '✻', '✶', '*', '✢'];
const RETRY_AFTER_MS = 300_000;
