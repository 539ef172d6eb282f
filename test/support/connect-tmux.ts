/** The real adapter on a private server, gone with the scope. */

import type { WatchTarget } from '../../actors/ports.ts';
import { createTmux, type TmuxOptions, type WatchedTmux } from '../../src/tmux/tmux.ts';
import { createRecordedLog } from './recorded-log.ts';
import { systemClock } from './system-clock.ts';
import type { TestSession, TestTmux } from './tmux.ts';

export type ConnectedTmux = WatchedTmux & AsyncDisposable;

export const connectTmux = (
  { socket }: Pick<TestTmux, 'socket'>,
  options: Partial<TmuxOptions> = {},
): ConnectedTmux => {
  const log = createRecordedLog();
  const tmux = createTmux({ socket, clock: systemClock, log, ...options });
  return { ...tmux, [Symbol.asyncDispose]: () => tmux.stop() };
};

export const targetOf = async (server: TestTmux, session: TestSession): Promise<WatchTarget> => ({
  server: await server.identity(),
  sessionId: session.sessionId,
  paneId: session.paneId,
  fragile: false,
});
