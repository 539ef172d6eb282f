import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { DialogOption } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';

/** What a person answers with, as the API takes it. */
export type Wanted = ({ choice: string } | { choices: string[] }) & { text?: string };

interface Props {
  session: string;
  options: readonly DialogOption[];
  /** The option that is on its way; null where none is. */
  chosen: string | null;
  /** @param by - the option that was pressed. */
  answer(wanted: Wanted, by: string): void;
}

/** A dialog's own options as buttons; several that can be ticked as boxes, which one of the buttons submits. */
export const DialogOptions = (props: Props) => {
  const { options } = props;
  const ticked = options.filter((option) => option.ticked && !option.takesText);
  const ticks = useSignal<ReadonlySet<string>>(new Set(ticked.map(({ id }) => id)));
  const text = useSignal('');
  return (
    <div class="options">
      {options.map((option) => (
        <Option key={option.id} {...props} option={option} ticks={ticks} text={text} />
      ))}
    </div>
  );
};

interface OptionProps extends Props {
  option: DialogOption;
  ticks: Signal<ReadonlySet<string>>;
  text: Signal<string>;
}

const Option = (props: OptionProps) => {
  const { option, options, ticks, text, answer } = props;
  const { id, label, inTerminal, takesText, ticked } = option;
  if (inTerminal)
    return (
      <p class="hint">
        {ticked === undefined ? '' : ticked ? '☑ ' : '☐ '}
        {plain(label)}: to be answered in its terminal
      </p>
    );
  if (takesText && ticked === undefined) return <OwnAnswer {...props} />;
  if (takesText) return <OwnText {...props} />;
  if (ticked !== undefined) return <TickBox {...props} />;
  const choose = () =>
    answer(isSubmit(option, options) ? submitted(options, ticks, text) : { choice: id }, id);
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

const TickBox = ({ session, option, chosen, ticks }: OptionProps) => (
  <Described option={option}>
    {(description) => (
      <label class="tick">
        <input
          type="checkbox"
          checked={ticks.value.has(option.id)}
          disabled={chosen !== null}
          aria-label={named(session, option)}
          aria-describedby={description}
          onChange={({ currentTarget }) => tick(ticks, option.id, currentTarget.checked)}
        />{' '}
        {plain(option.label)}
      </label>
    )}
  </Described>
);

const tick = (ticks: Signal<ReadonlySet<string>>, id: string, isTicked: boolean): void => {
  const others = [...ticks.peek()].filter((other) => other !== id);
  ticks.value = new Set(isTicked ? [...others, id] : others);
};

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
const OwnText = ({ session, option, chosen, text }: OptionProps) => (
  <input
    type="text"
    class="own"
    maxLength={LONGEST_TEXT}
    value={text.value}
    disabled={chosen !== null}
    placeholder={plain(option.label)}
    aria-label={named(session, option)}
    onInput={({ currentTarget }) => {
      text.value = currentTarget.value;
    }}
  />
);

/** A text of one's own in place of a choice. */
const OwnAnswer = (props: OptionProps) => {
  const { session, option, chosen, text, answer } = props;
  const send = (event: Event): void => {
    event.preventDefault();
    answer({ choice: option.id, text: text.peek().trim() }, option.id);
  };
  return (
    <form class="own" onSubmit={send}>
      <OwnText {...props} />{' '}
      <button
        type="submit"
        disabled={chosen !== null || text.value.trim() === ''}
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

const isSubmit = ({ id }: DialogOption, options: readonly DialogOption[]): boolean =>
  id === 'submit' && options.some(({ ticked }) => ticked !== undefined);

const submitted = (
  options: readonly DialogOption[],
  ticks: Signal<ReadonlySet<string>>,
  text: Signal<string>,
): Wanted => {
  const own = text.peek().trim();
  const field = options.find(({ takesText }) => takesText && own !== '');
  const choices = [...ticks.peek(), ...(field ? [field.id] : [])];
  return { choices, ...(field ? { text: own } : {}) };
};
