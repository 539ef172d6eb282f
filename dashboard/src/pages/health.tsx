import { useEffect } from 'preact/hooks';
import { duration } from '../format.ts';
import {
  followVitals,
  type Health,
  type Stats,
  samples,
  vitals,
  vitalsProblem,
} from '../monitor/vitals.ts';
import { SupervisionTable } from '../parts/supervision-table.tsx';
import { TimeChart } from '../parts/time-chart.tsx';

/** How the daemon itself is. */
export const HealthPage = () => {
  useEffect(followVitals, []);
  const now = vitals.value;
  return (
    <div class="health">
      <header class="page-head">
        <h1>Health</h1>
        {now && <Overall health={now.health} />}
      </header>
      {vitalsProblem.value !== '' && (
        <p class="problem" role="alert">
          {vitalsProblem.value} {now && 'What stands here is as it was.'}
        </p>
      )}
      {now ? (
        <Vitals {...now} />
      ) : (
        vitalsProblem.value === '' && <p class="muted">Asking how it is …</p>
      )}
    </div>
  );
};

const Vitals = ({ health, stats }: { health: Health; stats: Stats }) => (
  <>
    {!stats.typing.on && <TypingOff starts={stats.typing.recentStarts} />}
    <Checks checks={health.checks} />
    <Figures stats={stats} />
    <h2>While you look, up to ten minutes</h2>
    <Charts />
    <h2 id="parts-title">Parts of the monitor</h2>
    <SupervisionTable parts={stats.supervision} />
  </>
);

const Overall = ({ health: { status, version, uptime } }: { health: Health }) => (
  <>
    <span class="badge" role="status" data-look={status === 'ok' ? 'complete' : 'error'}>
      {status === 'ok' ? '✓ all is well' : '! not all is well'}
    </span>
    <span class="muted number">
      version {version}, up {duration(uptime * 1_000)}
    </span>
  </>
);

const TypingOff = ({ starts }: { starts: number }) => (
  <p class="notice" data-look="stuck">
    <b>Typing is off.</b> The monitor was started {starts} times within a minute, as one does that
    keeps crashing. Commands are accepted, and wait until it has run for a minute.
  </p>
);

const SIGNS = { ok: '✓', degraded: '!', down: '×' };
const LOOKS = { ok: 'complete', degraded: 'stuck', down: 'error' };

const Checks = ({ checks }: { checks: Health['checks'] }) => (
  <ul class="checks" aria-label="Checks">
    {Object.entries(checks).map(([name, { status, detail }]) => (
      <li key={name} data-look={LOOKS[status]}>
        <b>{name}</b>
        <span class="badge">
          <span aria-hidden="true">{SIGNS[status]}</span> {status}
        </span>
        <span class="muted">{detail}</span>
      </li>
    ))}
  </ul>
);

const Figures = ({ stats }: { stats: Stats }) => {
  const { agents, watching, commands, events, eventLoop } = stats;
  const behind = events.last - events.relayed;
  return (
    <dl class="figures">
      <Figure name="agents" value={agents.total} more={`${agents.gone} gone`} />
      <Figure
        name="watched live"
        value={watching.attached}
        more={`${watching.shared} through the shared client, ${watching.swept} swept`}
      />
      <Figure
        name="commands waiting"
        value={commands.queued}
        more={`${commands.sending} being typed, ${commands.sent} sent`}
      />
      <Figure
        name="commands in doubt"
        value={commands.unknown}
        more={`${commands.failed} failed, ${commands.expired} expired`}
        look={commands.unknown > 0 ? 'stuck' : undefined}
      />
      <Figure
        name="events Redis lacks"
        value={behind}
        more={`of ${events.last.toLocaleString()} in all`}
        look={behind > 1_000 ? 'stuck' : undefined}
      />
      <Figure
        name="event loop late by, at most"
        value={`${Math.round(eventLoop.max)} ms`}
        more={`99 of 100 times ${eventLoop.p99.toFixed(1)} ms`}
        look={eventLoop.max > 1_000 ? 'stuck' : undefined}
      />
    </dl>
  );
};

const Figure = (props: {
  name: string;
  value: number | string;
  more: string;
  look?: string | undefined;
}) => (
  <div data-look={props.look}>
    <dt>{props.name}</dt>
    <dd class="number">
      {props.look && <span aria-hidden="true">! </span>}
      {typeof props.value === 'number' ? props.value.toLocaleString() : props.value}
    </dd>
    <dd class="muted number">{props.more}</dd>
  </div>
);

const MEGABYTE = 1_048_576;

const rounded = (value: number): string =>
  value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 });

const Charts = () => (
  <div class="charts">
    <TimeChart
      title="Processor"
      lines={[{ name: 'of one core', ink: '--working', of: ({ cpu }) => cpu }]}
      samples={samples.value}
      format={(value) => `${rounded(value)} %`}
      least={10}
    />
    <TimeChart
      title="Memory"
      lines={[
        { name: 'in all', ink: '--working', of: ({ rss }) => rss / MEGABYTE },
        { name: 'JavaScript heap', ink: '--reading', of: ({ heapUsed }) => heapUsed / MEGABYTE },
      ]}
      samples={samples.value}
      format={(value) => `${value.toFixed(0)} MB`}
      least={100}
    />
    <TimeChart
      title="Events"
      lines={[{ name: 'a second', ink: '--working', of: ({ eventsPerSecond }) => eventsPerSecond }]}
      samples={samples.value}
      format={rounded}
      least={5}
    />
    <TimeChart
      title="Event loop"
      lines={[{ name: 'late by, 99 of 100 times', ink: '--working', of: ({ loopP99 }) => loopP99 }]}
      samples={samples.value}
      format={(value) => `${value.toFixed(0)} ms`}
      least={20}
    />
  </div>
);
