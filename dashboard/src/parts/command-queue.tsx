import { useSignal } from '@preact/signals';
import type { CommandStatus } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import { post, postOnce, remove } from '../monitor/api.ts';
import { describeEnd, isOpen, type ToldCommand } from '../monitor/commands.ts';
import { ActButton } from './act-button.tsx';
import { type Acting, ActingResult, attempt, useActing } from './acting.tsx';
import { Elapsed } from './elapsed.tsx';

const FEW = 4;

/** What is to be typed, the oldest first, and what became of the last ones. */
export const CommandQueue = (props: {
  /** Null until they are known. */
  commands: readonly ToldCommand[] | null;
  refresh(): void;
}) => {
  const { commands, refresh } = props;
  const isWhole = useSignal(false);
  const open = commands?.filter(isOpen).toReversed() ?? [];
  const ended = commands?.filter((command) => !isOpen(command)) ?? [];
  const shown = isWhole.value ? ended : ended.slice(0, FEW);
  return (
    <section class="queue" aria-labelledby="queue-title">
      <h2 id="queue-title">
        Commands {open.length > 0 && <span class="number">{open.length} waiting</span>}
      </h2>
      {commands === null && <p class="hint">Asking for the commands …</p>}
      {commands?.length === 0 && <p class="hint">Nothing was sent yet.</p>}
      <ul>
        {[...open, ...shown].map((command) => (
          <Row key={command.id} command={command} refresh={refresh} />
        ))}
      </ul>
      {ended.length > FEW && (
        <button
          type="button"
          class="quiet"
          aria-expanded={isWhole.value}
          onClick={() => {
            isWhole.value = !isWhole.value;
          }}
        >
          {isWhole.value ? 'Fewer' : `${ended.length - FEW} more`}
        </button>
      )}
    </section>
  );
};

const Row = ({ command, refresh }: { command: ToldCommand; refresh(): void }) => {
  const { id, status, source, createdAt, resolution } = command;
  const acting = useActing();
  const isResolving = useSignal(false);
  const path = `/api/commands/${encodeURIComponent(id)}`;
  const act = (does: () => Promise<unknown>, told: string): void => {
    const doAndRead = async (): Promise<string> => {
      await does();
      refresh();
      return told;
    };
    void attempt(acting, doAndRead);
  };
  return (
    <li data-status={status}>
      <p class="text">{plain(command.command) || <i>Escape, to interrupt</i>}</p>
      <p class="end">
        <b>
          <span aria-hidden="true">{SIGNS[status]}</span> {status}
        </b>{' '}
        <span>{endOf(command)}</span>{' '}
        <span class="muted">
          {plain(source)}, <Elapsed since={createdAt} /> ago
        </span>
        {resolution !== null && <span class="resolution"> Found out: {plain(resolution)}</span>}
      </p>
      <Buttons
        command={command}
        acting={acting.value}
        onCancel={() => act(() => remove(path), '')}
        onRetry={() =>
          act(() => postOnce(`${path}/retry`, { source: 'dashboard' }), 'Asked for again.')
        }
        onResolve={() => {
          isResolving.value = true;
        }}
      />
      {isResolving.value && status === 'unknown' && resolution === null && (
        <Resolve
          onResolve={(text) =>
            act(() => post(`${path}/resolve`, { resolution: text, source: 'dashboard' }), '')
          }
        />
      )}
    </li>
  );
};

/** Its status is told beside it. */
const endOf = (command: ToldCommand): string =>
  command.status === 'sent' && command.evidence === 'none' ? '' : describeEnd(command);

const Buttons = (props: {
  command: ToldCommand;
  acting: Acting;
  onCancel(): void;
  onRetry(): void;
  onResolve(): void;
}) => {
  const { command, acting, onCancel, onRetry, onResolve } = props;
  const { status, error, resolution } = command;
  const isBusy = acting.at === 'asking';
  const about = plain(command.command.slice(0, 60)) || 'the interrupt';
  return (
    <div class="buttons">
      {status === 'queued' && (
        <ActButton disabled={isBusy} aria-label={`Cancel: ${about}`} onClick={onCancel}>
          Cancel
        </ActButton>
      )}
      {RETRYABLE.has(status) && error !== 'dialog_stale' && (
        <ActButton disabled={isBusy} aria-label={`Retry: ${about}`} onClick={onRetry}>
          Retry
        </ActButton>
      )}
      {status === 'unknown' && resolution === null && (
        <ActButton disabled={isBusy} aria-label={`Resolve: ${about}`} onClick={onResolve}>
          Resolve …
        </ActButton>
      )}
      <ActingResult of={acting} />
    </div>
  );
};

const Resolve = ({ onResolve }: { onResolve(text: string): void }) => {
  const text = useSignal('');
  return (
    <form
      class="resolve"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.peek().trim() !== '') onResolve(text.peek().trim());
      }}
    >
      <input
        aria-label="What you found out"
        placeholder="What you found out, such as: it was typed"
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
        }}
      />
      <button type="submit" disabled={text.value.trim() === ''}>
        Record
      </button>
    </form>
  );
};

const RETRYABLE = new Set<CommandStatus>(['failed', 'unknown', 'expired', 'cancelled']);

const SIGNS: Record<CommandStatus, string> = {
  queued: '…',
  sending: '▸',
  sent: '✓',
  failed: '!',
  unknown: '?',
  expired: '×',
  cancelled: '×',
};
