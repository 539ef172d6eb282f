/** Which page is shown: it stands behind the `#` of the address, so that links and Back work. */

import { signal } from '@preact/signals';

export type Route =
  | { page: 'overview' }
  | { page: 'agent'; session: string }
  /** `session`: whose states are lit. */
  | { page: 'chart'; session: string | null }
  /** `session`: whose events alone are shown. */
  | { page: 'events'; session: string | null }
  | { page: 'health' }
  | { page: 'nowhere' };

export const hrefOf = (route: Route): string => {
  switch (route.page) {
    case 'overview':
    case 'nowhere':
      return '#/';
    case 'agent':
      return `#/agents/${encodeURIComponent(route.session)}`;
    case 'chart':
    case 'events':
      return route.session === null
        ? `#/${route.page}`
        : `#/${route.page}/${encodeURIComponent(route.session)}`;
    case 'health':
      return '#/health';
  }
};

const parseRoute = (hash: string): Route => {
  const [page = '', encoded = '', ...more] = hash.replace(/^#\/?/, '').split('/');
  const session = decoded(encoded);
  if (session === null || more.length > 0) return { page: 'nowhere' };
  if (page === 'agents') return session ? { page: 'agent', session } : { page: 'overview' };
  if (page === 'chart' || page === 'events') return { page, session: session || null };
  if (session) return { page: 'nowhere' };
  if (page === '') return { page: 'overview' };
  return page === 'health' ? { page } : { page: 'nowhere' };
};

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // Somebody wrote the address by hand.
  }
};

export const route = signal<Route>(parseRoute(location.hash));

export const goTo = (next: Route): void => {
  location.hash = hrefOf(next);
};

addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash);
  // Another page begins where a page begins, for the keyboard and for a screen reader too.
  document.getElementById('main')?.focus({ preventScroll: true });
  scrollTo(0, 0);
});
