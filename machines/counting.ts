/**
 * Counts an agent's tool calls over its life from what its screen happens to show. Looks overlap:
 * each is laid over what was seen before, and only what sticks out is new.
 */

import { type Indicators, NO_INDICATORS, type ToolSighting } from './vocabulary.ts';

type Tool = ToolSighting['tool'];

/** A line seen on some screen: one call, or a collapsed group of them. */
interface SeenLine {
  /** What has been counted of it. */
  counts: Partial<Record<Tool, number>>;
  /** Null for a group. */
  target: string | null;
  /** A group that was still growing when it was last seen. */
  open: boolean;
}

/** Plain JSON: it goes into snapshots. */
export interface Counted {
  indicators: Indicators;
  /** The latest lines, oldest first, those included that have scrolled away. */
  visible: SeenLine[];
  /** Where in `visible` the last look began. */
  from: number;
}

export const NOTHING_COUNTED: Counted = { indicators: NO_INDICATORS, visible: [], from: 0 };

/** Takes one look's sightings, from top to bottom, into the count. */
export const count = (previous: Counted, sightings: readonly ToolSighting[]): Counted => {
  const seen = toLines(sightings);
  if (seen.length === 0) return previous;
  const { lines, from, gained } = overlay(previous, seen);
  const excess = Math.max(0, lines.length - MAX_LINES);
  return {
    indicators: gained.reduce(add, previous.indicators),
    visible: lines.slice(excess),
    from: Math.max(0, from - excess),
  };
};

/** More than any screen shows, so that scrolling back finds what was counted. */
const MAX_LINES = 200;

const toLines = (sightings: readonly ToolSighting[]): SeenLine[] =>
  // Calls that are drawn in one line stand for themselves, unless they are a group.
  [...Map.groupBy(sightings, (each) => (each.collapsed ? each.line : each)).values()].map(
    (group) => {
      const { target, collapsed } = group[0] as ToolSighting;
      return {
        counts: Object.fromEntries(group.map((each) => [each.tool, each.count])),
        target: collapsed ? null : target,
        open: collapsed && group.some((each) => each.target !== ''),
      };
    },
  );

interface Overlay {
  lines: SeenLine[];
  from: number;
  /** What each line has gained over what was counted of it. */
  gained: SeenLine['counts'][];
}

const overlay = ({ visible, from }: Counted, seen: SeenLine[]): Overlay => {
  const shift = findShift(visible, seen, from);
  if (shift !== null) return mergeAt(visible, seen, shift);
  return mergeLoosely(visible, seen, from);
};

/**
 * By how many lines the look has moved against the lines known, or null where it does not fit
 * without a gap. A dialog pushes older lines out of sight and lets them back in, and calls repeat:
 * of several places, the one that needs the least to have happened is right.
 */
const findShift = (known: readonly SeenLine[], seen: readonly SeenLine[], from: number) => {
  // The agent's screen follows its end: nothing is new, however far the older lines have moved.
  const atEnd = known.length - seen.length;
  if (atEnd >= 0 && fits(known, seen, atEnd)) return atEnd;
  let best: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let shift = 1 - seen.length; shift < known.length; shift += 1) {
    const cost = costOf(shift, { known: known.length, seen: seen.length, from });
    if (cost >= least || !fits(known, seen, shift)) continue;
    best = shift;
    least = cost;
  }
  return best;
};

/**
 * A line that nobody saw before is less likely than one that comes back into sight, and one above
 * the first line known is the last resort.
 */
const costOf = (
  shift: number,
  { known, seen, from }: { known: number; seen: number; from: number },
): number => {
  const above = Math.max(0, -shift);
  const fresh = Math.max(0, shift + seen - known);
  const back = Math.max(0, from - Math.max(0, shift));
  return above * MAX_LINES * 2 + fresh * 2 + back;
};

const fits = (known: readonly SeenLine[], seen: readonly SeenLine[], shift: number): boolean => {
  const start = Math.max(0, shift);
  const end = Math.min(known.length, shift + seen.length);
  for (let at = start; at < end; at += 1) {
    const now = seen[at - shift] as SeenLine;
    // What grows is the agent's latest.
    if (now.open && at < known.length - 1) return false;
    if (!isSame(known[at] as SeenLine, now)) return false;
  }
  return start < end;
};

const isSame = (known: SeenLine, seen: SeenLine): boolean => {
  if (known.target !== null || seen.target !== null) return isSameCall(known, seen);
  // While it grows, a group shows only what it is at.
  if (known.open) return seen.open || covers(seen, known);
  return covers(seen, known) && covers(known, seen);
};

const isSameCall = (known: SeenLine, seen: SeenLine): boolean => {
  if (known.target === null || seen.target === null) return false;
  const [tool] = Object.keys(known.counts);
  return tool === Object.keys(seen.counts)[0] && isSameTarget(known.target, seen.target);
};

/**
 * A long target is cut or wrapped elsewhere when the pane is resized; of a call whose head has
 * scrolled away the target is not known.
 */
const isSameTarget = (one: string, other: string): boolean => {
  const [short, long] = [bare(one), bare(other)].sort((a, b) => a.length - b.length) as [
    string,
    string,
  ];
  return short === '' || short === long || (short.length >= MIN_CUT && long.startsWith(short));
};

const MIN_CUT = 24;
const bare = (target: string): string => target.replace(/[\s…]+/g, '');

const covers = (more: SeenLine, less: SeenLine): boolean =>
  Object.entries(less.counts).every(([tool, calls]) => (more.counts[tool as Tool] ?? 0) >= calls);

const mergeAt = (known: readonly SeenLine[], seen: readonly SeenLine[], shift: number): Overlay => {
  const lines: SeenLine[] = [];
  const gained: SeenLine['counts'][] = [];
  for (let at = Math.min(0, shift); at < Math.max(known.length, shift + seen.length); at += 1) {
    const before = at >= 0 ? known[at] : undefined;
    const now = at >= shift ? seen[at - shift] : undefined;
    lines.push(merged(before, now));
    if (now) gained.push(gain(before, now));
  }
  return { lines, from: Math.max(0, shift), gained };
};

/** A torn or shortened screen: what can be matched in order is old, the rest is new. */
const mergeLoosely = (
  known: readonly SeenLine[],
  seen: readonly SeenLine[],
  from: number,
): Overlay => {
  const lines = [...known];
  const gained: SeenLine['counts'][] = [];
  let next = from;
  for (const now of seen) {
    const at = known.findIndex((before, index) => index >= next && isLoosely(before, now));
    const before = at < 0 ? undefined : known[at];
    gained.push(gain(before, now));
    if (at < 0) lines.push(now);
    else {
      lines[at] = merged(before, now);
      next = at + 1;
    }
  }
  return { lines, from: next === from ? known.length : from, gained };
};

const isLoosely = (known: SeenLine, seen: SeenLine): boolean =>
  known.target === null && seen.target === null
    ? known.open || covers(known, seen) || covers(seen, known)
    : isSameCall(known, seen);

const merged = (before: SeenLine | undefined, now: SeenLine | undefined): SeenLine => {
  if (!before || !now) return (before ?? now) as SeenLine;
  const counts = { ...before.counts };
  for (const [tool, calls] of Object.entries(now.counts))
    counts[tool as Tool] = Math.max(counts[tool as Tool] ?? 0, calls);
  return { counts, target: before.target || now.target, open: now.open };
};

const gain = (before: SeenLine | undefined, now: SeenLine): SeenLine['counts'] =>
  Object.fromEntries(
    Object.entries(now.counts).map(([tool, calls]) => [
      tool,
      Math.max(0, calls - (before?.counts[tool as Tool] ?? 0)),
    ]),
  );

const add = (sum: Indicators, counts: SeenLine['counts']): Indicators => {
  const { think = 0, read = 0, write = 0, edit = 0, bash = 0, search = 0, other = 0 } = counts;
  return {
    ...sum,
    filesRead: sum.filesRead + read,
    filesWritten: sum.filesWritten + write,
    filesEdited: sum.filesEdited + edit,
    bashCommands: sum.bashCommands + bash,
    toolCalls: sum.toolCalls + read + write + edit + bash + search + other,
    contemplationTime: sum.contemplationTime + think,
  };
};
