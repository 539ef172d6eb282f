/** What keys do to questions: options, ticks, texts of one's own, and the page on which all is reviewed. */

import type { Choice, Dialog, Outcome, QuestionForm } from './state.ts';

export const pressInQuestion = (dialog: Dialog, form: QuestionForm, key: string): Outcome => {
  if (key === 'escape') return { kind: 'cancelled' };
  if (key === 'up' || key === 'down') return open(moved(dialog, key));
  if (key === 'tab') return isSeveral(form) ? open(shown(dialog, form, form.at + 1)) : open(dialog);
  if (key === 'enter') return enterInQuestion(dialog, form);
  if (isWriting(dialog, form)) return open(written(dialog, form, key));
  if (key === ' ')
    return isTicking(form) ? open(ticked(dialog, form, dialog.cursor)) : open(dialog);
  const index = dialog.choices.findIndex((choice) => choice.key === key);
  if (index < 0) return open(dialog);
  // A number ticks its option and leaves the cursor where it is; of the text it begins the writing.
  if (dialog.choices[index]?.checked !== undefined) return open(ticked(dialog, form, index));
  const at = { ...dialog, cursor: index };
  return isWriting(at, form) ? open(at) : enterInQuestion(at, form);
};

/** Answers with the option under the cursor; of several, with that one alone. */
export const chooseInQuestion = (dialog: Dialog, form: QuestionForm): Outcome => {
  if (dialog.choices[dialog.cursor]?.checked === undefined) return enterInQuestion(dialog, form);
  const only = ticked(dialog, { ...form, ticked: form.ticked.with(form.at, []) }, dialog.cursor);
  return open(shown(only, only.form as QuestionForm, form.at + 1));
};

/** Enter, where the cursor stands. */
const enterInQuestion = (dialog: Dialog, form: QuestionForm): Outcome => {
  const { cursor, choices } = dialog;
  const choice = choices[cursor];
  if (choice === undefined) return open(dialog);
  if (form.at === form.questions.length)
    return cursor === 0 ? { kind: 'chosen', choice: 1, dialog } : { kind: 'cancelled' };
  if (choice.label === CHAT) return { kind: 'cancelled' };
  if (choice.checked !== undefined) return open(ticked(dialog, form, cursor));
  if (isTicking(form)) return open(shown(dialog, form, form.at + 1));
  const own = isWriting(dialog, form) ? (form.own[form.at] ?? '') : choice.label;
  return own === '' ? open(dialog) : answered(dialog, form, own);
};

export const moved = (dialog: Dialog, key: 'up' | 'down'): Dialog => {
  const cursor = dialog.cursor + (key === 'up' ? -1 : 1);
  return { ...dialog, cursor: Math.min(dialog.choices.length - 1, Math.max(0, cursor)) };
};

export const questionChoices = (form: QuestionForm): Choice[] => {
  const question = form.questions[form.at];
  if (question === undefined) return REVIEW.map((label, i) => ({ label, key: `${i + 1}` }));
  const { options, multi } = question;
  const own = form.own[form.at] || (multi ? TYPE_TOO : TYPE);
  const ticks = form.ticked[form.at] ?? [];
  const choices = [...options, { label: own }].map((option, i) => ({
    ...option,
    ...(multi ? { checked: ticks.includes(i) } : {}),
    key: `${i + 1}`,
  }));
  const isLast = form.at === form.questions.length - 1;
  const submit = multi ? [{ label: isLast ? 'Submit' : 'Next', key: null }] : [];
  return [...choices, ...submit, { label: CHAT, key: `${options.length + 2}` }];
};

/** What was answered so far, question by question; null where nothing was. */
export const answersOf = ({ questions, answers, ticked, own }: QuestionForm): (string | null)[] =>
  questions.map(({ options, multi }, at) => {
    if (!multi) return answers[at] ?? null;
    const labels = [...options.map(({ label }) => label), own[at] ?? ''];
    const chosen = labels.filter((label, i) => label !== '' && ticked[at]?.includes(i));
    return chosen.length === 0 ? null : chosen.join(', ');
  });

/** The cursor stands where a text goes, or right below it. */
export const offersEditor = (dialog: Dialog, form: QuestionForm): boolean =>
  isWriting(dialog, form) || dialog.choices[dialog.cursor]?.key === null;

/** There is more than one thing to be answered before the end. */
export const isSeveral = ({ questions }: QuestionForm): boolean =>
  questions.length > 1 || questions.some(({ multi }) => multi);

/** Characters go into the text. */
export const isWriting = ({ cursor }: Dialog, { questions, at }: QuestionForm): boolean =>
  questions[at] !== undefined && cursor === questions[at].options.length;

const open = (dialog: Dialog): Outcome => ({ kind: 'open', dialog });

const isTicking = ({ questions, at }: QuestionForm): boolean => questions[at]?.multi ?? false;

const withForm = (dialog: Dialog, form: QuestionForm): Dialog => ({
  ...dialog,
  form,
  choices: questionChoices(form),
});

const shown = (dialog: Dialog, form: QuestionForm, at: number): Dialog =>
  at > form.questions.length ? dialog : { ...withForm(dialog, { ...form, at }), cursor: 0 };

const ticked = (dialog: Dialog, form: QuestionForm, index: number): Dialog => {
  const ticks = form.ticked[form.at] ?? [];
  const next = ticks.includes(index) ? ticks.filter((each) => each !== index) : [...ticks, index];
  return withForm(dialog, { ...form, ticked: form.ticked.with(form.at, next) });
};

/** What is written is ticked, where ticks are. */
const written = (dialog: Dialog, form: QuestionForm, key: string): Dialog => {
  const before = form.own[form.at] ?? '';
  const typed = [...key].length === 1 ? before + key : before;
  const own = key === 'backspace' ? before.slice(0, -1) : typed;
  const next = withForm(dialog, { ...form, own: form.own.with(form.at, own) });
  const isTicked = form.ticked[form.at]?.includes(dialog.cursor) ?? false;
  return isTicking(form) && own !== before && !isTicked
    ? ticked(next, next.form as QuestionForm, dialog.cursor)
    : next;
};

/** The next question follows; after the last of several they are reviewed. */
const answered = (dialog: Dialog, form: QuestionForm, answer: string): Outcome => {
  const next = { ...form, answers: form.answers.with(form.at, answer) };
  return isSeveral(form)
    ? open(shown(dialog, next, form.at + 1))
    : { kind: 'chosen', choice: dialog.cursor + 1, dialog: { ...dialog, form: next } };
};

const REVIEW = ['Submit answers', 'Cancel'];
const TYPE = 'Type something.';
const TYPE_TOO = 'Type something';
const CHAT = 'Chat about this';
