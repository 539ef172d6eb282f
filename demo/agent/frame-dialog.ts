/** The dialogs as the real one draws them. */

import { todoLine } from './frame-spinner.ts';
import { digitsOf, numberDiff, numberedLines } from './frame-transcript.ts';
import type { Line } from './line.ts';
import { span, wrap } from './line.ts';
import { BLUE, FAINT, GREY, YELLOW } from './palette.ts';
import { answersOf, isSeveral, offersEditor } from './question.ts';
import type { AgentTodo } from './script.ts';
import type { AgentState, Choice, Dialog, DialogForm, QuestionForm } from './state.ts';

/**
 * The dialog with the rule above it. One that is taller than the screen loses its top, and says
 * so in the row above its last lines.
 */
export const dialogLines = (
  dialog: Dialog,
  state: AgentState,
  width: number,
  height: number,
): Line[] => {
  const body = bodyOf(dialog, state, width);
  const foot = footOf(dialog, state);
  const hidden = body.length + 1 + foot.length - height;
  const joint = hidden > 0 ? [span(` ↑ ${hidden} more lines`, YELLOW)] : [];
  const lines = [...body, joint, ...foot];
  return hidden > 0 ? lines.slice(hidden) : lines;
};

const bodyOf = (dialog: Dialog, state: AgentState, width: number): Line[] => {
  const { form } = dialog;
  switch (form.kind) {
    case 'edit': {
      const rows = numberDiff(form.diff, form.line);
      const content = numberedLines(rows, digitsOf(rows), 0, width);
      return framed(
        dialog,
        'Edit file',
        form.file,
        content,
        `make this edit to ${nameOf(form.file)}`,
        width,
      );
    }
    case 'write': {
      const rows = form.lines.map((text, i) => ({ number: i + 1, marker: '', text }));
      const content = numberedLines(rows, digitsOf(rows), 1, width);
      return framed(
        dialog,
        'Create file',
        form.file,
        content,
        `create ${nameOf(form.file)}`,
        width,
      );
    }
    case 'bash':
      return bashBody(form, dialog, width);
    case 'fetch':
      return fetchBody(form, dialog, width);
    case 'plan':
      return planBody(form, dialog, width);
    case 'question':
      return questionBody(form, dialog, width);
    case 'trust':
      return trustBody(dialog, state, width);
    case 'api-key':
      return apiKeyBody(dialog, width);
  }
};

const footOf = (dialog: Dialog, { todos }: AgentState): Line[] => {
  const { form } = dialog;
  if (form.kind === 'trust') return [[span(' Enter to confirm · Esc to cancel', GREY)]];
  if (form.kind === 'api-key') return [[span('  Enter to confirm · Esc to cancel', GREY)]];
  if (form.kind === 'question') {
    if (form.at === form.questions.length) return [];
    const move = form.questions.length > 1 ? 'Tab/Arrow keys' : '↑/↓';
    const edit = offersEditor(dialog, form) ? ' · ctrl+g to edit in Vim' : '';
    return [[span(`Enter to select · ${move} to navigate${edit} · Esc to cancel`, GREY)]];
  }
  return [[span(' Esc to cancel · Tab to amend', GREY)], ...taskLines(todos)];
};

const taskLines = (todos: AgentTodo[]): Line[] => {
  if (todos.length === 0) return [];
  const done = todos.filter(({ status }) => status === 'done').length;
  const running = todos.filter(({ status }) => status === 'in-progress').length;
  const count = `  ${done}/${todos.length} tasks done${running > 0 ? ` · ${running} in progress` : ''}`;
  return [[], [span(count, GREY)], ...todos.map((todo) => [span('  '), ...todoLine(todo)])];
};

const framed = (
  dialog: Dialog,
  title: string,
  file: string,
  content: Line[],
  deed: string,
  width: number,
): Line[] => [
  rule(width),
  [span(` ${title}`, TITLE)],
  [span(` ${file}`, GREY)],
  dashes(width),
  ...content,
  dashes(width),
  [span(` Do you want to ${deed}?`)],
  ...choiceLines(dialog, width),
];

const bashBody = (form: Extract<DialogForm, { kind: 'bash' }>, dialog: Dialog, width: number) => [
  rule(width),
  [span(' Bash command', TITLE)],
  ...wrap([span(BASH_TIP, { bold: true })], width, 1),
  ...(form.description === '' ? [] : wrap([span(` ${form.description}`, GREY)], width, 1)),
  dashes(width),
  ...form.command.split('\n').flatMap((line) => wrap([span(` ${line}`)], width, 1)),
  dashes(width),
  [span(' This command requires approval')],
  [],
  [span(' Do you want to proceed?')],
  ...choiceLines(dialog, width),
];

const fetchBody = (form: Extract<DialogForm, { kind: 'fetch' }>, dialog: Dialog, width: number) => [
  rule(width),
  [span(' Fetch', TITLE)],
  [],
  ...wrap([span(`   ${form.url}`)], width, 3),
  [span(`   Claude wants to fetch content from ${new URL(form.url).host}`, GREY)],
  [],
  [span(' Do you want to allow Claude to fetch this content?')],
  ...choiceLines(dialog, width),
];

const planBody = (form: Extract<DialogForm, { kind: 'plan' }>, dialog: Dialog, width: number) => [
  rule(width),
  [span(' Ready to code?', TITLE)],
  [],
  [span(" Here is Claude's plan:")],
  dashes(width),
  ...form.text.split('\n').flatMap((line) => wrap([span(` ${line}`)], width, 1)),
  dashes(width),
  [],
  [span(' Would you like to proceed?')],
  [],
  ...choiceLines(dialog, width),
];

const questionBody = (form: QuestionForm, dialog: Dialog, width: number): Line[] => {
  const question = form.questions[form.at];
  const asked =
    question === undefined
      ? reviewLines(form, width)
      : [...wrap([span(question.question, { bold: true })], width), []];
  const chat = question === undefined ? -1 : dialog.choices.length - 1;
  const rows = dialog.choices.flatMap((choice, i) => [
    ...(i === chat ? [[span('─'.repeat(width), GREY)]] : []),
    ...questionChoice(choice, i === dialog.cursor, width),
  ]);
  return [[span('─'.repeat(width), GREY)], tabsOf(form), [], ...asked, ...rows];
};

const tabsOf = (form: QuestionForm): Line => {
  const answers = answersOf(form);
  const tabs = form.questions.map(({ header }, i) =>
    span(` ${answers[i] === null ? '☐' : '☒'} ${header} `, i === form.at ? TAB : {}),
  );
  return isSeveral(form) ? [span('← '), ...tabs, span(' ✔ Submit  →')] : tabs;
};

const reviewLines = (form: QuestionForm, width: number): Line[] => {
  const answers = answersOf(form);
  const given = form.questions.flatMap(({ question }, i) =>
    answers[i] === null
      ? []
      : [
          ...wrap([span(` ● ${question}`)], width, 3),
          ...wrap([span(`   → ${answers[i]}`)], width, 5),
        ],
  );
  const warning = answers.includes(null)
    ? [[span('⚠ Some questions are unanswered', YELLOW)], []]
    : [];
  return [[span('Review your answers', { bold: true })], [], ...warning, ...given, []];
};

const questionChoice = (choice: Choice, here: boolean, width: number) => {
  const mark = span(here ? '❯ ' : '  ', BLUE);
  const tick = choice.checked === undefined ? '' : choice.checked ? '[✔] ' : '[ ] ';
  const number = choice.key === null ? '   ' : `${choice.key}. `;
  const indent = 5 + tick.length;
  return [
    ...wrap(
      [mark, span(number, GREY), span(tick), span(choice.label, here ? BLUE : {})],
      width,
      indent,
    ),
    ...(choice.description === undefined
      ? []
      : wrap([span(`${' '.repeat(indent)}${choice.description}`, GREY)], width, indent)),
  ];
};

const trustBody = (dialog: Dialog, { folder }: AgentState, width: number): Line[] => [
  [],
  [span('─'.repeat(width), YELLOW)],
  [span(' Accessing workspace:', { ...YELLOW, bold: true })],
  [],
  [span(` ${folder}`, { bold: true })],
  [],
  ...wrap([span(TRUST_TEXT)], width - 1, 1),
  [],
  [span(" Claude Code'll be able to read, edit, and execute files here.")],
  [],
  [span(' Security guide', GREY)],
  [],
  ...choiceLines(dialog, width),
];

const apiKeyBody = (dialog: Dialog, width: number): Line[] => [
  [],
  [span('─'.repeat(width), YELLOW)],
  [span('  Detected a custom API key in your environment', { ...YELLOW, bold: true })],
  [],
  [span('  ANTHROPIC_API_KEY: sk-ant-...00000000000000000000')],
  [],
  [span('  Do you want to use this API key?')],
  [],
  ...choiceLines(dialog, width).map((line) => [span(' '), ...line]),
];

const choiceLines = ({ choices, cursor }: Dialog, width: number): Line[] =>
  choices.flatMap(({ key, label }, i) => {
    const here = i === cursor;
    const number = key === null ? '' : `${key}. `;
    const head = [span(here ? ' ❯ ' : '   ', BLUE), span(number, GREY)];
    return wrap([...head, span(label, here ? BLUE : {})], width, 3 + number.length);
  });

const rule = (width: number): Line => [span('─'.repeat(width), BLUE)];

const dashes = (width: number): Line => [span('╌'.repeat(width), FAINT)];

const nameOf = (file: string): string => file.split('/').at(-1) ?? file;

const TITLE = { ...BLUE, bold: true };
const TAB = { fg: 16, bg: 153 };
const BASH_TIP =
  ' Tip: auto mode handles these prompts for you — choose "switch to auto mode" below';
const TRUST_TEXT =
  ' Quick safety check: Is this a project you created or one you trust? (Like your own code, a well-known open source project, or work from your team). If not, take a moment to review what\u0027s in this folder first.';
