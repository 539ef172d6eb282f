import { describe, expect, it } from 'vitest';
import { ChoiceUnknown, DialogStale, NotAnswerable } from '../../actors/errors.ts';
import type { AnswerRequest } from '../../actors/ports.ts';
import type { Dialog, DialogOption } from '../../machines/vocabulary.ts';
import { answerTo } from '../../src/answers.ts';

const option = (id: string, label: string, more: Partial<DialogOption> = {}): DialogOption => ({
  ...{ id, label, key: null, preselected: false },
  ...more,
});
const dialogOf = (...options: DialogOption[]): Dialog => ({
  ...{ id: 'd1', attention: 'question', question: 'Which?', options, since: 0 },
});
const ONE = dialogOf(
  option('1', 'Array'),
  option('2', 'Type something.', { takesText: true }),
  option('3', 'theirs', { inTerminal: true }),
);
const SEVERAL = dialogOf(
  option('1', 'Types', { ticked: true }),
  option('2', 'Docs', { ticked: false }),
  option('3', 'Type something', { ticked: false, takesText: true }),
  option('submit', 'Submit'),
  option('4', 'Chat about this'),
);
const answer = (showing: Dialog | null, wanted: Partial<AnswerRequest>) =>
  answerTo('shop-api', showing, { dialog: 'd1', ...wanted });

describe('an answer', () => {
  it.each([
    { showing: ONE, wanted: { choice: '1' }, command: 'Array', act: { choice: '1' } },
    { showing: ONE, wanted: { choices: ['1'] }, command: 'Array', act: { choice: '1' } },
    {
      ...{ showing: ONE, wanted: { choice: '2', text: 'a stream' } },
      ...{ command: 'a stream', act: { choice: '2', text: 'a stream' } },
    },
    {
      ...{ showing: SEVERAL, wanted: { choices: ['2'] } },
      ...{ command: 'Docs', act: { choice: 'submit', ticks: ['2'] } },
    },
    {
      ...{ showing: SEVERAL, wanted: { choices: ['1', '3'], text: 'mine' } },
      ...{ command: 'Types, mine', act: { choice: 'submit', ticks: ['1', '3'], text: 'mine' } },
    },
    {
      ...{ showing: SEVERAL, wanted: { choices: [] } },
      ...{ command: 'Submit', act: { choice: 'submit', ticks: [] } },
    },
    { showing: SEVERAL, wanted: { choice: '4' }, command: 'Chat about this', act: { choice: '4' } },
  ])('of $wanted is $command', ({ showing, wanted, command, act }) => {
    const whole = { action: 'answer', dialog: 'd1', ...act };
    expect(answer(showing, wanted)).toEqual({ command, act: whole });
  });

  it.each([
    { showing: null, wanted: { choice: '1' }, error: DialogStale, told: 'shows no dialog' },
    { wanted: { dialog: 'd2', choice: '1' }, error: DialogStale, told: 'the dialog d1, not d2' },
    { wanted: { choice: '9' }, error: ChoiceUnknown, told: 'it has 1, 2, 3' },
    { wanted: { choice: '2' }, error: ChoiceUnknown, told: 'takes a text' },
    { wanted: { choice: '1', text: 'x' }, error: ChoiceUnknown, told: 'none of the chosen' },
    { wanted: { choice: '3' }, error: NotAnswerable, told: 'in the terminal of "shop-api"' },
    { wanted: { choices: [] }, error: ChoiceUnknown, told: 'give it as "choice"' },
    { showing: SEVERAL, wanted: { choice: '1' }, error: ChoiceUnknown, told: 'as "choices"' },
    { showing: SEVERAL, wanted: { choice: 'submit' }, error: ChoiceUnknown, told: 'as "choices"' },
    { showing: SEVERAL, wanted: { choices: ['submit'] }, error: ChoiceUnknown, told: 'all that' },
    { showing: SEVERAL, wanted: { choices: ['3'] }, error: ChoiceUnknown, told: 'takes a text' },
    { showing: SEVERAL, wanted: { choices: ['1', '4'] }, error: ChoiceUnknown, told: 'alone' },
    {
      ...{ showing: dialogOf(option('1', 'A', { ticked: true })), wanted: { choices: ['1'] } },
      ...{ error: NotAnswerable, told: 'a question with several answers' },
    },
  ])('of $wanted is refused: $told', ({ showing = ONE, wanted, error, told }) => {
    expect(() => answer(showing, wanted)).toThrow(error);
    expect(() => answer(showing, wanted)).toThrow(told);
  });
});
