import { type Signal, signal, useSignal } from '@preact/signals';
import type { When } from '../../../machines/vocabulary.ts';
import { agentPath, Problem, postOnce } from '../monitor/api.ts';
import { describeEnd, type ToldCommand } from '../monitor/commands.ts';
import { leavesText, type Recall, readSent, recall, withSent } from '../monitor/own-commands.ts';
import { Confirm } from './confirm.tsx';

/** What is being written to each session: it outlives a look at another page. */
const drafts = new Map<string, Signal<string>>();

const draftOf = (session: string): Signal<string> => {
  const draft = drafts.get(session) ?? signal('');
  drafts.set(session, draft);
  return draft;
};

interface Writing {
  session: string;
  text: Signal<string>;
  when: Signal<When>;
  step: Signal<Step>;
  /** Where the arrow keys have led to; null at what is being written. */
  recalled: Signal<Recall | null>;
}

type Step =
  | { at: 'writing' }
  | { at: 'confirming' }
  | { at: 'sending' }
  /** It is on the monitor's disk. */
  | { at: 'accepted'; id: string }
  | { at: 'refused'; problem: string };

/** Types a text into the agent, by way of the monitor's queue. */
export const CommandBox = (props: {
  session: string;
  commands: readonly ToldCommand[];
  isGone: boolean;
}) => {
  const { session, commands, isGone } = props;
  const writing: Writing = {
    ...{ session, text: draftOf(session), when: useSignal<When>('safe') },
    ...{ step: useSignal<Step>({ at: 'writing' }), recalled: useSignal<Recall | null>(null) },
  };
  const { text, when, step } = writing;
  const isSending = step.value.at === 'sending' || step.value.at === 'confirming';
  return (
    <section class="command-box" aria-label={`Command to ${session}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          ask(writing);
        }}
      >
        <textarea
          data-shortcut="/"
          aria-label={`Command to ${session}`}
          aria-describedby="command-keys"
          placeholder={isGone ? 'The session is gone' : 'Write to the agent'}
          rows={Math.min(12, Math.max(2, text.value.split('\n').length))}
          value={text.value}
          disabled={isGone}
          readOnly={isSending}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
            writing.recalled.value = null;
          }}
          onKeyDown={(event) => onKey(event, writing)}
        />
        <div class="bar">
          <WhenChoice when={when} isOff={isGone} />
          <p class="hint" id="command-keys">
            <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> begins a line, <kbd>↑</kbd>{' '}
            brings back
          </p>
          <button
            type="submit"
            class="main send"
            disabled={isGone || isSending || text.value === ''}
          >
            {step.value.at === 'sending' ? 'Sending …' : 'Send'}
          </button>
        </div>
      </form>
      <Outcome step={step.value} commands={commands} />
      {step.value.at === 'confirming' && (
        <Confirm
          title={`Type into ${session} whatever it shows?`}
          does={`Force it into ${session}`}
          onAnswer={(isWanted) => {
            step.value = { at: 'writing' };
            if (isWanted) void send(writing);
          }}
        >
          With <i>force</i> the text is typed even if a dialog is open or somebody’s draft stands in
          the input box: it may answer the one, or be sent along with the other.
        </Confirm>
      )}
    </section>
  );
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
      {step.at === 'refused' && (
        <p class="problem" role="alert">
          {step.problem}
        </p>
      )}
    </>
  );
};

const onKey = (event: KeyboardEvent, writing: Writing): void => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault();
    ask(writing);
  } else if (event.key === 'ArrowUp' && !event.shiftKey) bringBack(event, writing, -1);
  else if (event.key === 'ArrowDown' && !event.shiftKey) bringBack(event, writing, 1);
};

const bringBack = (event: KeyboardEvent, writing: Writing, step: -1 | 1): void => {
  const { session, text, recalled } = writing;
  const field = event.currentTarget as HTMLTextAreaElement;
  if (!leavesText(field.value, field.selectionStart, step)) return;
  const sent = readSent(localStorage.getItem(keyOf(session)));
  const found = recall(sent, { from: recalled.peek(), text: text.peek(), step });
  if (!found) return;
  event.preventDefault();
  text.value = found.text;
  recalled.value = found.to;
};

/** Asks first where it is forced. */
const ask = (writing: Writing): void => {
  const { text, when, step } = writing;
  const { at } = step.peek();
  if (text.peek() === '' || at === 'sending' || at === 'confirming') return;
  if (when.peek() === 'force') step.value = { at: 'confirming' };
  else void send(writing);
};

/** The text goes from the box when the monitor has it, not before. */
const send = async (writing: Writing): Promise<void> => {
  const { session, text, when, step, recalled } = writing;
  const body = { command: text.peek(), when: when.peek(), source: 'dashboard' };
  step.value = { at: 'sending' };
  try {
    const { id } = await postOnce<{ id: string }>(`${agentPath(session)}/command`, body);
    remember(session, body.command);
    text.value = '';
    recalled.value = null;
    step.value = { at: 'accepted', id };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const isLost = error.status === 0;
    step.value = {
      at: 'refused',
      problem: isLost
        ? `${error.message} It may have the text all the same: send it again, and it is typed once.`
        : error.message,
    };
  }
};

const keyOf = (session: string): string => `agent-monitor.sent.${session}`;

const remember = (session: string, text: string): void => {
  const sent = withSent(readSent(localStorage.getItem(keyOf(session))), text);
  try {
    localStorage.setItem(keyOf(session), JSON.stringify(sent));
  } catch {
    // The browser has no room left: it is only for convenience.
  }
};
