/**
 * Counts an agent's tool calls from what the agent itself tells: its hooks name each call once it
 * has ended, its transcript holds all of them. Either replaces what the screen shows.
 */

import type { HookReport, Indicators, ToolCounts } from './vocabulary.ts';

/** Plain JSON: it goes into snapshots. */
export interface Told {
  /** What the screen had shown before the first hook. */
  before: Indicators;
  /** The calls that hooks told of. */
  calls: ToolCounts;
  /** Those of them that subagents made: the agent's own transcript does not hold these. */
  inside: ToolCounts;
  /** Each conversation of this agent has its own. */
  transcripts: { path: string; counts: ToolCounts }[];
  /** The latest calls by their ids: two hooks may tell of the same one. */
  recent: string[];
}

/** @param shown what the screen has shown until now. */
export const beginTold = (shown: Indicators): Told => ({
  before: shown,
  calls: {},
  inside: {},
  transcripts: [],
  recent: [],
});

export const hookTold = (told: Told, report: HookReport): Told => {
  if (report.tells !== 'tool-ended') return told;
  const { id, tool, inside } = report;
  if (id !== null && told.recent.includes(id)) return told;
  const call = { [tool]: 1 };
  return {
    ...told,
    calls: sum(told.calls, call),
    inside: inside ? sum(told.inside, call) : told.inside,
    recent: id === null ? told.recent : [...told.recent, id].slice(-MAX_RECENT),
  };
};

/** A transcript that was cut, or is read anew after a restart, takes nothing back. */
export const transcriptTold = (told: Told, path: string, counts: ToolCounts): Told => {
  const known = told.transcripts.find((other) => other.path === path);
  const others = told.transcripts.filter((other) => other.path !== path);
  const grown = { path, counts: most(known?.counts ?? {}, counts) };
  return { ...told, transcripts: [...others, grown].slice(-MAX_TRANSCRIPTS) };
};

/** @param shown what the screen has shown; its thinking and its errors nobody else counts. */
export const indicatorsOf = (shown: Indicators, told: Told | null): Indicators => {
  if (told === null) return shown;
  const { before, calls, inside, transcripts } = told;
  const [start, all] =
    transcripts.length === 0
      ? [before, calls]
      : [null, transcripts.map(({ counts }) => counts).reduce(sum, inside)];
  const { read = 0, write = 0, edit = 0, bash = 0, search = 0, other = 0 } = all;
  return {
    ...shown,
    filesRead: (start?.filesRead ?? 0) + read,
    filesWritten: (start?.filesWritten ?? 0) + write,
    filesEdited: (start?.filesEdited ?? 0) + edit,
    bashCommands: (start?.bashCommands ?? 0) + bash,
    toolCalls: (start?.toolCalls ?? 0) + read + write + edit + bash + search + other,
  };
};

/** Both tellings of a call come within moments, however many run side by side. */
const MAX_RECENT = 64;
/** Of an agent whose conversation is begun anew that often, the oldest are forgotten. */
const MAX_TRANSCRIPTS = 50;

type Combine = (one: number, other: number) => number;

const combine = (one: ToolCounts, other: ToolCounts, how: Combine): ToolCounts => {
  const tools = new Set([...Object.keys(one), ...Object.keys(other)] as (keyof ToolCounts)[]);
  return Object.fromEntries(
    [...tools].map((tool) => [tool, how(one[tool] ?? 0, other[tool] ?? 0)]),
  );
};

const sum = (one: ToolCounts, other: ToolCounts): ToolCounts =>
  combine(one, other, (a, b) => a + b);

const most = (one: ToolCounts, other: ToolCounts): ToolCounts => combine(one, other, Math.max);
