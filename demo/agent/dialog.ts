/** The dialogs: how they open, and what a key does to them. */

import { chooseInQuestion, moved, pressInQuestion, questionChoices } from './question.ts';
import type { Step } from './script.ts';
import type { AgentState, Choice, Dialog, DialogForm, Outcome } from './state.ts';
import { drawMs } from './state.ts';

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
  if (dialog.form.kind === 'question') return pressInQuestion(dialog, dialog.form, key);
  if (key === 'escape') return { kind: 'cancelled' };
  if (key === 'up' || key === 'down') return open(moved(dialog, key));
  const index =
    key === 'enter' ? dialog.cursor : dialog.choices.findIndex((choice) => choice.key === key);
  return index < 0 ? open(dialog) : choose(dialog, index);
};

/** Chooses as a person would; of several, this one alone. */
export const choose = (dialog: Dialog, index: number): Outcome => {
  const at = { ...dialog, cursor: index };
  if (at.choices[index] === undefined) return open(dialog);
  return at.form.kind === 'question'
    ? chooseInQuestion(at, at.form)
    : { kind: 'chosen', choice: index + 1, dialog: at };
};

const open = (dialog: Dialog): Outcome => ({ kind: 'open', dialog });

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
        ticked: step.questions.map(() => []),
        own: step.questions.map(() => ''),
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
    case 'question':
      return questionChoices(form);
    case 'trust':
      return unnumbered('No, exit', 'Yes, I trust this folder');
    case 'api-key':
      return unnumbered('Yes', 'No (recommended)');
  }
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
