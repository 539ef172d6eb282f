/** Everything on the screen at one moment: laid out from the state, the width and the height. */

import { composerLines, cursorColumn, effortLine, footerLine } from './frame-composer.ts';
import { dialogLines } from './frame-dialog.ts';
import { spinnerLines } from './frame-spinner.ts';
import { headerLines, transcriptLines } from './frame-transcript.ts';
import type { Line } from './line.ts';
import { cut, span, textOf, widthOf } from './line.ts';
import type { AgentState, Dialog } from './state.ts';

export interface Frame {
  screen: 'main' | 'alternate';
  /** Exactly `height` rows on the alternate screen, as many as it takes on the main one. */
  lines: Line[];
  /** Where the invisible cursor stands, from 0. */
  cursor: { row: number; column: number };
  /** The pane's title, or null while none was set. */
  title: string | null;
}

/** `number` is the frame's own, shown where the script asks for a stamp. */
export const drawFrame = (
  state: AgentState,
  width: number,
  height: number,
  number: number,
): Frame => {
  const { phase, script } = state;
  if (phase.at === 'before') {
    const lines = dialogLines(phase.dialog, state, width, height).map((line) => cut(line, width));
    return { screen: 'main', lines, cursor: { row: 0, column: 0 }, title: null };
  }
  const above = [
    ...headerLines(state, script.frames.stamp ? number : null),
    ...transcriptLines(state, width),
  ];
  const screen = script.screen === 'inline' ? 'main' : 'alternate';
  const layOut = screen === 'main' ? onMainScreen : onAlternateScreen;
  const lines = layOut(state, above, width, height).map((line) => cut(line, width));
  const atDialog = phase.at === 'dialog';
  const row = atDialog ? lines.length - 1 : lines.length - 3;
  const column = atDialog ? 0 : cursorColumn(state, width);
  return { screen, lines, cursor: { row, column }, title: titleOf(state) };
};

/** The transcript grows from the top; spinner and composer stand at the bottom. */
const onAlternateScreen = (
  state: AgentState,
  above: Line[],
  width: number,
  height: number,
): Line[] => {
  if (state.phase.at === 'dialog') {
    const dialog = dialogLines(state.phase.dialog, state, width, height);
    const all = [...above, ...gapAbove(state.phase.dialog), ...dialog];
    if (dialog.length >= height) return dialog;
    if (all.length > height) return [[], ...all.slice(1 - height)];
    return [...all, ...blank(height - all.length)];
  }
  const below = [
    ...spinnerLines(state, width),
    effortLine(state, width),
    ...composerLines(state, width, Math.max(1, Math.floor(height / 2))),
    footerLine(state),
  ].slice(-height);
  const room = height - below.length;
  if (above.length <= room) return [...above, ...blank(room - above.length), ...below];
  if (room < 2) return [...blank(room), ...below];
  // While it works, what scrolled away leaves an empty row at the top, as it does above a dialog.
  const working = state.phase.at === 'turn';
  return [...(working ? [[]] : []), ...above.slice(working ? 1 - room : -room), ...below];
};

/** Everything follows everything, and the terminal scrolls. */
const onMainScreen = (state: AgentState, above: Line[], width: number): Line[] => {
  if (state.phase.at === 'dialog') {
    const { dialog } = state.phase;
    const lines = dialogLines(dialog, state, width, Number.POSITIVE_INFINITY);
    return [...above, ...gapAbove(dialog), ...lines, []];
  }
  return [
    ...above,
    ...spinnerLines(state, width),
    [],
    ...composerLines(state, width, Number.POSITIVE_INFINITY),
    beside(footerLine(state), effortLine(state, width)),
  ];
};

/** Two lines in one: what the second begins with blanks for is taken by the first. */
const beside = (left: Line, right: Line): Line => {
  const [blanks, ...rest] = right;
  if (blanks === undefined) return left;
  const room = widthOf(blanks.text) - widthOf(textOf(left));
  return room < 0 ? left : [...left, span(' '.repeat(room)), ...rest];
};

/** Questions follow the transcript without a gap; the page on which they are reviewed does not. */
const gapAbove = ({ form }: Dialog): Line[] =>
  form.kind === 'question' && form.at < form.questions.length ? [] : [[]];

const blank = (count: number): Line[] => Array.from({ length: Math.max(0, count) }, () => []);

/** Alternating while it works, a star while it waits, empty once it has left. */
const titleOf = ({ phase, now }: AgentState): string => {
  if (phase.at === 'exited') return '';
  if (phase.at !== 'turn') return '✳ Claude Code';
  const half = Math.floor((now - phase.turn.startedAt) / 960) % 2;
  return half === 0 ? '◐ Claude Code' : '◑ Claude Code';
};
