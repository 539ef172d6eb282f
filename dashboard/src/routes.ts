/** What the address says: which page is shown, and after a `?` what of it. Pure. */

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

export const parseRoute = (hash: string): Route => {
  const [page = '', encoded = '', ...more] = pathOf(hash).replace(/^#\/?/, '').split('/');
  const session = decoded(encoded);
  if (session === null || more.length > 0) return { page: 'nowhere' };
  if (page === 'agents') return session ? { page: 'agent', session } : { page: 'overview' };
  if (page === 'chart' || page === 'events') return { page, session: session || null };
  if (session) return { page: 'nowhere' };
  if (page === '') return { page: 'overview' };
  return page === 'health' ? { page } : { page: 'nowhere' };
};

/** What stands behind the `?`; empty where nothing does. */
export const queryOf = (hash: string): string => hash.slice(pathOf(hash).length + 1);

/** The same page with something else of it. */
export const withQuery = (hash: string, query: string): string =>
  `${pathOf(hash) || '#/'}${query === '' ? '' : `?${query}`}`;

const pathOf = (hash: string): string => hash.split('?', 1)[0] ?? '';

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // Somebody wrote the address by hand.
  }
};
