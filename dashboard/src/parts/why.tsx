import type { AgentDetail } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import type { Shown } from '../monitor/apply.ts';
import { hrefOf } from '../routes.ts';
import { Elapsed } from './elapsed.tsx';

/** Why the agent is said to be in its state, and where it runs. */
export const Why = ({ agent, detail }: { agent: Shown; detail: AgentDetail | null }) => {
  const { session, kind, connection, cwd, pane, restarts } = agent;
  const { what, reason, evidence, rule, since } = causeOf(agent, detail);
  return (
    <section class="why" aria-labelledby="why-title">
      <h2 id="why-title">Why “{what}”</h2>
      <dl>
        <Fact name="Reason">{plain(reason)}</Fact>
        <Fact name="Seen">
          <code class="data">{plain(evidence) || 'nothing yet'}</code>
        </Fact>
        <Fact name="Rule">{rule === null ? '…' : <code class="data">{rule}</code>}</Fact>
        <Fact name="For">
          <Elapsed since={since} />
        </Fact>
        <Fact name="Last sign">
          <Elapsed since={agent.lastActivity} /> {agent.lastActivity !== null && 'ago'}
        </Fact>
      </dl>
      <h2>Where</h2>
      <dl>
        <Fact name="Kind">{kind}</Fact>
        <Fact name="Folder">
          <code class="data">{plain(cwd)}</code>
        </Fact>
        <Fact name="Pane">
          <code>{pane}</code>
          {agent.otherPanes.map((other) => (
            <span key={other.pane} class="other">
              {' '}
              also <code>{other.pane}</code> {other.kind}
            </span>
          ))}
        </Fact>
        <Fact name="Watched">{CONNECTIONS[connection]}</Fact>
        {restarts > 0 && <Fact name="Restarts">{restarts}</Fact>}
      </dl>
      <p class="links">
        <a href={hrefOf({ page: 'chart', session })}>State chart</a>{' '}
        <a href={hrefOf({ page: 'events', session })}>Events</a>
      </p>
    </section>
  );
};

/** An open dialog is why it waits, whatever it did before; how long nobody has answered is another matter. */
const causeOf = (agent: Shown, detail: AgentDetail | null) => {
  const { state, attention, dialog, reason, evidence, since } = agent;
  if (dialog && attention !== 'none' && state !== 'stuck') {
    const { rule = null, evidence: seen = dialog.question } = dialog;
    return { what: 'waiting', reason: attention, evidence: seen, rule, since: dialog.since };
  }
  // The rule is read later than the state is told: that of another state would contradict it.
  const rule = detail?.state === state && detail.reason === reason ? detail.rule : null;
  return { what: state, reason, evidence, rule, since };
};

const Fact = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div class="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const CONNECTIONS: Record<Shown['connection'], string> = {
  connecting: 'not yet: connecting',
  attached: 'yes',
  shared: 'yes, by a shared client',
  reconnecting: 'not at the moment: reconnecting',
  gone: 'no: it is gone',
};
