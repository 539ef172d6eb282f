import type { Signal } from '@preact/signals';
import type { When } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import { describeEnd, type ToldCommand } from '../monitor/commands.ts';
import { mayAct } from '../monitor/feed.ts';
import { leavesText } from '../monitor/own-commands.ts';
import { ActButton } from './act-button.tsx';
import { Confirm } from './confirm.tsx';
import { whyOff } from './look-only.tsx';
import { ask, bringBack, type Step, send, useWriting, type Writing, write } from './writing.ts';

/** Types a text into the agent, by way of the monitor's queue. */
export const CommandBox = (props: {
  session: string;
  commands: readonly ToldCommand[];
  isGone: boolean;
}) => {
  const { session, commands, isGone } = props;
  const writing = useWriting(session);
  const { text, when, step } = writing;
  const isSending = step.value.at === 'sending' || step.value.at === 'confirming';
  return (
    <section class="command-box" aria-label={`Command to ${plain(session)}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          ask(writing);
        }}
      >
        <Field writing={writing} isGone={isGone} isSending={isSending} />
        <div class="bar">
          <WhenChoice when={when} isOff={isGone || !mayAct.value} />
          <p class="hint" id="command-keys">
            <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> begins a line, <kbd>↑</kbd>{' '}
            brings back
          </p>
          <ActButton
            type="submit"
            class="main send"
            disabled={isGone || isSending || text.value === ''}
          >
            {step.value.at === 'sending' ? 'Sending …' : 'Send'}
          </ActButton>
        </div>
      </form>
      <Outcome step={step.value} commands={commands} />
      {step.value.at === 'confirming' && <ForceQuestion writing={writing} />}
    </section>
  );
};

const Field = (props: { writing: Writing; isGone: boolean; isSending: boolean }) => {
  const { writing, isGone, isSending } = props;
  const { session, text } = writing;
  return (
    <textarea
      data-shortcut="/"
      aria-label={`Command to ${plain(session)}`}
      aria-describedby={whyOff() ?? 'command-keys'}
      placeholder={isGone ? 'The session is gone' : 'Write to the agent'}
      rows={Math.min(12, Math.max(2, text.value.split('\n').length))}
      value={text.value}
      disabled={isGone || !mayAct.value}
      readOnly={isSending}
      onInput={({ currentTarget }) => write(writing, currentTarget.value)}
      onKeyDown={(event) => onKey(event, writing)}
    />
  );
};

const onKey = (event: KeyboardEvent, writing: Writing): void => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.key === 'Enter') {
    event.preventDefault();
    ask(writing);
  } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    const step = event.key === 'ArrowUp' ? -1 : 1;
    const { value, selectionStart } = event.currentTarget as HTMLTextAreaElement;
    if (leavesText(value, selectionStart, step) && bringBack(writing, step)) event.preventDefault();
  }
};

const WhenChoice = ({ when, isOff }: { when: Signal<When>; isOff: boolean }) => (
  <label class="when">
    <span class="muted">When</span>{' '}
    <select
      value={when.value}
      disabled={isOff}
      onChange={({ currentTarget }) => {
        when.value = currentTarget.value as When;
      }}
    >
      {(Object.keys(WHEN_NAMES) as When[]).map((each) => (
        <option key={each} value={each}>
          {WHEN_NAMES[each]}
        </option>
      ))}
    </select>
  </label>
);

const WHEN_NAMES: Record<When, string> = {
  safe: 'safe: not into a dialog or a draft',
  idle: 'idle: once its turn is over',
  now: 'now: even beside a draft',
  force: 'force: whatever it shows',
};

/** What became of what was sent last, as far as the monitor says. */
const Outcome = ({ step, commands }: { step: Step; commands: readonly ToldCommand[] }) => {
  const sent = step.at === 'accepted' ? commands.find(({ id }) => id === step.id) : undefined;
  return (
    <>
      <p class="outcome" role="status">
        {step.at === 'accepted' && <>Accepted{sent && `: ${describeEnd(sent)}`}</>}
      </p>
      {'problem' in step && (
        <p class="problem" role="alert">
          {step.problem}
        </p>
      )}
    </>
  );
};

const ForceQuestion = ({ writing }: { writing: Writing }) => {
  const { session, step } = writing;
  return (
    <Confirm
      title={`Type into ${plain(session)} whatever it shows?`}
      does={`Force it into ${plain(session)}`}
      onAnswer={(isWanted) => {
        step.value = { at: 'writing' };
        if (isWanted) void send(writing);
      }}
    >
      With <i>force</i> the text is typed even if a dialog is open or somebody’s draft stands in the
      input box: it may answer the one, or be sent along with the other.
    </Confirm>
  );
};
