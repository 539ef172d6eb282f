/** A turn from its prompt to its end: which step runs, and what it leaves in the transcript. */

import { dialogFor } from './dialog.ts';
import type { AgentTodo, Step, Turn } from './script.ts';
import type { AgentState, RunningTurn } from './state.ts';
import { append, chance, drawMs, note } from './state.ts';
import { endCall, present, settleGroup, startCall, thoughtFor } from './transcript.ts';

/** Begins the script's next turn, or a short one of its own where the script has no more. */
export const startTurn = (state: AgentState, prompt: string, now: number): AgentState => {
  const scripted = nextTurn(state);
  const turns = state.script.turns.length;
  const [draw, drawn] = chance(state);
  const turn: RunningTurn = {
    prompt,
    steps: scripted?.steps ?? [{ step: 'say', text: 'Noted.' }],
    repeat: scripted?.repeat ?? 1,
    index: 0,
    startedAt: now,
    stepSince: now,
    stepUntil: now,
    tokens: 0,
    thought: null,
    visible: false,
    verb: VERBS[Math.floor(draw * VERBS.length)] ?? 'Working',
  };
  const begun: AgentState = {
    ...append(drawn, { kind: 'prompt', text: prompt }),
    phase: { at: 'turn', turn },
    next: scripted === undefined ? turns : (state.next % Math.max(1, turns)) + 1,
    placeholder: '',
    todos: state.todos.every(({ status }) => status === 'done') ? [] : state.todos,
  };
  const truth = { activity: 'reading', attention: 'none' } as const;
  return beginStep(note(begun, 'prompt', truth, { text: prompt }), now);
};

/** The turn the next submission starts. */
export const nextTurn = ({ script, next }: AgentState): Turn | undefined =>
  script.turns[next] ?? (script.loop ? script.turns[0] : undefined);

/** Ends the running step, whatever it waits for, and begins the one after it. */
export const advanceStep = (state: AgentState, now: number): AgentState => {
  if (state.phase.at !== 'turn') return state;
  const step = state.phase.turn.steps[state.phase.turn.index];
  if (step === undefined) return state;
  const ended = endStep(state, step, now);
  if (ended.phase.at !== 'turn') return ended;
  const { turn } = ended.phase;
  return beginStep(
    { ...ended, phase: { at: 'turn', turn: { ...turn, index: turn.index + 1 } } },
    now,
  );
};

/** Goes on with the step that a dialog held up, after a person allowed it. */
export const allowStep = (state: AgentState, now: number): AgentState => {
  if (state.phase.at !== 'dialog') return state;
  const { turn, dialog } = state.phase;
  const step = turn.steps[turn.index];
  const resumed: AgentState = {
    ...state,
    phase: { at: 'turn', turn: { ...turn, startedAt: turn.startedAt + now - dialog.openedAt } },
  };
  const answered = note(resumed, 'answer', { attention: 'none' }, { choice: dialog.cursor + 1 });
  return step === undefined ? answered : runStep(answered, step, now);
};

/** Back to the prompt; a message that waited is submitted at once. */
export const toPrompt = (state: AgentState, now: number): AgentState => {
  const [text, ...queued] = state.queued;
  if (text !== undefined) return startTurn({ ...settleGroup(state), queued }, text, now);
  const scripted = nextTurn(state);
  const settled = settleGroup(state);
  if (scripted?.prompt === undefined || state.stepped) {
    return { ...settled, phase: { at: 'prompt', submitAt: null, leaving: false } };
  }
  const [ms, drawn] = drawMs(settled, scripted.afterMs);
  return { ...drawn, phase: { at: 'prompt', submitAt: now + ms, leaving: false } };
};

/** Tokens that a step has brought after so long: thinking brings them slowly, the others at once. */
export const tokensOf = (step: Step, elapsedMs: number): number => {
  if (step.step === 'hang' || step.step === 'wait' || step.step === 'retry') return 0;
  if (step.step !== 'think') return Math.ceil(JSON.stringify(step).length / 4);
  const soFar = Math.round(elapsedMs / 80);
  return step.tokens === undefined ? soFar : Math.min(soFar, step.tokens);
};

const beginStep = (state: AgentState, now: number): AgentState => {
  if (state.phase.at !== 'turn') return state;
  const { turn } = state.phase;
  const step = turn.steps[turn.index];
  if (step === undefined) {
    return turn.repeat > 1 ? repeatSteps(state, turn, now) : endTurn(state, now);
  }
  const [dialog, drawn] = dialogFor(state, step, now);
  const shown = present(drawn, step, now);
  if (dialog === null) return runStep(shown, step, now);
  const seen: RunningTurn = { ...turn, stepSince: now, visible: true };
  const waiting: AgentState = { ...shown, phase: { at: 'dialog', turn: seen, dialog } };
  return note(waiting, 'dialog', { attention: dialog.attention }, { step: step.step });
};

const repeatSteps = (state: AgentState, turn: RunningTurn, now: number): AgentState => {
  const again = { ...turn, index: 0, repeat: turn.repeat - 1, stepSince: now, stepUntil: now };
  return beginStep({ ...state, phase: { at: 'turn', turn: again } }, now);
};

const runStep = (state: AgentState, step: Step, now: number): AgentState => {
  if (state.phase.at !== 'turn') return state;
  const [ms, drawn] = durationOf(state, step);
  const turn: RunningTurn = {
    ...state.phase.turn,
    stepSince: now,
    stepUntil: ms === null ? null : now + ms,
    visible: state.phase.turn.visible || SHOWN.has(step.step),
  };
  const running = startCall({ ...drawn, phase: { at: 'turn', turn } }, step, now);
  const activity = changesThings(step) ? 'working' : state.truth.activity;
  return note(running, step.step, { activity }, detailsOf(step));
};

/** How long the step lasts by itself; null where it waits for a `next`, a key or input. */
const durationOf = (state: AgentState, step: Step): [number | null, AgentState] => {
  if ('await' in step && step.await !== undefined) return [null, state];
  const ms = 'ms' in step ? step.ms : undefined;
  const [duration, drawn] = ms === undefined ? [defaultMs(step), state] : drawMs(state, ms);
  return [state.stepped && duration !== 0 ? null : duration, drawn];
};

const defaultMs = (step: Step): number | null => {
  switch (step.step) {
    case 'think':
      return 3000;
    case 'bash':
      return 2000;
    case 'read':
    case 'search':
    case 'fetch':
      return 800;
    case 'edit':
    case 'write':
      return 400;
    case 'flood':
      return 1000;
    case 'retry':
      return step.attempts * step.seconds * 1000;
    case 'hang':
    case 'wait':
      return null;
    default:
      return 0;
  }
};

const endStep = (state: AgentState, step: Step, now: number): AgentState => {
  if (state.phase.at !== 'turn') return state;
  const { turn } = state.phase;
  const ms = now - turn.stepSince;
  const tokens = turn.tokens + tokensOf(step, ms);
  const thought = step.step === 'think' ? { ms, endedAt: now } : turn.thought;
  const ended: AgentState = { ...state, phase: { at: 'turn', turn: { ...turn, tokens, thought } } };
  switch (step.step) {
    case 'think':
    case 'hang':
      return thoughtFor(ended, ms);
    case 'todos':
      return { ...ended, todos: step.todos };
    case 'task':
      return { ...ended, todos: withStatus(ended.todos, step.number - 1, step.status) };
    case 'error':
      return failTurn(ended, step, now);
    case 'exit':
      return note({ ...ended, phase: { at: 'exited', code: step.code } }, 'exit', EXITED, {
        code: step.code,
      });
    default:
      return endCall(ended, step);
  }
};

const withStatus = (todos: AgentTodo[], index: number, status: AgentTodo['status']) =>
  todos.map((todo, i) => (i === index ? { ...todo, status } : todo));

const EXITED = { activity: 'error', attention: 'none' } as const;

const failTurn = (state: AgentState, step: Extract<Step, { step: 'error' }>, now: number) => {
  const settled = settleGroup(state);
  const failed = step.credit
    ? append(settled, { kind: 'note', text: step.message, alarming: true })
    : append(settled, { kind: 'error', text: `API Error: ${step.message}` });
  const placeholder = step.credit
    ? 'Once fixed, resend your message'
    : 'Resend your message to try again';
  const truth = { activity: 'error', attention: 'none' } as const;
  return toPrompt(
    { ...note(failed, 'failed', truth, { message: step.message }), placeholder },
    now,
  );
};

const endTurn = (state: AgentState, now: number): AgentState => {
  if (state.phase.at !== 'turn') return state;
  const [draw, drawn] = chance(settleGroup(state));
  // A dialog that held up all of it has moved its start on by parts of a millisecond.
  const ms = Math.max(0, now - state.phase.turn.startedAt);
  const verb = DONE_VERBS[Math.floor(draw * DONE_VERBS.length)] ?? 'Worked';
  const done = append(drawn, { kind: 'done', verb, ms, at: now });
  return toPrompt(note(done, 'done', { activity: 'complete', attention: 'none' }, { ms }), now);
};

const changesThings = (step: Step): boolean =>
  step.step === 'edit' || step.step === 'write' || (step.step === 'bash' && !step.looks);

const detailsOf = (step: Step): Record<string, unknown> => {
  if (step.step === 'read') return { files: step.files };
  if (step.step === 'edit' || step.step === 'write') return { file: step.file };
  return step.step === 'bash' ? { command: step.command } : {};
};

/** Steps that put something into the transcript as soon as they begin. */
const SHOWN = new Set<Step['step']>([
  'read',
  'search',
  'bash',
  'edit',
  'write',
  'fetch',
  'say',
  'flood',
  'plan',
  'question',
]);

const VERBS = ['Thundering', 'Flummoxing', 'Gallivanting', 'Leavening', 'Bloviating', 'Frosting'];
const DONE_VERBS = ['Baked', 'Brewed', 'Churned', 'Cogitated', 'Worked'];
