/** Which page is shown: it stands behind the `#` of the address, so that links and Back work. */

import { signal } from '@preact/signals';
import { hrefOf, parseRoute, queryOf, type Route, withQuery } from './routes.ts';

export const route = signal<Route>(parseRoute(location.hash));

/** What of the page is shown, as the page itself reads it. */
export const query = signal(queryOf(location.hash));

/** @param of - what of that page is shown. */
export const goTo = (next: Route, of = ''): void => {
  location.hash = withQuery(hrefOf(next), of);
};

/** Shows something else of the same page: Back leads to the page before. */
export const changeQuery = (next: string): void => {
  query.value = next;
  try {
    history.replaceState(history.state, '', withQuery(location.hash, next));
  } catch (error) {
    // Safari writes no more than a hundred addresses within ten seconds: a later change takes this one along.
    if (!(error instanceof DOMException)) throw error;
  }
};

addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash);
  query.value = queryOf(location.hash);
  // Another page begins where a page begins, for the keyboard and for a screen reader too.
  document.getElementById('main')?.focus({ preventScroll: true });
  scrollTo(0, 0);
});
