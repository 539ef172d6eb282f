/** Finds the tool calls that stand in a transcript. */

import type { ToolSighting } from '../../machines/vocabulary.ts';
import { MAX_COMMAND, onlyReads } from './commands.ts';
import type { NamedTool, Profile, ResultMark, ToolMarks } from './profile.ts';

export interface SeenTool {
  row: number;
  sighting: ToolSighting;
  /** It has begun to change things, or to run what does more than look. */
  changes: boolean;
  /** Nothing has come of it yet: it may still be refused. */
  pending: boolean;
  /** A group that still grows. */
  open: boolean;
  running: boolean;
}

export const findTools = (transcript: readonly string[], { tools }: Profile): SeenTool[] => {
  if (!tools) return [];
  const seen: SeenTool[] = [];
  for (let row = 0; row < transcript.length; row += 1) {
    if (transcript[row] === '') continue;
    const found =
      findCall(transcript, row, tools) ??
      findResult(transcript, row, tools) ??
      findGroup(transcript, row, tools);
    seen.push(...found);
  }
  return seen;
};

/** Reading or working, by what the calls from `turnStart` on have done. */
export const turnLevel = (seen: readonly SeenTool[], turnStart: number): 'reading' | 'working' =>
  seen.some(({ row, changes, pending }) => row >= turnStart && changes && !pending)
    ? 'working'
    : 'reading';

/** A call with its name and argument, and its result below. */
const findCall = (
  transcript: readonly string[],
  row: number,
  marks: ToolMarks,
): SeenTool[] | null => {
  const line = transcript[row] as string;
  const next = transcript[row + 1] ?? '';
  const mark = marks.calls.find((each) => each.line.test(line) && each.below?.test(next) !== false);
  if (!mark) return null;
  const { text, below } = unwrap(transcript, row, marks);
  const { result, running } = marks;
  if (result?.refused.test(below)) return [];
  const { target = '', count } = mark.line.exec(text)?.groups ?? {};
  const targets = mark.listed ? target.split(', ') : [target];
  return targets.map((each) => {
    const sighting = {
      tool: mark.tool,
      line: row,
      target: unboxed(each).slice(0, MAX_TARGET),
      count: Number(count ?? 1),
      collapsed: false,
      failed: result?.failed.test(below) ?? false,
    };
    return {
      row,
      sighting,
      changes: changesThings(mark, sighting),
      pending: result ? below === '' || result.waiting.test(below) : false,
      open: false,
      running: running.test(below) || running.test(line),
    };
  });
};

/** A call's whole text, wherever it is wrapped, and the line on which its result stands. */
const unwrap = (transcript: readonly string[], row: number, { result }: ToolMarks) => {
  let text = transcript[row] as string;
  if (!result) return { text, below: transcript[row + 1] ?? '' };
  for (let next = row + 1; next <= row + MAX_WRAPPED; next += 1) {
    const line = transcript[next] ?? '';
    if (line === '' || result.line.test(line)) return { text, below: line };
    text += ` ${line.trim()}`;
  }
  return { text: `${text}…`, below: '' };
};

const MAX_WRAPPED = 6;
const MAX_TARGET = 300;

/** Without the edge of the box that a call may be drawn in. */
const unboxed = (target: string): string =>
  (/[│┃]$/u.test(target) ? target.slice(0, -1) : target).trim();

const changesThings = (mark: ResultMark, { tool, target }: ToolSighting): boolean => {
  if (tool === 'bash') return !onlyReads(target);
  return tool === 'write' || tool === 'edit' || mark.changes === true;
};

/** A result with nothing of its call above it, which has scrolled away or is half drawn. */
const findResult = (
  transcript: readonly string[],
  row: number,
  { results }: ToolMarks,
): SeenTool[] | null => {
  const mark = results?.find(({ line }) => line.test(transcript[row] as string));
  if (!mark || (transcript[row - 1] ?? '').length > 1) return null;
  const { tool } = mark;
  const sighting = { tool, line: row, target: '', count: 1, collapsed: false, failed: false };
  const changes = changesThings(mark, sighting);
  return [{ row, sighting, changes, pending: false, open: false, running: false }];
};

/** The calls that a collapsed group's line stands for; none where one of its parts is not known. */
const findGroup = (transcript: readonly string[], row: number, marks: ToolMarks): SeenTool[] => {
  const { group, result, running } = marks;
  const line = transcript[row] as string;
  const heading = group?.line.exec(line)?.[1];
  if (!group || heading === undefined || result?.refused.test(line)) return [];
  const below = transcript[row + 1] ?? '';
  const current = group.current.exec(below)?.[1]?.slice(0, MAX_TARGET) ?? '';
  const command = group.command.test(current) ? commandFrom(transcript, row + 1, group) : '';
  const counts = readParts(heading, group.parts) ?? readWrapped(transcript, row, marks);
  const changes = command !== '' && !onlyReads(command);
  if (counts.size === 0 && current !== '') {
    const tool = command ? 'bash' : group.doing.find((mark) => mark.line.test(heading))?.tool;
    // Once it is closed, the group may call a command that only looks a search or a listing.
    if (tool) counts.set(tool, tool !== 'bash' || changes ? 1 : 0);
  }
  const isRunning = running.test(line) || running.test(below);
  const isOpen = current !== '';
  const isStarting = !isOpen && group.growing?.test(line) === true;
  const last = transcript.findLast((each) => each !== '') ?? '';
  const isWaiting = isOpen && group.waiting?.test(last) === true;
  return [...counts].map(([tool, calls]) => ({
    row,
    sighting: {
      tool,
      line: row,
      target: (tool === 'bash') === (command !== '') ? command || current : '',
      count: calls,
      collapsed: true,
      failed: false,
    },
    changes: tool === 'write' || tool === 'edit' || (tool === 'bash' && changes),
    pending: isStarting || isWaiting,
    open: isOpen,
    running: tool === 'bash' && isRunning,
  }));
};

type GroupMarks = NonNullable<ToolMarks['group']>;
type Counts = Map<ToolSighting['tool'], number>;

/** The command that a group is at, with the lines that it is wrapped onto. */
const commandFrom = (transcript: readonly string[], row: number, group: GroupMarks): string => {
  let text = group.current.exec(transcript[row] as string)?.[1] ?? '';
  for (let next = row + 1; /^\s+[^\s(⎿]/u.test(transcript[next] ?? ''); next += 1)
    text += ` ${(transcript[next] as string).trim()}`;
  return group.command.exec(text)?.[1]?.slice(0, MAX_COMMAND) ?? '';
};

/** A group's line that is too long for the pane goes on below. */
const readWrapped = (transcript: readonly string[], row: number, marks: ToolMarks): Counts => {
  const { group } = marks;
  const [first = ''] = (group?.line.exec(transcript[row] as string)?.[1] ?? '').split(', ', 1);
  if (!group?.parts.some(({ line }) => line.test(first))) return new Map();
  const heading = group.line.exec(unwrap(transcript, row, marks).text)?.[1] ?? '';
  return readParts(heading, group.parts) ?? new Map();
};

/** How many calls of each tool; null where one of the parts is not known. */
const readParts = (heading: string, marks: readonly NamedTool[]): Counts | null => {
  const counts: Counts = new Map();
  for (const part of heading.split(', ')) {
    const mark = marks.find(({ line }) => line.test(part));
    if (!mark) return null;
    const { count = 1, minutes = 0, seconds = 0 } = mark.line.exec(part)?.groups ?? {};
    const more = mark.tool === 'think' ? 60 * Number(minutes) + Number(seconds) : Number(count);
    counts.set(mark.tool, (counts.get(mark.tool) ?? 0) + more);
  }
  return counts;
};
