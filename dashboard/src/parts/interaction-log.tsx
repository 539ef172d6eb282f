import { useSignal } from '@preact/signals';
import type { Interaction } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import { agentPath } from '../monitor/api.ts';
import { ColumnHeads } from './column-heads.tsx';
import { Moment } from './moment.tsx';
import { useFollowed } from './use-followed.ts';

const FEW = 10;
const MANY = 200;

/** Who did what to the agent, the newest first. */
export const InteractionLog = ({ session }: { session: string }) => {
  const limit = useSignal(FEW);
  const { value, problem } = useFollowed<{ log: Interaction[] }>({
    path: `${agentPath(session)}/log`,
    query: { limit: limit.value },
    concerns: (event) => event.session === session,
  }).shown.value;
  const log = value?.log ?? [];
  return (
    <section class="log" aria-labelledby="log-title">
      <h2 id="log-title">Who did what</h2>
      {problem && <p class="problem">{problem.message}</p>}
      {value === null && !problem && <p class="hint">Asking for the log …</p>}
      {value !== null && log.length === 0 && <p class="hint">Nobody has touched it yet.</p>}
      {log.length > 0 && <Rows log={log} />}
      {log.length === limit.value && limit.value < MANY && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            limit.value = MANY;
          }}
        >
          More
        </button>
      )}
    </section>
  );
};

const Rows = ({ log }: { log: readonly Interaction[] }) => (
  <table>
    <ColumnHeads names={['At', 'Who', 'Did', 'What']} />
    <tbody>
      {log.map((interaction) => (
        <Row key={interaction.id} interaction={interaction} />
      ))}
    </tbody>
  </table>
);

const Row = ({ interaction }: { interaction: Interaction }) => {
  const { at, source, caller, action, detail, text } = interaction;
  const isClaimed = caller !== source && caller !== '';
  return (
    <tr>
      <td>
        <Moment at={at} />
      </td>
      <td class="data">
        {plain(source)}
        {isClaimed && <small> ({caller})</small>}
      </td>
      <td>{action}</td>
      {/* The id of a command says nothing to a person who sees its text. */}
      <td class="data" title={detail}>
        {plain(text || (action === 'interrupt' ? 'Escape' : detail))}
      </td>
    </tr>
  );
};
