/** The real adapter on a private server, gone with the scope. */

import type { WatchTarget } from '../../actors/ports.ts';
import type { PaneIdentity } from '../../machines/vocabulary.ts';
import { createTmux, type TmuxOptions, type WatchedTmux } from '../../src/tmux/tmux.ts';
import { createRecordedPart } from './parts.ts';
import { createRecordedLog } from './recorded-log.ts';
import { systemClock } from './system-clock.ts';
import type { TestSession, TestTmux } from './tmux.ts';
import { recordWatch } from './watch-recorder.ts';

export type ConnectedTmux = WatchedTmux & AsyncDisposable;

export const connectTmux = (
  { socket }: Pick<TestTmux, 'socket'>,
  options: Partial<TmuxOptions> = {},
): ConnectedTmux => {
  const log = createRecordedLog();
  const parts = { watcher: createRecordedPart(), shared: createRecordedPart() };
  const tmux = createTmux({ socket, clock: systemClock, log, parts, ...options });
  return { ...tmux, [Symbol.asyncDispose]: () => tmux.stop() };
};

export const targetOf = async (server: TestTmux, session: TestSession): Promise<WatchTarget> => ({
  server: await server.identity(),
  sessionId: session.sessionId,
  paneId: session.paneId,
  fragile: false,
});

/** Watches the pane until it has a client of its own. */
export const attach = async (tmux: ConnectedTmux, { server, sessionId, paneId }: PaneIdentity) => {
  const recorder = recordWatch();
  const watch = tmux.watch({ server, sessionId, paneId, fragile: false }, recorder);
  await recorder.connection('attached');
  return watch;
};
