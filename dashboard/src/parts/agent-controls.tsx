import { useSignal } from '@preact/signals';
import { plain } from '../format.ts';
import { agentPath, post, postOnce } from '../monitor/api.ts';
import { describeEnd, waitForEnd } from '../monitor/commands.ts';
import { ActButton } from './act-button.tsx';
import { ActingResult, attempt, useActing } from './acting.tsx';
import { Confirm } from './confirm.tsx';

/** What can be done to an agent beside typing; what ends something is asked about first. */
export const AgentControls = ({ session, isGone }: { session: string; isGone: boolean }) => {
  const acting = useActing();
  const asked = useSignal<'kill' | 'restart' | null>(null);
  const isOff = acting.value.at === 'asking';
  const ask = (what: 'kill' | 'restart') => () => {
    asked.value = what;
  };
  return (
    <div class="controls">
      <ActingResult of={acting.value} />
      <ActButton
        disabled={isOff || isGone}
        title="Presses Escape, where a turn is running"
        onClick={() => void attempt(acting, () => interrupt(session))}
      >
        Interrupt
      </ActButton>
      <ActButton disabled={isOff} onClick={ask('restart')}>
        Restart watching …
      </ActButton>
      <ActButton class="danger" disabled={isOff || isGone} onClick={ask('kill')}>
        Kill …
      </ActButton>
      {asked.value !== null && (
        <Asked
          what={asked.value}
          session={session}
          onAnswer={(isWanted) => {
            const what = asked.peek();
            asked.value = null;
            if (isWanted && what !== null) void attempt(acting, () => act(session, what));
          }}
        />
      )}
    </div>
  );
};

const Asked = (props: {
  what: 'kill' | 'restart';
  session: string;
  onAnswer(isWanted: boolean): void;
}) => {
  const { what, onAnswer } = props;
  const name = plain(props.session);
  if (what === 'kill')
    return (
      <Confirm title={`Kill ${name}?`} does={`Kill ${name}`} onAnswer={onAnswer}>
        This ends the tmux session <b>{name}</b>, the agent, and all else that runs in it. What
        waits to be typed is not typed any more. There is no way back.
      </Confirm>
    );
  return (
    <Confirm
      title={`Restart the watching of ${name}?`}
      does={`Restart the watching of ${name}`}
      onAnswer={onAnswer}
    >
      The monitor begins to watch <b>{name}</b> afresh, also where it had given up after repeated
      crashes. The agent itself is not touched.
    </Confirm>
  );
};

const interrupt = async (session: string): Promise<string> => {
  const path = `${agentPath(session)}/interrupt`;
  const { id } = await postOnce<{ id: string }>(path, { source: 'dashboard' });
  const command = await waitForEnd(id);
  if (command.status !== 'sent') return describeEnd(command);
  return command.evidence === 'turn-ended' ? 'Interrupted.' : 'Escape was pressed.';
};

const act = async (session: string, what: 'kill' | 'restart'): Promise<string> => {
  await post(`${agentPath(session)}/${what}`);
  return what === 'kill' ? 'Killed.' : 'It is watched afresh.';
};
