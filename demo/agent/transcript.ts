/** What tool calls, edits and texts leave in the transcript, and how calls fold into one line. */

import type { Step } from './script.ts';
import type { AgentState, Call, Entry, ToolGroup } from './state.ts';
import { append, replaceLast } from './state.ts';

/** Shows a step as it stands before it runs, while a dialog may still hold it up. */
export const present = (state: AgentState, step: Step, now: number): AgentState => {
  switch (step.step) {
    case 'edit':
      return append(settleGroup(state), { ...pick(step), done: false });
    case 'write': {
      const { file, lines } = step;
      return append(settleGroup(state), { kind: 'write', file, lines, done: false });
    }
    case 'read':
    case 'search':
    case 'bash':
    case 'fetch':
      return updateGroup(state, (group) => ({ ...group, current: callOf(step, now) }));
    case 'plan':
    case 'question':
      return settleGroup(state);
    default:
      return state;
  }
};

/** The step runs: a call's clock starts, text begins to come in. */
export const startCall = (state: AgentState, step: Step, now: number): AgentState => {
  switch (step.step) {
    case 'say':
    case 'flood': {
      const until = state.phase.at === 'turn' ? state.phase.turn.stepUntil : null;
      const stream = { since: now, ms: until === null ? null : until - now };
      return append(settleGroup(state), { kind: 'say', text: textOf(step), stream });
    }
    case 'read':
    case 'search':
    case 'bash':
    case 'fetch':
      return updateCall(state, (call) => ({ ...call, since: now, running: true }));
    default:
      return state;
  }
};

/** The step is over: what it did is counted or shown as done. */
export const endCall = (state: AgentState, step: Step): AgentState => {
  switch (step.step) {
    case 'say':
    case 'flood':
      return replaceLast(state, { kind: 'say', text: textOf(step), stream: null });
    case 'edit':
      return replaceLast(state, { ...pick(step), done: true });
    case 'write':
      return replaceLast(state, { kind: 'write', file: step.file, lines: step.lines, done: true });
    case 'bash':
      return endCommand(state, step);
    case 'read':
      return count(state, { read: step.files.length });
    case 'search':
      return count(state, { searched: 1 });
    case 'fetch':
      return count(state, { fetched: 1 });
    default:
      return state;
  }
};

export const thoughtFor = (state: AgentState, ms: number): AgentState =>
  ms < 1000
    ? state
    : updateGroup(state, (group) => ({ ...group, thoughtMs: group.thoughtMs + ms }));

/** The last group stops showing its last call, and goes where nothing was counted in it. */
export const settleGroup = (state: AgentState): AgentState => {
  const last = state.entries.at(-1);
  if (last?.kind !== 'group' || last.group.current === null) return state;
  const group = { ...last.group, current: null };
  return isEmpty(group)
    ? { ...state, entries: state.entries.slice(0, -1) }
    : replaceLast(state, { kind: 'group', group });
};

/** The call that a person did not allow: it stands there as not run. */
export const refuseCall = (state: AgentState): AgentState => {
  const last = state.entries.at(-1);
  if (last?.kind !== 'group' || last.group.current === null) return state;
  const detail = detailOf(last.group.current);
  return append(settleGroup(state), { kind: 'refused', detail });
};

/** As much of a text as has come in by now. */
export const textSoFar = (entry: Extract<Entry, { kind: 'say' }>, now: number): string => {
  const { text, stream } = entry;
  if (stream?.ms == null) return text;
  const share = stream.ms === 0 ? 1 : Math.min(1, (now - stream.since) / stream.ms);
  return text.slice(0, Math.max(1, Math.ceil(text.length * share)));
};

/** Text that was coming in stays as far as it came. */
export const cutText = (state: AgentState, now: number): AgentState => {
  const last = state.entries.at(-1);
  return last?.kind === 'say'
    ? replaceLast(state, { kind: 'say', text: textSoFar(last, now), stream: null })
    : state;
};

/** What a call works on, as the line below it says. */
export const detailOf = ({ tool, targets }: Call): string =>
  tool === 'bash' ? `$ ${targets.at(-1)}` : (targets.at(-1) ?? '');

const endCommand = (state: AgentState, step: Extract<Step, { step: 'bash' }>): AgentState => {
  if (state.script.screen === 'alternate') {
    return count(state, { ran: 1, failed: step.failed ? 1 : 0 });
  }
  const { command, output } = step;
  return append(settleGroup(state), { kind: 'command', command, output });
};

const count = (state: AgentState, more: Partial<Omit<ToolGroup, 'current'>>): AgentState =>
  updateGroup(state, (group) => ({
    ...group,
    read: group.read + (more.read ?? 0),
    searched: group.searched + (more.searched ?? 0),
    ran: group.ran + (more.ran ?? 0),
    fetched: group.fetched + (more.fetched ?? 0),
    failed: group.failed + (more.failed ?? 0),
    current: group.current === null ? null : { ...group.current, running: false },
  }));

const updateCall = (state: AgentState, change: (call: Call) => Call): AgentState =>
  updateGroup(state, (group) => ({
    ...group,
    current: group.current === null ? null : change(group.current),
  }));

/** Changes the group at the end of the transcript, which begins where there is none. */
const updateGroup = (state: AgentState, change: (group: ToolGroup) => ToolGroup): AgentState => {
  const last = state.entries.at(-1);
  return last?.kind === 'group'
    ? replaceLast(state, { kind: 'group', group: change(last.group) })
    : append(state, { kind: 'group', group: change(EMPTY) });
};

const isEmpty = ({ thoughtMs, searched, read, ran, fetched }: ToolGroup): boolean =>
  thoughtMs + searched + read + ran + fetched === 0;

const callOf = (
  step: Extract<Step, { step: 'read' | 'search' | 'bash' | 'fetch' }>,
  since: number,
): Call => {
  const idle = { label: null, since, running: false };
  switch (step.step) {
    case 'read':
      return { ...idle, tool: 'read', targets: step.files };
    case 'search':
      return { ...idle, tool: 'search', targets: [step.pattern] };
    case 'bash':
      return { ...idle, tool: 'bash', targets: [step.command], label: step.label ?? null };
    case 'fetch':
      return { ...idle, tool: 'fetch', targets: [step.url] };
  }
};

const pick = ({ file, diff, line }: Extract<Step, { step: 'edit' }>) =>
  ({ kind: 'edit', file, diff, line }) satisfies Partial<Entry>;

const textOf = (step: Extract<Step, { step: 'say' | 'flood' }>): string =>
  step.step === 'say'
    ? step.text
    : Array.from({ length: step.lines }, (_, i) => `${step.text} ${i + 1}`).join('\n');

const EMPTY: ToolGroup = {
  thoughtMs: 0,
  searched: 0,
  read: 0,
  ran: 0,
  fetched: 0,
  failed: 0,
  current: null,
};
