/** The dialogs: how they open, and what a key does to them. */

import type { Question, Step } from './script.ts';
import type { AgentState, Choice, Dialog, DialogForm } from './state.ts';
import { drawMs } from './state.ts';

/** What a key did: the dialog goes on, a choice was made (counted from 1), or it was cancelled. */
export type Outcome =
  | { kind: 'open'; dialog: Dialog }
  | { kind: 'chosen'; choice: number; dialog: Dialog }
  | { kind: 'cancelled' };

/** The dialog a step opens before it runs, or null where it asks nobody. */
export const dialogFor = (
  state: AgentState,
  step: Step,
  now: number,
): [Dialog | null, AgentState] => {
  if (!('ask' in step) || step.ask === false) return [null, state];
  const form = formFor(step);
  if (form === null || (state.mode === 'accept-edits' && isEdit(form))) return [null, state];
  const dialog = openDialog(form, now);
  if (step.ask === true || state.stepped) return [dialog, state];
  const [ms, drawn] = drawMs(state, step.ask.answerAfterMs);
  return [{ ...dialog, answer: { at: now + ms, choice: step.ask.choice } }, drawn];
};

export const openDialog = (form: DialogForm, now: number): Dialog => ({
  attention: attentionOf(form),
  form,
  choices: choicesOf(form),
  cursor: form.kind === 'api-key' ? 1 : 0,
  openedAt: now,
  answer: null,
});

/** A named key, or one typed character. */
export const pressKey = (dialog: Dialog, key: string): Outcome => {
  const typed = dialog.form.kind === 'question' ? dialog.form.typed : null;
  if (typed !== null) return typeAnswer(dialog, typed, key);
  if (key === 'escape') return { kind: 'cancelled' };
  if (key === 'up') return open({ ...dialog, cursor: Math.max(0, dialog.cursor - 1) });
  if (key === 'down') {
    return open({ ...dialog, cursor: Math.min(dialog.choices.length - 1, dialog.cursor + 1) });
  }
  if (key === 'tab' && dialog.form.kind === 'question') {
    return showQuestion(dialog, dialog.form.at + 1);
  }
  const index =
    key === 'enter' ? dialog.cursor : dialog.choices.findIndex((choice) => choice.key === key);
  return index < 0 ? open(dialog) : choose(dialog, index);
};

/** Chooses as Enter would with the cursor there. */
export const choose = (dialog: Dialog, index: number): Outcome => {
  const at = { ...dialog, cursor: index };
  const choice = at.choices[index];
  if (choice === undefined) return open(dialog);
  if (at.form.kind !== 'question') return { kind: 'chosen', choice: index + 1, dialog: at };
  if (choice.label === CHAT) return { kind: 'cancelled' };
  if (choice.label === TYPE) return open({ ...at, form: { ...at.form, typed: '' } });
  if (choice.label === TYPE_TOO) return open(at);
  if (choice.checked === undefined) return answerQuestion(at, answerOf(at, choice));
  const choices = at.choices.map((other, i) =>
    i === index ? { ...other, checked: !choice.checked } : other,
  );
  return open({ ...at, choices });
};

const open = (dialog: Dialog): Outcome => ({ kind: 'open', dialog });

const answerOf = (dialog: Dialog, choice: Choice): string =>
  choice.label === SUBMIT
    ? dialog.choices
        .filter(({ checked }) => checked === true)
        .map(({ label }) => label)
        .join(', ')
    : choice.label;

/** The next open question follows; when all are answered the dialog is. */
const answerQuestion = (dialog: Dialog, answer: string): Outcome => {
  if (dialog.form.kind !== 'question') return open(dialog);
  const answers = dialog.form.answers.with(dialog.form.at, answer);
  const form = { ...dialog.form, answers, typed: null };
  const next = answers.indexOf(null);
  return next < 0
    ? { kind: 'chosen', choice: dialog.cursor + 1, dialog: { ...dialog, form } }
    : showQuestion({ ...dialog, form }, next);
};

const showQuestion = (dialog: Dialog, at: number): Outcome => {
  const question = dialog.form.kind === 'question' ? dialog.form.questions[at] : undefined;
  if (dialog.form.kind !== 'question' || question === undefined) return open(dialog);
  const form = { ...dialog.form, at };
  return open({ ...dialog, form, choices: questionChoices(question), cursor: 0 });
};

const typeAnswer = (dialog: Dialog, typed: string, key: string): Outcome => {
  if (dialog.form.kind !== 'question') return open(dialog);
  if (key === 'enter') return typed === '' ? open(dialog) : answerQuestion(dialog, typed);
  const text =
    key === 'backspace' ? typed.slice(0, -1) : typed + ([...key].length === 1 ? key : '');
  return open({ ...dialog, form: { ...dialog.form, typed: key === 'escape' ? null : text } });
};

const formFor = (step: Step): DialogForm | null => {
  switch (step.step) {
    case 'edit':
      return { kind: 'edit', file: step.file, diff: step.diff, line: step.line };
    case 'write':
      return { kind: 'write', file: step.file, lines: step.lines };
    case 'bash':
      return { kind: 'bash', command: step.command, description: step.description ?? '' };
    case 'fetch':
      return { kind: 'fetch', url: step.url };
    case 'plan':
      return { kind: 'plan', text: step.text };
    case 'question':
      return {
        kind: 'question',
        questions: step.questions,
        at: 0,
        answers: step.questions.map(() => null),
        typed: null,
      };
    default:
      return null;
  }
};

const isEdit = (form: DialogForm): boolean => form.kind === 'edit' || form.kind === 'write';

const attentionOf = ({ kind }: DialogForm): Dialog['attention'] => {
  if (kind === 'question') return 'question';
  if (kind === 'trust') return 'trust';
  return kind === 'api-key' ? 'login' : 'approval';
};

const choicesOf = (form: DialogForm): Choice[] => {
  switch (form.kind) {
    case 'edit':
    case 'write':
      return numbered('Yes', ACCEPT_EDITS, 'No');
    case 'bash':
      return numbered(
        'Yes',
        `Yes, and don’t ask again for: ${prefixOf(form.command)} *`,
        AUTO,
        'No',
      );
    case 'fetch':
      return numbered(
        'Yes',
        `Yes, and don’t ask again for ${new URL(form.url).host}`,
        'No, and tell Claude what to do differently',
      );
    case 'plan':
      return numbered('Yes, and switch to auto mode', 'Yes, manually approve edits', KEEP_PLANNING);
    case 'question': {
      const question = form.questions[form.at];
      return question === undefined ? [] : questionChoices(question);
    }
    case 'trust':
      return unnumbered('No, exit', 'Yes, I trust this folder');
    case 'api-key':
      return unnumbered('Yes', 'No (recommended)');
  }
};

const questionChoices = ({ options, multi }: Question): Choice[] => {
  const ticks = multi ? { checked: false } : {};
  const choices: Choice[] = options.map((option, i) => ({ ...option, ...ticks, key: `${i + 1}` }));
  const next = options.length + 1;
  const typing = { label: multi ? TYPE_TOO : TYPE, ...ticks, key: `${next}` };
  const submit = multi ? [{ label: SUBMIT, key: null }] : [];
  return [...choices, typing, ...submit, { label: CHAT, key: `${next + 1}` }];
};

const numbered = (...labels: string[]): Choice[] =>
  labels.map((label, i) => ({ label, key: String(i + 1) }));

const unnumbered = (...labels: string[]): Choice[] => labels.map((label) => ({ label, key: null }));

/** `npm test` of `sleep 8; npm test`: the last command's first two words. */
const prefixOf = (command: string): string =>
  (command.split(/[;&|]+/).at(-1) ?? command).trim().split(/\s+/).slice(0, 2).join(' ');

const ACCEPT_EDITS =
  'Yes, and switch to accept edits (auto-approve file edits and common file commands) for this session (shift+tab)';
const AUTO = 'Yes, and switch to auto mode · auto mode handles these prompts for you';
const KEEP_PLANNING = 'No, keep planning';
const TYPE = 'Type something.';
/** Beside ticks, where it is only drawn. */
const TYPE_TOO = 'Type something';
const CHAT = 'Chat about this';
const SUBMIT = 'Submit';
