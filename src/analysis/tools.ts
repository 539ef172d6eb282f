/** Finds the tool calls that stand in a transcript. */

import type { ToolSighting } from '../../machines/vocabulary.ts';
import { onlyReads } from './commands.ts';
import type { Profile, ToolMark, ToolMarks } from './profile.ts';

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
    const line = transcript[row] as string;
    if (line === '') continue;
    const below = resultBelow(transcript, row, tools);
    const found =
      findCall(line, below, row, tools) ??
      (isOrphan(transcript, row) ? findResult(line, row, tools) : null) ??
      findGroup(line, below, row, tools);
    seen.push(...found);
  }
  return seen;
};

/** The line on which a call's result stands: the next one, unless the call itself is wrapped. */
const resultBelow = (transcript: readonly string[], row: number, { result }: ToolMarks): string => {
  for (let next = row + 1; next <= row + MAX_WRAPPED; next += 1) {
    const line = transcript[next] ?? '';
    if (line === '' || result?.line.test(line)) return line;
  }
  return '';
};

const MAX_WRAPPED = 6;

/** Reading or working, by what the calls from `turnStart` on have done. */
export const turnLevel = (seen: readonly SeenTool[], turnStart: number): 'reading' | 'working' =>
  seen.some(({ row, changes, pending }) => row >= turnStart && changes && !pending)
    ? 'working'
    : 'reading';

const findCall = (
  line: string,
  below: string,
  row: number,
  marks: ToolMarks,
): SeenTool[] | null => {
  for (const mark of marks.calls) {
    const found = mark.line.exec(line);
    if (!found) continue;
    if (marks.result?.refused.test(below)) return [];
    const sighting = sightingOf(mark, found, row, marks.result?.failed.test(below) ?? false);
    return [
      {
        row,
        sighting,
        changes: changesThings(mark, sighting),
        pending: marks.result ? below === '' || marks.result.waiting.test(below) : false,
        open: false,
        running: marks.running.test(below) || marks.running.test(line),
      },
    ];
  }
  return null;
};

/** Nothing of the call itself is left above its result: it has scrolled away, or is half drawn. */
const isOrphan = (transcript: readonly string[], row: number): boolean =>
  row === 0 || (transcript[row - 1] as string).length <= 1;

const findResult = (line: string, row: number, { results }: ToolMarks): SeenTool[] | null => {
  const tool = results?.find((mark) => mark.line.test(line))?.tool;
  if (!tool) return null;
  const sighting = { tool, line: row, target: '', count: 1, collapsed: false, failed: false };
  return [{ row, sighting, changes: true, pending: false, open: false, running: false }];
};

const sightingOf = (
  { tool }: ToolMark,
  found: RegExpExecArray,
  line: number,
  failed: boolean,
): ToolSighting => ({
  tool,
  line,
  target: (found.groups?.target ?? '').trim().slice(0, MAX_TARGET),
  count: Number(found.groups?.count ?? 1),
  collapsed: false,
  failed,
});

const MAX_TARGET = 300;

const changesThings = (mark: ToolMark, { tool, target }: ToolSighting): boolean => {
  if (tool === 'bash') return !onlyReads(target);
  return tool === 'write' || tool === 'edit' || mark.changes === true;
};

/** The calls that a collapsed group's line stands for; none where one of its parts is not known. */
const findGroup = (line: string, below: string, row: number, marks: ToolMarks): SeenTool[] => {
  const { group } = marks;
  const head = group?.line.exec(line)?.[1];
  if (!group || head === undefined || marks.result?.refused.test(line)) return [];
  const current = group.current.exec(below)?.[1]?.slice(0, MAX_TARGET) ?? '';
  const command = group.command.exec(current)?.[1] ?? '';
  const isRunning = marks.running.test(line) || marks.running.test(below);
  const changes = command !== '' && !onlyReads(command);
  const counts = readParts(head, group.parts);
  if (counts.size === 0 && current !== '') {
    const tool = command ? 'bash' : group.doing.find((mark) => mark.line.test(head))?.tool;
    // Once it is closed, the group may call a command that only looks a search or a listing.
    if (tool) counts.set(tool, tool !== 'bash' || changes ? 1 : 0);
  }
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
    pending: false,
    open: current !== '',
    running: tool === 'bash' && isRunning,
  }));
};

const readParts = (head: string, marks: readonly ToolMark[]): Map<ToolSighting['tool'], number> => {
  const counts = new Map<ToolSighting['tool'], number>();
  for (const part of head.split(', ')) {
    const mark = marks.find(({ line }) => line.test(part));
    if (!mark) return new Map();
    const { count, minutes, seconds } = mark.line.exec(part)?.groups ?? {};
    const more = count ? Number(count) : 60 * Number(minutes ?? 0) + Number(seconds ?? 0);
    counts.set(mark.tool, (counts.get(mark.tool) ?? 0) + more);
  }
  return counts;
};
