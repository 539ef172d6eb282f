import type { AgentDetail, Transition } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import { agents } from '../monitor/agents.ts';
import { agentPath } from '../monitor/api.ts';
import { leavesOf, litStates, type MachineValue, takenArrow } from '../monitor/lit-states.ts';
import { byNeed, lookOf } from '../monitor/needs.ts';
import { LookBadge } from '../parts/look-badge.tsx';
import { MachineDrawing } from '../parts/machine-drawing.tsx';
import { Moment } from '../parts/moment.tsx';
import { useFollowed } from '../parts/use-followed.ts';
import { goTo } from '../router.ts';
import { hrefOf } from '../routes.ts';

/** The machine that judges every agent, and where that of the chosen one is. */
export const ChartPage = ({ session }: { session: string | null }) => (
  <div class="chart">
    <header class="page-head">
      <h1>State chart</h1>
      <AgentChoice session={session} />
      <nav aria-label="More about the machine">
        <a href="/inspect">Live inspector</a>
        <a href="/api/machines/session">Definition</a>
        <a href="/api/machines/session.svg">Drawing</a>
      </nav>
    </header>
    {session === null ? (
      <>
        <p class="muted">Every agent has a machine like this. Choose one to see where its is.</p>
        <MachineDrawing states={[]} arrow={null} />
      </>
    ) : (
      <OfAgent key={session} session={session} />
    )}
  </div>
);

const AgentChoice = ({ session }: { session: string | null }) => {
  const known = [...(agents.value?.values() ?? [])].sort(byNeed);
  const isKnown = known.some((agent) => agent.session === session);
  return (
    <select
      aria-label="Whose states are lit"
      value={session ?? ''}
      onChange={({ currentTarget }) =>
        goTo({ page: 'chart', session: currentTarget.value || null })
      }
    >
      <option value="">no agent</option>
      {session !== null && !isKnown && <option value={session}>{plain(session)}</option>}
      {known.map((agent) => (
        <option key={agent.session} value={agent.session}>
          {plain(agent.session)} ({lookOf(agent)})
        </option>
      ))}
    </select>
  );
};

interface AgentMachine {
  value: MachineValue;
  /** The events that may change something now. */
  next: string[];
}

const OfAgent = ({ session }: { session: string }) => {
  const concerns = (event: { session: string }): boolean => event.session === session;
  const path = agentPath(session);
  const machine = useFollowed<AgentMachine>({ path: `${path}/machine`, concerns }).shown.value;
  const detail = useFollowed<AgentDetail>({ path, concerns }).shown.value;
  const transitions = detail.value?.transitions ?? [];
  const last = transitions.at(-1);
  const problem = machine.problem ?? detail.problem;
  return (
    <>
      {problem?.status === 404 ? (
        <p class="muted" role="status">
          No session is watched under the name {plain(session)} now.{' '}
          <a href={hrefOf({ page: 'events', session })}>What happened to it</a>
        </p>
      ) : (
        problem && (
          <p class="problem" role="alert">
            {problem.message}
          </p>
        )
      )}
      {machine.value && <Now session={session} value={machine.value.value} />}
      <MachineDrawing
        states={machine.value ? litStates('session', machine.value.value) : []}
        arrow={last ? takenArrow(last.prevState, last.state) : null}
      />
      {machine.value && detail.value && (
        <div class="below">
          <Transitions list={transitions.toReversed()} />
          <Next events={machine.value.next} />
        </div>
      )}
    </>
  );
};

/** What is lit, in words. */
const Now = ({ session, value }: { session: string; value: MachineValue }) => {
  const agent = agents.value?.get(session);
  return (
    <dl class="now" aria-live="polite">
      {leavesOf(value).map(({ region, state }) => (
        <div key={region}>
          <dt>{region}</dt>
          <dd>{state}</dd>
        </div>
      ))}
      {agent && (
        <div>
          <dt>shown as</dt>
          <dd>
            <a href={hrefOf({ page: 'agent', session })}>
              <LookBadge look={lookOf(agent)} />
            </a>
          </dd>
        </div>
      )}
    </dl>
  );
};

const Transitions = ({ list }: { list: Transition[] }) => (
  <section aria-labelledby="transitions-title">
    <h2 id="transitions-title">What it did last, and why</h2>
    {list.length === 0 ? (
      <p class="muted">Nothing yet.</p>
    ) : (
      <ol class="transitions">
        {list.map(({ seq, at, prevState, state, reason, evidence }) => (
          <li key={seq}>
            <Moment at={at} />
            <span class="change">
              <span class="muted">{prevState ?? 'new'} →</span> <LookBadge look={state} />
            </span>
            <span class="why">
              {plain(reason)} <code title={plain(evidence)}>{plain(evidence)}</code>
            </span>
          </li>
        ))}
      </ol>
    )}
  </section>
);

const Next = ({ events }: { events: string[] }) => (
  <section aria-labelledby="next-title">
    <h2 id="next-title">What may change something now</h2>
    <ul class="next">
      {events.map((event) => (
        <li key={event}>
          <code>{event}</code>
        </li>
      ))}
    </ul>
  </section>
);
