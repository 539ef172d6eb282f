import { AgentPage } from './pages/agent.tsx';
import { ChartPage } from './pages/chart.tsx';
import { EventsPage } from './pages/events.tsx';
import { HealthPage } from './pages/health.tsx';
import { NowherePage } from './pages/nowhere.tsx';
import { Overview } from './pages/overview.tsx';
import { Announcer } from './parts/announcer.tsx';
import { Banner } from './parts/banner.tsx';
import { LookOnly } from './parts/look-only.tsx';
import { Notices } from './parts/notices.tsx';
import { Shortcuts } from './parts/shortcuts.tsx';
import { TopBar } from './parts/top-bar.tsx';
import { route } from './router.ts';
import type { Route } from './routes.ts';

export const App = () => (
  <>
    <button type="button" class="skip" onClick={focusMain}>
      Skip to the content
    </button>
    <TopBar />
    <Banner />
    <LookOnly />
    <main id="main" tabIndex={-1}>
      <Page route={route.value} />
    </main>
    <Announcer />
    <Notices />
    <Shortcuts />
  </>
);

const Page = ({ route }: { route: Route }) => {
  switch (route.page) {
    case 'overview':
      return <Overview />;
    case 'agent':
      // Another agent is another page: nothing of the one before stays.
      return <AgentPage key={route.session} session={route.session} />;
    case 'chart':
      return <ChartPage session={route.session} />;
    case 'events':
      return <EventsPage key={route.session ?? ''} session={route.session} />;
    case 'health':
      return <HealthPage />;
    case 'nowhere':
      return <NowherePage />;
  }
};

/** No link: what stands behind the `#` of this page's address is another page. */
const focusMain = (): void => {
  document.getElementById('main')?.focus();
};
