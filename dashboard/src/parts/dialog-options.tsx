import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Dialog, DialogOption } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import { isTicked, type OwnAnswer, withTick } from '../monitor/own-answers.ts';
import { submitted, useOwnAnswer, type Wanted } from './answering.ts';

interface Props {
  session: string;
  dialog: Dialog;
  /** The option that is on its way; null where none is. */
  chosen: string | null;
  /** @param by - the option that was pressed. */
  answer(wanted: Wanted, by: string): void;
}

/** A dialog's own options as buttons; several that can be ticked as boxes, which one of the buttons submits. */
export const DialogOptions = (props: Props) => {
  const { session, dialog } = props;
  const own = useOwnAnswer(session, dialog);
  return (
    <div class="options">
      {dialog.options.map((option) => (
        <Option key={option.id} {...props} option={option} own={own} />
      ))}
    </div>
  );
};

interface OptionProps extends Props {
  option: DialogOption;
  own: Signal<OwnAnswer>;
}

const Option = (props: OptionProps) => {
  const { option, dialog, own, answer } = props;
  const { id, label, inTerminal, takesText, ticked } = option;
  if (inTerminal)
    return (
      <p class="hint">
        {ticked === undefined ? '' : ticked ? '☑ ' : '☐ '}
        {plain(label)}: to be answered in its terminal
      </p>
    );
  if (takesText && ticked === undefined) return <TextAnswer {...props} />;
  if (takesText) return <TextField {...props} />;
  if (ticked !== undefined) return <TickBox {...props} />;
  const choose = () =>
    answer(isSubmit(option, dialog) ? submitted(dialog.options, own.peek()) : { choice: id }, id);
  return <Choice {...props} choose={choose} />;
};

const Choice = ({ session, option, chosen, choose }: OptionProps & { choose: () => void }) => (
  <Described option={option}>
    {(description) => (
      <button
        type="button"
        class={option.preselected || option.id === 'submit' ? 'main' : ''}
        disabled={chosen !== null}
        aria-label={named(session, option)}
        aria-describedby={description}
        onClick={choose}
      >
        {plain(option.label)}
        {chosen === option.id && ' …'}
      </button>
    )}
  </Described>
);

const TickBox = ({ session, option, chosen, own }: OptionProps) => (
  <Described option={option}>
    {(description) => (
      <label class="tick">
        <input
          type="checkbox"
          checked={isTicked(own.value, option)}
          disabled={chosen !== null}
          aria-label={named(session, option)}
          aria-describedby={description}
          onChange={({ currentTarget }) => {
            own.value = withTick(own.peek(), option, currentTarget.checked);
          }}
        />{' '}
        {plain(option.label)}
      </label>
    )}
  </Described>
);

/** The option, and below it what the agent says of it. */
const Described = ({
  option: { ticked, description },
  children,
}: {
  option: DialogOption;
  children: (description: string | undefined) => ComponentChildren;
}) => {
  const id = useId();
  return (
    <div class={ticked === undefined ? 'option' : 'option ticking'}>
      {children(description === undefined ? undefined : id)}
      {description !== undefined && <small id={id}>{plain(description)}</small>}
    </div>
  );
};

/** A text of one's own beside the ticks: it is ticked with what stands there. */
const TextField = ({ session, option, chosen, own }: OptionProps) => (
  <input
    type="text"
    class="own"
    maxLength={LONGEST_TEXT}
    value={own.value.text}
    disabled={chosen !== null}
    placeholder={plain(option.label)}
    aria-label={named(session, option)}
    onInput={({ currentTarget }) => {
      own.value = { ...own.peek(), text: currentTarget.value };
    }}
  />
);

/** A text of one's own in place of a choice. */
const TextAnswer = (props: OptionProps) => {
  const { session, option, chosen, own, answer } = props;
  const send = (event: Event): void => {
    event.preventDefault();
    answer({ choice: option.id, text: own.peek().text.trim() }, option.id);
  };
  return (
    <form class="own" onSubmit={send}>
      <TextField {...props} />{' '}
      <button
        type="submit"
        disabled={chosen !== null || own.value.text.trim() === ''}
        aria-label={`Answer with this text (${plain(session)})`}
      >
        Answer{chosen === option.id && ' …'}
      </button>
    </form>
  );
};

const named = (session: string, { label }: DialogOption): string =>
  `${plain(label)} (${plain(session)})`;

/** As the API takes them. */
const LONGEST_TEXT = 500;

const isSubmit = ({ id }: DialogOption, { options }: Dialog): boolean =>
  id === 'submit' && options.some(({ ticked }) => ticked !== undefined);
