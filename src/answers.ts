/** What the API's callers answer dialogs with: what is meant, and whether that can be done from here. */

import { ChoiceUnknown, DialogStale, NotAnswerable } from '../actors/errors.ts';
import type { AnswerRequest } from '../actors/ports.ts';
import type { CommandAct, Dialog, DialogOption } from '../machines/vocabulary.ts';

export interface Answer {
  /** What is answered, in words. */
  command: string;
  act: CommandAct;
}

/** @throws {DialogStale} {ChoiceUnknown} {NotAnswerable} */
export const answerTo = (
  session: string,
  showing: Dialog | null,
  { dialog, choice, choices, text }: AnswerRequest,
): Answer => {
  const { options } = dialogOf(session, showing, dialog);
  const ids = choices ?? (choice === undefined ? [] : [choice]);
  const wanted = ids.map((id) => optionOf(options, id));
  const locked = wanted.find(({ inTerminal }) => inTerminal);
  if (locked) throw new NotAnswerable(inTerminal(session, `"${locked.label}"`));
  checkText(wanted, text);
  const command = wanted
    .map(({ label, takesText }) => (takesText && text !== undefined ? text : label))
    .join(', ');
  const answer = { action: 'answer', dialog, ...(text === undefined ? {} : { text }) } as const;
  const [first] = wanted;
  if (choices === undefined || (wanted.length === 1 && first?.ticked === undefined)) {
    // What would be submitted with them is not what the caller has seen.
    if (first?.ticked !== undefined || isSubmit(first, options)) throw new ChoiceUnknown(TICKED);
    return { command, act: { ...answer, choice: first?.id ?? '' } };
  }
  const other = wanted.find(({ ticked }) => ticked === undefined);
  if (other)
    throw new ChoiceUnknown(`the option "${other.id}" is not one of several: choose it alone`);
  const submit = submitOf(session, options);
  return {
    command: command || submit.label,
    act: { ...answer, choice: submit.id, ticks: wanted.map(({ id }) => id) },
  };
};

const TICKED =
  'several of these options can be ticked: give all that are wanted as "choices", and they are submitted';

const inTerminal = (session: string, what: string): string =>
  `${what} is to be answered in the terminal of "${session}"`;

const dialogOf = (session: string, showing: Dialog | null, id: string): Dialog => {
  if (showing === null) throw new DialogStale(`"${session}" shows no dialog`);
  if (showing.id === id) return showing;
  throw new DialogStale(`"${session}" shows the dialog ${showing.id}, not ${id}`);
};

const optionOf = (options: readonly DialogOption[], wanted: string): DialogOption => {
  const option = options.find(({ id }) => id === wanted);
  if (option) return option;
  const ids = options.map(({ id }) => id).join(', ');
  throw new ChoiceUnknown(`the dialog has no option "${wanted}"; it has ${ids}`);
};

const checkText = (wanted: readonly DialogOption[], text: string | undefined): void => {
  const field = wanted.find(({ takesText }) => takesText);
  if (field && text === undefined)
    throw new ChoiceUnknown(`the option "${field.id}" takes a text: give it as "text"`);
  if (!field && text !== undefined)
    throw new ChoiceUnknown('none of the chosen options takes a text');
};

const hasTicks = (options: readonly DialogOption[]): boolean =>
  options.some(({ ticked }) => ticked !== undefined);

/** What is ticked is submitted by an option of its own. */
const isSubmit = (option: DialogOption | undefined, options: readonly DialogOption[]): boolean =>
  option?.id === 'submit' && hasTicks(options);

const submitOf = (session: string, options: readonly DialogOption[]): DialogOption => {
  const submit = options.find((option) => isSubmit(option, options));
  if (!hasTicks(options))
    throw new ChoiceUnknown('one of these options can be chosen: give it as "choice"');
  if (submit) return submit;
  throw new NotAnswerable(inTerminal(session, 'a question with several answers'));
};
