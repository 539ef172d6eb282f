/** One look at one screen: which rule of the agent's profile holds, and what else is to be seen. */

import type { JudgeRequest } from '../../actors/ports.ts';
import type { Composer, Verdict } from '../../machines/vocabulary.ts';
import { readComposer } from './composer.ts';
import { type FoundDialog, findDialog } from './dialog.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type Condition, type Profile, type Profiles, profileOf, type Rule } from './profile.ts';
import { PROFILES } from './profiles/index.ts';
import { findRegions, type Regions, turnStart } from './regions.ts';
import { readScreen } from './screen.ts';
import { readTodos } from './todos.ts';
import { findTools, type SeenTool, turnLevel } from './tools.ts';

/** Pure: the same request and profiles, the same verdict. A kind without a profile is `generic`. */
export const classify = (request: JudgeRequest, profiles: Profiles = PROFILES): Verdict => {
  const profile = profileOf(profiles, request.kind) ?? PROFILES.generic;
  const regions = findRegions(readScreen(request), profile);
  const isBusy = profile.busyTitle?.test(regions.screen.title) ?? false;
  const tools = findTools(regions.lines.transcript, profile);
  const found = lookForDialog(regions, profile, (top) => !isBusy && isUnfinished(tools, top));
  const { outcome, turn, calls, composer, todoLines, meaningful } = found
    ? lookWithDialog(regions, profile, tools, found, isBusy)
    : lookWithout(regions, profile, tools);
  const isTool =
    outcome.activity === turn.level &&
    calls.some(({ row, running }) => running && row >= turn.start);
  return {
    ...outcome,
    reason: isTool && outcome.attention === 'none' ? 'tool' : outcome.reason,
    toolRunning: isTool || outcome.toolRunning,
    evidence: outcome.evidence.trim().slice(0, MAX_EVIDENCE),
    dialog: found?.dialog ?? null,
    dialogRows: found ? rowsOf(regions.screen.lines, found, profile) : [],
    dialogIsCut: found?.top === 0 && HAS_TEXT.test(regions.screen.lines[0] ?? ''),
    composer,
    ...readTodos(todoLines, profile.todos),
    sightings: calls.map(({ sighting }) => sighting),
    fingerprint: fingerprintOf(meaningful, profile.volatile),
  };
};

interface Look {
  outcome: Outcome;
  turn: Turn;
  /** Those that have been made. */
  calls: readonly SeenTool[];
  composer: Composer;
  todoLines: readonly string[];
  /** What must change for something to have happened: no spinner, no hints, no input, no menu. */
  meaningful: readonly string[];
}

interface Turn {
  /** Its first row. */
  start: number;
  level: 'reading' | 'working';
}

const lookWithDialog = (
  { screen }: Regions,
  profile: Profile,
  tools: readonly SeenTool[],
  found: FoundDialog,
  isBusy: boolean,
): Look => {
  const calls = settledAbove(tools, found, profile);
  const transcript = screen.lines.slice(0, found.top);
  const start = turnStart(transcript, profile);
  const turn = { start, level: turnLevel(calls, start) };
  return {
    outcome: judgeDialog(found, isBusy, turn.level),
    turn,
    calls,
    composer: readComposer(screen, null, profile.composer),
    todoLines: screen.lines.slice(found.bottom + 1),
    meaningful: [...transcript, found.dialog.id],
  };
};

const lookWithout = (regions: Regions, profile: Profile, tools: readonly SeenTool[]): Look => {
  const { screen, box, lines } = regions;
  const start = turnStart(screen.lines.slice(0, box?.top), profile);
  const turn = { start, level: turnLevel(underWay(tools, screen.lines, profile), start) };
  const composer = readComposer(screen, box, profile.composer);
  return {
    outcome: judgeRules(regions, composer, profile, turn.level),
    turn,
    calls: tools.filter(({ pending }) => !pending),
    composer,
    // The task list stands below the spinner; the like elsewhere is text.
    todoLines: hasStatus(lines.head, profile) ? lines.tail : [],
    meaningful: box ? meaningfulAbove(regions, profile) : screen.lines,
  };
};

/** What is said of a screen that could not be judged at all. */
export const unknownVerdict = (reason: string, rule: string): Verdict => ({
  activity: 'unknown',
  attention: 'none',
  reason,
  rule,
  evidence: '',
  toolRunning: false,
  dialog: null,
  dialogRows: [],
  dialogIsCut: false,
  composer: { content: 'absent', text: '' },
  todos: [],
  progress: null,
  sightings: [],
  fingerprint: '',
});

const MAX_EVIDENCE = 200;

type Outcome = Pick<
  Verdict,
  'activity' | 'attention' | 'reason' | 'rule' | 'evidence' | 'toolRunning'
>;

const judgeRules = (
  regions: Regions,
  composer: Composer,
  profile: Profile,
  level: 'reading' | 'working',
): Outcome => {
  for (const rule of [...ANY_KIND, ...profile.rules]) {
    const evidence = holds(rule, regions, composer);
    if (evidence === null) continue;
    return {
      activity: rule.activity === 'turn' ? level : rule.activity,
      attention: rule.attention ?? 'none',
      reason: rule.reason,
      rule: rule.name,
      evidence,
      toolRunning: rule.toolRunning ?? false,
    };
  }
  return {
    ...unknownVerdict('unreadable', `${profile.kind}.unreadable`),
    evidence: regions.screen.last,
  };
};

/** What tmux itself writes, whoever ran in the pane. */
const ANY_KIND: readonly Rule[] = [
  {
    name: 'tmux.pane-dead',
    when: [{ region: 'last', line: /^Pane is dead \((?:status|signal) / }],
    activity: 'error',
    reason: 'exited',
  },
];

/** The line that made the rule hold, or null where it does not. */
const holds = (rule: Rule, regions: Regions, composer: Composer): string | null => {
  let evidence: string | null = null;
  for (const condition of rule.when) {
    const line = lineFor(condition, regions, composer);
    if (line === null) return null;
    evidence ||= line;
  }
  return evidence ?? '';
};

const lineFor = (condition: Condition, regions: Regions, composer: Composer): string | null => {
  if ('composer' in condition)
    return condition.composer.includes(composer.content) ? (regions.lines.composer[0] ?? '') : null;
  const lines = regions.lines[condition.region];
  if ('line' in condition) return lines.findLast((line) => condition.line.test(line)) ?? null;
  return lines.some((line) => condition.without.test(line)) ? null : '';
};

/**
 * The turn stands still under its dialog. A dialog that belongs to no turn says nothing about the
 * work; a menu changes nothing.
 */
const judgeDialog = (
  { dialog, rule }: FoundDialog,
  isBusy: boolean,
  level: 'reading' | 'working',
): Outcome => {
  const { attention, question } = dialog;
  const isOfTurn = isBusy || attention === 'approval' || attention === 'question';
  const otherwise = attention === 'other-dialog' ? 'unknown' : 'idle';
  return {
    activity: isOfTurn ? level : otherwise,
    attention,
    reason: attention,
    rule,
    evidence: question,
    toolRunning: false,
  };
};

/** What of the dialog is written, and stays while it is open. */
const rowsOf = (
  lines: readonly string[],
  { top, bottom }: FoundDialog,
  { dialog }: Profile,
): string[] =>
  lines
    .slice(top, bottom + 1)
    .filter((line) => HAS_TEXT.test(line) && dialog?.below.test(line) !== true);

const HAS_TEXT = /[\p{L}\p{N}]/u;

const lookForDialog = (
  { screen, box }: Regions,
  { dialog }: Profile,
  hasPendingTool: (top: number) => boolean,
): FoundDialog | null => {
  if (!dialog || box?.isDrawn) return null;
  const found = findDialog(screen.lines, dialog, hasPendingTool);
  if (!found || !box) return found;
  // Where the screen scrolls, an answered dialog stays above the prompt; and a draft of several
  // lines looks like a list with a cursor.
  const end = found.hasHint ? found.bottom : found.top;
  return end < box.top || end === box.prompt ? null : found;
};

/** The last call above the dialog waits for something. */
const isUnfinished = (tools: readonly SeenTool[], top: number): boolean => {
  const last = tools.findLast(({ row }) => row < top);
  return last !== undefined && (last.pending || last.open);
};

/** Calls that have been made: the one that the dialog asks about has not. */
const settledAbove = (
  tools: readonly SeenTool[],
  { top, dialog }: FoundDialog,
  profile: Profile,
): SeenTool[] => {
  const above = tools.filter(({ row }) => row < top);
  const last = above.at(-1)?.row;
  const isAsked = dialog.attention === 'approval' && !profile.tools?.result;
  return above.filter(({ row, pending, open }) => !pending && !(row === last && (open || isAsked)));
};

/** With nobody asked, a call without a result is being made, unless it says that it waits. */
const underWay = (
  tools: readonly SeenTool[],
  lines: readonly string[],
  { tools: marks }: Profile,
) =>
  tools.map((tool) => {
    const isWaiting = marks?.result?.waiting.test(lines[tool.row + 1] ?? '') ?? false;
    return { ...tool, pending: tool.pending && isWaiting };
  });

const hasStatus = ([head = '']: readonly string[], { transcript }: Profile): boolean =>
  transcript?.status?.test(head) ?? false;

const meaningfulAbove = ({ lines }: Regions, profile: Profile): readonly string[] => {
  const { transcript, tail, head } = lines;
  const isStatus = hasStatus(head, profile);
  const told = isStatus ? transcript.slice(0, transcript.length - tail.length) : transcript;
  const todos = isStatus ? tail.filter((line) => profile.todos?.line.test(line)) : [];
  return [...told, ...todos].filter((line) => !RIGHT_ALIGNED.test(line));
};

/** Hints stand at the right edge, far from any text. */
const RIGHT_ALIGNED = /^\s{30}/;
