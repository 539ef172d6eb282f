/** The header and the transcript: what was said, asked and done, top to bottom. */

import type { Line } from './line.ts';
import { fill, span, wrap } from './line.ts';
import { GREEN, GREY, ORANGE, RED, WHITE, YELLOW } from './palette.ts';
import type { AgentState, Call, Entry, ToolGroup } from './state.ts';
import { detailOf, textSoFar } from './transcript.ts';

export const headerLines = (state: AgentState, stamp: number | null): Line[] => {
  const number = stamp === null ? '' : `  #${String(stamp).padStart(7, '0')}`;
  const header = [
    [
      span(' ▐▛███▛█   ', ORANGE),
      span('Claude Code ', { bold: true }),
      span(`v2.1.330${number}`, GREY),
    ],
    [span('▝▜██████▀  ', ORANGE), span('Opus 5.5 · API Usage Billing', GREY)],
    [span(' ▝▝   ▝▝   ', ORANGE), span(state.folder, GREY)],
  ];
  return state.script.screen === 'inline' ? [...header, []] : [[], ...header, []];
};

export const transcriptLines = (state: AgentState, width: number): Line[] =>
  state.entries.flatMap((entry) => {
    const attached = entry.kind === 'note';
    const lines = entryLines(entry, state, width);
    return lines.length === 0 ? [] : attached ? lines : [[], ...lines];
  });

/** Lines of a diff or a file with their numbers, as edits and dialogs show them. */
export const numberedLines = (
  lines: { number: number; marker: string; text: string }[],
  digits: number,
  indent: number,
  width: number,
): Line[] =>
  lines.flatMap(({ number, marker, text }) => {
    const gutter = ` ${String(number).padStart(digits)} ${marker}`;
    const style = marker === '-' ? REMOVED : marker === '+' ? ADDED : {};
    const head = [span(' '.repeat(indent)), span(gutter, marker.trim() === '' ? DIM : style)];
    return wrap([...head, span(text, style)], width, indent + gutter.length + 1);
  });

/** The lines of a diff with the numbers they have in the file before and after. */
export const numberDiff = (diff: string[], first: number) => {
  let before = first;
  let after = first;
  return diff.map((line) => {
    const marker = line.slice(0, 1);
    const number = marker === '-' ? before : after;
    if (marker !== '+') before += 1;
    if (marker !== '-') after += 1;
    return { number, marker, text: line.slice(1) };
  });
};

const entryLines = (entry: Entry, state: AgentState, width: number): Line[] => {
  switch (entry.kind) {
    case 'prompt':
      return promptLines(entry.text, width);
    case 'say':
      return bulleted(textSoFar(entry, state.now), width, WHITE, {});
    case 'error':
      return bulleted(entry.text, width, YELLOW, YELLOW);
    case 'group':
      return groupLines(entry.group, state, width);
    case 'command':
      return commandLines(entry, width);
    case 'refused':
      return [[span('  Did not run 1 call', GREY)], [span(`  ⎿  ${entry.detail}`, GREY)]];
    case 'edit':
      return editLines(entry, width);
    case 'write':
      return writeLines(entry, state, width);
    case 'answers':
      return answerLines(entry, width);
    case 'note':
      return [[span(`  ⎿ ${NBSP}`, GREY), span(entry.text, entry.alarming ? RED : GREY)]];
    case 'done': {
      const { verb, ms, at } = entry;
      return [[span(`✻ ${verb} for ${duration(ms)} · done ${clockTime(at)}`, GREY)]];
    }
  }
};

const promptLines = (text: string, width: number): Line[] =>
  text
    .split('\n')
    .flatMap((line) => wrap([span(line, ON_GREY)], width - 3))
    .map((line, i) => fill([span(i === 0 ? '❯ ' : '  ', ON_GREY), ...line], width, ON_GREY));

const bulleted = (text: string, width: number, bullet: object, style: object): Line[] =>
  text
    .split('\n')
    .flatMap((line) => (line === '' ? [[]] : wrap([span(line, style)], width - 4)))
    .map((line, i) => (i === 0 ? [span('● ', bullet), ...line] : indented(line)));

const indented = (line: Line): Line => (line.length === 0 ? [] : [span('  '), ...line]);

/** A group shows its last call until something follows it, then only counts. */
const groupLines = (group: ToolGroup, state: AgentState, width: number): Line[] => {
  if (group.current !== null) return callLines(group.current, state, width);
  const { thoughtMs, searched, read, ran, fetched, failed } = group;
  const parts = [
    ...(thoughtMs > 0 ? [`thought for ${duration(thoughtMs)}`] : []),
    ...(searched > 0 ? [`searched for ${counted(searched, 'pattern')}`] : []),
    ...(read > 0 ? [`read ${counted(read, 'file')}`] : []),
    ...(fetched > 0 ? [`fetched ${counted(fetched, 'page')}`] : []),
    ...(ran > 0 ? [`ran ${counted(ran, 'shell command')}`] : []),
  ].join(', ');
  if (parts === '') return [];
  const expand = state.script.screen === 'inline' ? ' (ctrl+o to expand)' : '';
  const summary = `${parts.charAt(0).toUpperCase()}${parts.slice(1)}`;
  const failures = failed > 0 ? ` · ${failed} failed` : '';
  return [[span(`  ${summary}${failures}${expand}`, GREY)]];
};

/** A call while it runs: the bullet blinks, and after a while it says for how long. */
const callLines = (call: Call, state: AgentState, width: number): Line[] => {
  const waiting = state.phase.at === 'dialog';
  const ms = waiting ? 0 : state.now - call.since;
  const bullet = !waiting && Math.floor(ms / 600) % 2 === 0 ? '● ' : '  ';
  const seconds = Math.floor(ms / 1000);
  const long = call.tool === 'bash' && call.running && seconds >= 3;
  const early = call.tool === 'read' && call.running && ms < 400;
  const detail = `  ⎿  ${detailOf(call)}${long ? ` (${seconds}s)` : ''}`;
  return [
    [span(bullet, GREY), span(callLabel(call, seconds, early))],
    ...(early ? [] : wrap([span(detail, GREY)], width, 5)),
    ...(long ? [[span('     (ctrl+b to run in background)', GREY)]] : []),
  ];
};

const callLabel = (call: Call, seconds: number, early: boolean): string => {
  const time = call.running && seconds >= 2 ? ` · ${seconds}s` : '';
  if (call.label !== null) return `${call.label}${time}`;
  switch (call.tool) {
    case 'bash':
      return `Running 1 shell command${time}…`;
    case 'read':
      return early
        ? `Reading ${counted(call.targets.length, 'file')}…`
        : `Reading ${detailOf(call)}`;
    case 'search':
      return `Searching for ${detailOf(call)}${time}`;
    case 'fetch':
      return `Fetching ${detailOf(call)}${time}`;
  }
};

const commandLines = ({ command, output }: Extract<Entry, { kind: 'command' }>, width: number) => [
  ...wrap([span('● ', GREEN), span('Bash', { bold: true }), span(`(${command})`)], width, 2),
  ...(output.length === 0 ? ['(No output)'] : output.slice(0, SHOWN_LINES)).flatMap((line, i) =>
    wrap([span(i === 0 ? `  ⎿ ${NBSP}` : '     ', GREY), span(line)], width, 5),
  ),
];

const editLines = (entry: Extract<Entry, { kind: 'edit' }>, width: number): Line[] => {
  const { file, diff, line, done } = entry;
  const title = [
    span('● ', done ? GREEN : GREY),
    span('Update', { bold: true }),
    span(`(${file})`),
  ];
  if (!done) return [title];
  const added = diff.filter((row) => row.startsWith('+')).length;
  const removed = diff.filter((row) => row.startsWith('-')).length;
  const counts = [
    ...(added > 0 ? [`added ${counted(added, 'line')}`] : []),
    ...(removed > 0 ? [`removed ${counted(removed, 'line')}`] : []),
  ].join(', ');
  const summary = `${counts.charAt(0).toUpperCase()}${counts.slice(1)}`;
  const rows = numberDiff(diff, line);
  return [
    title,
    [span(`  ⎿ ${NBSP}`, GREY), span(summary)],
    ...numberedLines(rows, digitsOf(rows), 5, width - 4),
  ];
};

const writeLines = (
  { file, lines, done }: Extract<Entry, { kind: 'write' }>,
  state: AgentState,
  width: number,
): Line[] => {
  const title = [span('● ', done ? GREEN : GREY), span('Write', { bold: true }), span(`(${file})`)];
  if (!done) return [title];
  const rows = lines.map((text, i) => ({ number: i + 1, marker: '', text }));
  const more = lines.length - SHOWN_LINES;
  const expand = state.script.screen === 'inline' ? ' (ctrl+o to expand)' : '';
  return [
    title,
    [span(`  ⎿ ${NBSP}`, GREY), span(`Wrote ${counted(lines.length, 'line')} to ${file}`)],
    ...numberedLines(rows.slice(0, SHOWN_LINES), digitsOf(rows), 5, width - 4),
    ...(more > 0 ? [[span(`     … +${counted(more, 'line')}${expand}`, GREY)]] : []),
  ];
};

const answerLines = ({ declined, lines }: Extract<Entry, { kind: 'answers' }>, width: number) => [
  [
    span('● ', GREY),
    span(declined ? "Declined to answer Claude's questions:" : "Answered Claude's questions:"),
  ],
  ...lines.flatMap((line, i) =>
    wrap([span(`${i === 0 ? `  ⎿ ${NBSP}` : '     '}· ${line}`, GREY)], width, 7),
  ),
];

/** `1 file`, `4 files`. */
const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

export const digitsOf = (rows: { number: number }[]): number =>
  String(Math.max(...rows.map(({ number }) => number))).length;

/** `43s`, `5m 5s`. */
export const duration = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
};

/** `4:22 PM` where the agent runs. */
const clockTime = (ms: number): string => {
  const at = new Date(ms);
  const minutes = String(at.getMinutes()).padStart(2, '0');
  return `${at.getHours() % 12 || 12}:${minutes} ${at.getHours() < 12 ? 'AM' : 'PM'}`;
};

/** The real one puts a no-break space after some of its marks. */
const NBSP = '\u00a0';
const SHOWN_LINES = 10;
const ON_GREY = { ...WHITE, bg: 237 };
const DIM = { dim: true };
const REMOVED = { fg: 231, bg: 52 };
const ADDED = { fg: 231, bg: 22 };
