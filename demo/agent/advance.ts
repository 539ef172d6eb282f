/** One event, one new state: the whole behaviour of a simulated agent, without a clock or a terminal. */

import { clearComposer, eraseLast, expandedDraft, pasteText, typeText } from './composer.ts';
import { choose, openDialog, pressKey } from './dialog.ts';
import { answersOf, isWriting } from './question.ts';
import type { AgentEvent, AgentState, Dialog, DialogForm, Outcome, Phase } from './state.ts';
import { append, note, startAgent } from './state.ts';
import { cutText, refuseCall, settleGroup } from './transcript.ts';
import { advanceStep, allowStep, nextTurn, startTurn, toPrompt } from './turn.ts';

/** The state of an agent that has just been started: at its first dialog or its prompt. */
export const beginAgent = (...options: Parameters<typeof startAgent>): AgentState => {
  const state = startAgent(...options);
  return passTime(openBefore(note(state, 'start'), 0), state.now);
};

export const advance = (state: AgentState, event: AgentEvent): AgentState =>
  passTime(take(stayed(passTime(state, event.now), event), event), event.now);

const take = (state: AgentState, event: AgentEvent): AgentState => {
  switch (event.type) {
    case 'time':
      return state;
    case 'next':
      return goOn(state, event.now);
    case 'exit':
      return exit(state, event.code);
    case 'paste':
      return takeText(state, event.text, event.now, true);
    case 'text':
      return takeText(state, event.text, event.now, false);
    case 'key':
      return takeKey(state, event.key, event.now);
  }
};

/** When something happens by itself next, or null. */
export const deadlineOf = ({ phase, composer }: AgentState): number | null => {
  switch (phase.at) {
    case 'turn':
      return phase.turn.stepUntil;
    case 'before':
    case 'dialog':
      return phase.dialog.answer?.at ?? null;
    case 'prompt':
      return composer.draft === '' ? phase.submitAt : null;
    case 'exited':
      return null;
  }
};

/** Does all that was due by `now`, each thing at its own time. */
const passTime = (state: AgentState, now: number): AgentState => {
  let due = state;
  for (let i = 0; i < MAX_AT_ONCE; i += 1) {
    const at = deadlineOf(due);
    if (at === null || at > now) break;
    due = due.phase.at === 'turn' ? advanceStep(due, at) : actAsPerson(due, at);
  }
  return { ...due, now };
};

/** Steps that take no time must not keep the program from ever drawing. */
const MAX_AT_ONCE = 1000;

const goOn = (state: AgentState, now: number): AgentState =>
  state.phase.at === 'turn' ? advanceStep(state, now) : actAsPerson(state, now);

/** What the simulated person does: submits the scripted prompt, gives the scripted or the first consenting answer. */
const actAsPerson = (state: AgentState, now: number): AgentState => {
  const { phase } = state;
  if (phase.at === 'prompt') {
    const prompt = nextTurn(state)?.prompt;
    return prompt === undefined ? state : submit(state, prompt, now);
  }
  if (phase.at !== 'dialog' && phase.at !== 'before') return state;
  const consent = phase.dialog.form.kind === 'trust' ? 2 : 1;
  const index = (phase.dialog.answer?.choice ?? consent) - 1;
  return settle(state, choose(phase.dialog, index), now);
};

const takeKey = (state: AgentState, key: string, now: number): AgentState => {
  const { phase } = state;
  if (key === 'focus-in' || key === 'focus-out') return note(state, key);
  if (phase.at === 'dialog' || phase.at === 'before') {
    return key === 'ctrl-c' && phase.at === 'before'
      ? exit(state, 1)
      : settle(state, pressKey(phase.dialog, key === 'ctrl-c' ? 'escape' : key), now);
  }
  if (phase.at === 'turn' && awaitsKey(phase, key)) return advanceStep(state, now);
  if (phase.at === 'turn' && (key === 'escape' || key === 'ctrl-c')) return interrupt(state, now);
  if (phase.at === 'prompt' && (key === 'ctrl-c' || key === 'ctrl-d')) return leave(state, phase);
  return editDraft(state, key, now);
};

const editDraft = (state: AgentState, key: string, now: number): AgentState => {
  const { composer } = state;
  switch (key) {
    case 'backspace':
      return { ...state, composer: eraseLast(composer) };
    case 'ctrl-u':
      return { ...state, composer: clearComposer(composer) };
    case 'newline':
      return { ...state, composer: typeText(composer, '\n', now) };
    case 'enter':
      return enter(state, now);
    default:
      return state;
  }
};

const enter = (state: AgentState, now: number): AgentState => {
  const { composer, script } = state;
  if (now - composer.textAt < script.swallowEnterMs) {
    return note({ ...state, composer: typeText(composer, '\n', now) }, 'enter-swallowed');
  }
  const text = expandedDraft(composer).trim();
  return text === '' ? state : submit({ ...state, composer: clearComposer(composer) }, text, now);
};

const submit = (state: AgentState, text: string, now: number): AgentState => {
  if (state.phase.at !== 'turn') {
    return text === '/exit' ? exit(state, 0) : startTurn(state, text, now);
  }
  if (awaitedBy(state.phase) !== 'input') {
    return note({ ...state, queued: [...state.queued, text] }, 'queued', {}, { text });
  }
  const shown = append(settleGroup(state), { kind: 'prompt', text });
  return advanceStep(note(shown, 'input', {}, { text }), now);
};

const takeText = (state: AgentState, text: string, now: number, pasted: boolean): AgentState => {
  const { phase, composer } = state;
  if (phase.at === 'dialog' || phase.at === 'before') {
    const characters = [...text];
    const { form } = phase.dialog;
    const typing = form.kind === 'question' && isWriting(phase.dialog, form);
    // A choice is made by one key alone, not by a word or a paste that has it in it.
    if (!typing && (pasted || characters.length > 1)) return state;
    return characters.reduce((typed, key) => takeKey(typed, key, now), state);
  }
  if (phase.at === 'turn' && !pasted && awaitsKey(phase, text)) return advanceStep(state, now);
  // What the paste sets off is there before the text is.
  if (phase.at === 'turn' && pasted && awaitedBy(phase) === 'paste')
    return takeText(advanceStep(state, now), text, now, true);
  const put = pasted ? pasteText : typeText;
  return { ...state, composer: put(composer, text, now) };
};

/** What the running step waits for, where it names something. */
const awaitedBy = ({ turn }: Extract<Phase, { at: 'turn' }>) => {
  const step = turn.steps[turn.index];
  return step !== undefined && 'await' in step ? step.await : undefined;
};

const awaitsKey = (phase: Extract<Phase, { at: 'turn' }>, key: string): boolean => {
  const awaited = awaitedBy(phase);
  return typeof awaited === 'object' && awaited.key === key;
};

/** Escape: a message that waits is sent at once; a turn that only thought gives its prompt back. */
const interrupt = (state: AgentState, now: number): AgentState => {
  if (state.phase.at !== 'turn' && state.phase.at !== 'dialog') return state;
  const { turn } = state.phase;
  const stopped = note(state, 'interrupted', { activity: 'idle', attention: 'none' });
  if (!turn.visible && state.queued.length === 0) {
    const entries = state.entries.slice(0, lastPrompt(state));
    const composer = { ...state.composer, draft: turn.prompt };
    return { ...toPrompt({ ...stopped, entries }, now), composer };
  }
  const text = 'Interrupted · What should Claude do instead?';
  const settled = state.phase.at === 'dialog' ? refuseCall(stopped) : settleGroup(stopped);
  return toPrompt(append(cutText(settled, now), { kind: 'note', text, alarming: false }), now);
};

const lastPrompt = ({ entries }: AgentState): number =>
  entries.findLastIndex(({ kind }) => kind === 'prompt');

/** Anything but a second Ctrl-C takes the first one back. */
const stayed = (state: AgentState, event: AgentEvent): AgentState => {
  const typed = event.type === 'text' || event.type === 'paste' || event.type === 'key';
  if (state.phase.at !== 'prompt' || !typed) return state;
  if (event.type === 'key' && (event.key === 'ctrl-c' || event.key === 'ctrl-d')) return state;
  return { ...state, phase: { ...state.phase, leaving: false } };
};

const leave = (state: AgentState, phase: Extract<Phase, { at: 'prompt' }>): AgentState => {
  if (state.composer.draft !== '') return { ...state, composer: clearComposer(state.composer) };
  return phase.leaving ? exit(state, 0) : { ...state, phase: { ...phase, leaving: true } };
};

const exit = (state: AgentState, code: number): AgentState => {
  const truth = state.phase.at === 'prompt' && code === 0 ? {} : { activity: 'error' as const };
  return note({ ...state, phase: { at: 'exited', code } }, 'exit', truth, { code });
};

/** Acts on what a key did to a dialog. */
const settle = (state: AgentState, outcome: Outcome, now: number): AgentState => {
  const { phase } = state;
  if (phase.at !== 'dialog' && phase.at !== 'before') return state;
  if (outcome.kind === 'open') return { ...state, phase: { ...phase, dialog: outcome.dialog } };
  if (phase.at === 'before') {
    const refused = outcome.kind === 'cancelled' || outcome.choice === 1;
    if (phase.dialog.form.kind === 'trust' && refused) return exit(state, 1);
    const index = state.script.before.indexOf(phase.dialog.form.kind as 'trust') + 1;
    const truth = { activity: 'complete', attention: 'none' } as const;
    return openBefore(note(state, 'answer', truth), index);
  }
  if (outcome.kind === 'cancelled') return refuse(state, phase.dialog, now);
  return chosen({ ...state, phase: { ...phase, dialog: outcome.dialog } }, outcome, now);
};

const chosen = (
  state: AgentState,
  { choice, dialog }: Extract<Outcome, { kind: 'chosen' }>,
  now: number,
): AgentState => {
  const { form } = dialog;
  if (form.kind === 'question') {
    const given = answersOf(form);
    const lines = form.questions.flatMap(({ question }, i) =>
      given[i] === null ? [] : [`${question} → ${given[i]}`],
    );
    return allowStep(append(state, { kind: 'answers', declined: false, lines }), now);
  }
  if (choice === dialog.choices.length) return refuse(state, dialog, now);
  const accepts = (form.kind === 'edit' || form.kind === 'write') && choice === 2;
  const auto = (form.kind === 'bash' && choice === 3) || (form.kind === 'plan' && choice === 1);
  const mode = accepts ? 'accept-edits' : auto ? 'auto' : state.mode;
  return allowStep({ ...state, mode }, now);
};

const refuse = (state: AgentState, { form }: Dialog, now: number): AgentState => {
  if (form.kind !== 'question') return interrupt(state, now);
  const lines = form.questions.map(
    ({ question, options }) => `${question} (${options.map(({ label }) => label).join(' / ')})`,
  );
  const truth = { activity: 'idle', attention: 'none' } as const;
  const declined = note(
    append(state, { kind: 'answers', declined: true, lines }),
    'declined',
    truth,
  );
  return toPrompt(declined, now);
};

/** The dialogs before the first prompt, one after the other. */
const openBefore = (state: AgentState, index: number): AgentState => {
  const kind = state.script.before[index];
  if (kind === undefined) return toPrompt(state, state.now);
  const form: DialogForm = { kind };
  const dialog = openDialog(form, state.now);
  const opened: AgentState = { ...state, phase: { at: 'before', dialog } };
  const truth = { activity: 'idle', attention: dialog.attention } as const;
  return note(opened, 'dialog', truth, { step: kind });
};
