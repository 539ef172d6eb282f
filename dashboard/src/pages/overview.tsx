import { computed, signal } from '@preact/signals';
import { count, folderName, plain } from '../format.ts';
import {
  type AgentFilter,
  filterQuery,
  isFound,
  LOOKS,
  parseFilter,
} from '../monitor/agent-filter.ts';
import { agents } from '../monitor/agents.ts';
import type { Shown } from '../monitor/apply.ts';
import { byNeed, LOOK_NAMES, needsPerson } from '../monitor/needs.ts';
import { AgentCard } from '../parts/agent-card.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { changeQuery, query } from '../router.ts';

const filter = computed(() => parseFilter(query.value));

const changeFilter = (change: Partial<AgentFilter>): void =>
  changeQuery(filterQuery({ ...filter.peek(), ...change }));

const grouped = signal(localStorage.getItem('agent-monitor.grouped') === 'yes');

const sorted = computed(() => [...(agents.value?.values() ?? [])].sort(byNeed));

const found = computed(() => sorted.value.filter((agent) => isFound(filter.value, agent)));

export const Overview = () => {
  if (agents.value === null) return <p class="empty">Asking for the agents …</p>;
  if (agents.value.size === 0) return <NoAgents />;
  return (
    <>
      <h1 class="sr-only">Agents</h1>
      <Filters />
      {found.value.length === 0 ? (
        <p class="empty">No agent is like that. {count(agents.value.size, 'agent')} in all.</p>
      ) : grouped.value ? (
        <Folders />
      ) : (
        <Needs />
      )}
    </>
  );
};

const Needs = () => {
  const waiting = found.value.filter(needsPerson);
  const others = found.value.filter((agent) => !needsPerson(agent));
  return (
    <>
      <Group name={waiting.length === 0 ? 'Nobody needs you' : 'Need you'} list={waiting} />
      {others.length > 0 && <Group name="The others" list={others} />}
    </>
  );
};

const Folders = () => (
  <>
    {[...Map.groupBy(found.value, ({ cwd }) => cwd)].map(([cwd, list]) => (
      <Group key={cwd} name={plain(folderName(cwd))} title={plain(cwd)} list={list} />
    ))}
  </>
);

const Group = ({ name, title, list }: { name: string; title?: string; list: Shown[] }) => (
  <section class="group">
    <h2 title={title}>
      {name} {list.length > 0 && <span class="number">{list.length}</span>}
    </h2>
    <ul class="cards">
      {list.map((agent) => (
        <AgentCard key={agent.session} agent={agent} />
      ))}
    </ul>
  </section>
);

const Filters = () => (
  <search class="filters">
    <SearchField
      name="Search agents"
      through="name, folder, kind, what it does"
      value={filter.value.text}
      onSearch={(text) => changeFilter({ text })}
    />
    <fieldset>
      <legend class="sr-only">Only these states</legend>
      {LOOKS.map((look) => (
        <button
          key={look}
          type="button"
          class="chip"
          data-look={look}
          aria-pressed={filter.value.looks.has(look)}
          onClick={() =>
            changeFilter({ looks: filter.peek().looks.symmetricDifference(new Set([look])) })
          }
        >
          {LOOK_NAMES[look]}
        </button>
      ))}
    </fieldset>
    <label class="switch">
      <input
        type="checkbox"
        checked={grouped.value}
        onChange={({ currentTarget }) => {
          grouped.value = currentTarget.checked;
          localStorage.setItem('agent-monitor.grouped', grouped.value ? 'yes' : 'no');
        }}
      />{' '}
      by folder
    </label>
  </search>
);

const NoAgents = () => (
  <section class="empty">
    <h1>No agents yet</h1>
    <p>Start one in a tmux session, and it shows up here within a second:</p>
    <pre>
      <code>tmux new-session -s my-project claude</code>
    </pre>
    <p>
      Sessions that run already are found by themselves, whoever made them. Is yours not here? It
      may run on another tmux server (<code>AGENT_MONITOR_TMUX_SOCKET</code>), or its program may
      not be known (<code>agent-monitor explain --session</code> tells).
    </p>
  </section>
);
