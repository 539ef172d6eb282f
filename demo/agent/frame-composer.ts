/** The box to type into, and the lines above and below it. */

import type { Line, Span } from './line.ts';
import { span, textOf, widthOf, wrap } from './line.ts';
import { GREY, RULE, VIOLET } from './palette.ts';
import type { AgentState } from './state.ts';
import { FRESH_MS } from './state.ts';

/** Two rules with the draft or the placeholder between them, at most `limit` rows of it. */
export const composerLines = (state: AgentState, width: number, limit: number): Line[] => {
  const rule = [span('─'.repeat(width), RULE)];
  return [rule, ...inputRows(state, width).slice(-limit), rule];
};

/** The column of the cursor in the last row of the draft. */
export const cursorColumn = (state: AgentState, width: number): number => {
  const last = inputRows(state, width).at(-1) ?? [];
  return state.composer.draft === '' ? 2 : Math.min(width - 1, widthOf(textOf(last)) - 1);
};

/** The effort's hint, which goes after the first seconds. */
export const effortLine = (state: AgentState, width: number): Line =>
  isFresh(state)
    ? [span(' '.repeat(Math.max(0, width - 2 - EFFORT.length))), span(EFFORT, GREY)]
    : [];

/** The mode, and what the keys do now. */
export const footerLine = (state: AgentState): Line => {
  const { composer, phase, mode, todos } = state;
  if (composer.hint) return [span('  paste again to expand', GREY)];
  if (phase.at === 'prompt' && phase.leaving) return [span('  Press Ctrl-C again to exit', GREY)];
  const busy = phase.at === 'turn';
  const manual = mode === 'manual';
  const empty = composer.draft === '';
  const hints = [
    ...(busy && empty ? ['esc to interrupt'] : []),
    ...(busy && todos.length > 0 && empty ? ['ctrl+t to hide tasks'] : []),
    ...(!busy && empty && manual ? ['? for shortcuts'] : []),
    ...(isFresh(state) && empty ? ['← for agents'] : []),
  ];
  return [...modeSpans(state), span(hints.map((hint) => ` · ${hint}`).join(''), GREY)];
};

const modeSpans = ({ mode }: AgentState): Span[] => {
  if (mode === 'manual') return [span('  ⏸ manual mode on', GREY)];
  const name = mode === 'auto' ? 'auto mode' : 'accept edits';
  return [span(`  ⏵⏵ ${name} on`, VIOLET), span(' (shift+tab to cycle)', GREY)];
};

const inputRows = (state: AgentState, width: number): Line[] => {
  const { composer, placeholder, phase } = state;
  const prompt = span(`❯${NBSP}`, phase.at === 'turn' ? GREY : {});
  if (composer.draft === '') {
    const [first, ...rest] = placeholder === '' ? [' '] : [...placeholder];
    return [[prompt, span(first ?? ' ', CURSOR), span(rest.join(''), { dim: true })]];
  }
  const rows = composer.draft
    .split('\n')
    .flatMap((line) => wrap([span(line)], Math.max(1, width - 3)));
  return rows.map((row, i) => [
    i === 0 ? prompt : span('  '),
    ...row,
    ...(i === rows.length - 1 ? [span(' ', CURSOR)] : []),
  ]);
};

const isFresh = ({ now, startedAt }: AgentState): boolean => now - startedAt < FRESH_MS;

const EFFORT = '◐ medium · /effort';
const CURSOR = { inverse: true };
const NBSP = '\u00a0';
