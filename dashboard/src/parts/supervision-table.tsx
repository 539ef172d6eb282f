import { useSignal } from '@preact/signals';
import { clockTime, dateTime, plain } from '../format.ts';
import { agentPath, post } from '../monitor/api.ts';
import type { Look } from '../monitor/needs.ts';
import { measure, type SupervisedPart } from '../monitor/vitals.ts';
import { hrefOf } from '../routes.ts';
import { ActButton } from './act-button.tsx';
import { ActingResult, attempt, useActing } from './acting.tsx';
import { Confirm } from './confirm.tsx';
import { Elapsed } from './elapsed.tsx';

/** Every part of the daemon, those in trouble first. */
export const SupervisionTable = ({ parts }: { parts: SupervisedPart[] }) => {
  const sorted = [...parts].sort((one, other) => ORDER[one.status] - ORDER[other.status]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: on a narrow screen it scrolls, also by keys
    <section class="wide" tabIndex={0} aria-labelledby="parts-title">
      <table>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Status</th>
            <th scope="col" class="figure">
              Restarts
            </th>
            <th scope="col">Down for</th>
            <th scope="col">What it failed with</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((part) => (
            <Row key={`${part.actor} ${part.session}`} part={part} />
          ))}
        </tbody>
      </table>
    </section>
  );
};

const ORDER: Record<SupervisedPart['status'], number> = {
  ...{ quarantined: 0, spent: 1, waiting: 2, running: 3 },
};

const LOOKS: Record<SupervisedPart['status'], Look> = {
  ...{ running: 'complete', waiting: 'stuck', spent: 'error', quarantined: 'error' },
};

const SIGNS: Record<SupervisedPart['status'], string> = {
  ...{ running: '✓', waiting: '…', spent: '!', quarantined: '×' },
};

const Row = ({ part }: { part: SupervisedPart }) => {
  const { actor, session, status, restarts, since, error, nextAt } = part;
  return (
    <tr data-look={LOOKS[status]}>
      <th scope="row">
        {session === '' ? actor : <a href={hrefOf({ page: 'agent', session })}>{plain(session)}</a>}
      </th>
      <td class="badge">
        <span aria-hidden="true">{SIGNS[status]}</span> {status}
      </td>
      <td class="figure">{restarts}</td>
      <td>
        <Elapsed since={since} />
        {nextAt !== null && (
          <span class="muted" title={dateTime(nextAt)}>
            {' '}
            tried again {clockTime(nextAt)}
          </span>
        )}
      </td>
      <td class="error-text">
        {error}
        {session !== '' && status !== 'running' && <RestartButton session={session} />}
      </td>
    </tr>
  );
};

const RestartButton = ({ session }: { session: string }) => {
  const acting = useActing();
  const isAsked = useSignal(false);
  const restart = async (): Promise<string> => {
    await post(`${agentPath(session)}/restart`);
    await measure();
    return '';
  };
  return (
    <>
      <ActButton
        aria-label={`Watch ${plain(session)} again`}
        disabled={acting.value.at === 'asking'}
        onClick={() => {
          isAsked.value = true;
        }}
      >
        Watch again
      </ActButton>
      <ActingResult of={acting.value} />
      {isAsked.value && (
        <Confirm
          title={`Watch ${plain(session)} again?`}
          does="Watch again"
          onAnswer={(isWanted) => {
            isAsked.value = false;
            if (isWanted) void attempt(acting, restart);
          }}
        >
          The monitor begins to watch it afresh. The agent itself is not touched.
        </Confirm>
      )}
    </>
  );
};
