import { computed } from '@preact/signals';
import { agents } from '../monitor/agents.ts';
import { LOOK_NAMES, type Look, lookOf } from '../monitor/needs.ts';
import { route } from '../router.ts';
import { hrefOf, type Route } from '../routes.ts';
import { AlertsButton } from './alerts-button.tsx';
import { ThemeButton } from './theme-button.tsx';

/** Where one can go, and how many agents are how. */
export const TopBar = () => (
  <header class="top">
    <a class="brand" href={hrefOf({ page: 'overview' })}>
      <span aria-hidden="true">›_</span> agent-monitor
    </a>
    <nav aria-label="Pages">
      {PAGES.map(({ name, to }) => (
        <a
          key={name}
          href={hrefOf(to)}
          aria-current={route.value.page === to.page ? 'page' : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
    <Tally />
    <AlertsButton />
    <ThemeButton />
  </header>
);

const PAGES: { name: string; to: Route }[] = [
  { name: 'Agents', to: { page: 'overview' } },
  { name: 'Events', to: { page: 'events', session: null } },
  { name: 'State chart', to: { page: 'chart', session: null } },
  { name: 'Health', to: { page: 'health' } },
];

const SHOWN: Look[] = ['waiting', 'error', 'stuck', 'working', 'reading', 'complete'];

const counts = computed(() => {
  const all = new Map<Look, number>();
  for (const agent of agents.value?.values() ?? []) {
    const look = lookOf(agent);
    all.set(look, (all.get(look) ?? 0) + 1);
  }
  return all;
});

const Tally = () => (
  <ul class="tally" aria-label="Agents by state">
    {SHOWN.map((look) => ({ look, number: counts.value.get(look) ?? 0 }))
      .filter(({ number }) => number > 0)
      .map(({ look, number }) => (
        <li key={look} data-look={look}>
          <b>{number}</b> {LOOK_NAMES[look]}
        </li>
      ))}
  </ul>
);
