/** Sessions in which agents paint, on a tmux server and a Redis of their own, and who listens there. */

import type { ServerIdentity } from '../machines/vocabulary.ts';
import { startRedis, type TestRedis } from '../test/support/redis.ts';
import { startTmux, type TestSession, type TestTmux } from '../test/support/tmux.ts';
import type { LoadCalls, LoadOptions } from './load.ts';
import { type Program, startProgram } from './program.ts';
import type { SubscriberCalls } from './subscriber.ts';

export interface Stage extends AsyncDisposable {
  tmux: TestTmux;
  redis: TestRedis;
  server: ServerIdentity;
  sessions: (TestSession & { session: string })[];
  load: Program<LoadCalls>;
  subscriber: Program<SubscriberCalls>;
}

export const startStage = async (
  count: number,
  pieces: LoadOptions['pieces'] = null,
): Promise<Stage> => {
  await using begun = new AsyncDisposableStack();
  const tmux = begun.use(await startTmux());
  const redis = begun.use(await startRedis());
  const names = Array.from({ length: count }, (_, index) => `agent-${index + 1}`);
  const sessions: Stage['sessions'] = [];
  for (const session of names) {
    sessions.push({ session, ...(await tmux.newSession({ name: session })) });
  }
  const listed = await tmux.run('list-panes', '-a', '-F', '#{session_name} #{pane_tty}');
  const panes = listed.split('\n').map((line) => {
    const [session = '', tty = ''] = line.split(' ');
    return { session, tty };
  });
  const load = begun.use(await startProgram<LoadCalls>('./load.ts', { panes, pieces }));
  const subscriber = begun.use(
    await startProgram<SubscriberCalls>('./subscriber.ts', { url: redis.url }),
  );
  const server = await tmux.identity();
  const ending = begun.move();
  return {
    ...{ tmux, redis, server, sessions, load, subscriber },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
};
