/** The page's one WebSocket. */

import { get, Problem } from './api.ts';
import { createFeed } from './socket-feed.ts';
import { browserTime } from './time.ts';

/** The monitor answers this page's address with the page that logs in. */
const isLoggedOut = async (): Promise<boolean> => {
  try {
    await get('/health');
    await get('/api/stats');
    return false;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.status === 401;
  }
};

export const { link, mayAct, hear, say, connect } = createFeed({
  ...{ origin: () => location.origin, time: browserTime, random: Math.random },
  ...{ isLoggedOut, logIn: () => location.reload() },
  report: (error) => reportError(error),
});
