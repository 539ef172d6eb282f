/** Who watches the agents of a stage: the daemon, and what it is compared with. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, type TestDaemon } from '../test/support/daemon.ts';
import { createDataFolder } from '../test/support/store.ts';
import { until } from '../test/support/until.ts';
import type { FloorCalls, FloorOptions } from './floor.ts';
import type { ForkPollerOptions } from './fork-poller.ts';
import type { Watcher } from './measure.ts';
import { startProgram } from './program.ts';
import type { Stage } from './stage.ts';

export type RunningWatcher = Watcher & AsyncDisposable;

/** Resolves when the daemon has told a first state of every session. */
export const watchByDaemon = async (
  stage: Stage,
  env: Record<string, string> = {},
): Promise<RunningWatcher & Pick<TestDaemon, 'agent'>> => {
  await using begun = new AsyncDisposableStack();
  const folder = begun.use(createDataFolder());
  const config = join(folder.path, 'agent-monitor.toml');
  writeFileSync(config, '[[agents]]\nsession = "agent-*"\nkind = "claude-code"\n');
  await forget(stage);
  const daemon = begun.use(
    await startDaemon({
      ...{ tmux: stage.tmux, redis: stage.redis, sessions: ['agent-*'] },
      env: { AGENT_MONITOR_CONFIG: config, ...env },
    }),
  );
  begun.defer(async () => void (await daemon.end()));
  await allJudged(stage);
  const { agent } = daemon;
  return { agent, ...running(begun, daemon.pid, () => stage.subscriber.call('take')) };
};

export const watchByForks = async (stage: Stage): Promise<RunningWatcher> => {
  await using begun = new AsyncDisposableStack();
  const folder = begun.use(createDataFolder());
  await forget(stage);
  const options: ForkPollerOptions = {
    socket: stage.tmux.socket,
    redisUrl: stage.redis.url,
    dataDir: folder.path,
    server: stage.server,
    sessions: stage.sessions.map(({ session, sessionId, paneId: pane, panePid }) => ({
      ...{ session, sessionId, pane, panePid },
    })),
  };
  const poller = begun.use(await startProgram('./fork-poller.ts', options));
  return running(begun, poller.pid, () => stage.subscriber.call('take'));
};

export const watchBareOutput = async (stage: Stage): Promise<RunningWatcher> => {
  await using begun = new AsyncDisposableStack();
  const sessions = stage.sessions.map(({ session }) => session);
  const options: FloorOptions = { socket: stage.tmux.socket, sessions };
  const floor = begun.use(await startProgram<FloorCalls>('./floor.ts', options));
  return running(begun, floor.pid, () => floor.call('take'));
};

/** What an earlier watcher told is of no concern to the next. */
const forget = async ({ redis, subscriber }: Stage): Promise<void> => {
  await redis.flush();
  await subscriber.call('forget');
};

const allJudged = ({ subscriber, sessions }: Stage): Promise<true> =>
  until('every session has a state', async () => {
    const firsts = await subscriber.call('firsts');
    return firsts.length === sessions.length || null;
  });

const running = (
  begun: AsyncDisposableStack,
  pid: number,
  take: Watcher['take'],
): RunningWatcher => {
  const ending = begun.move();
  return { pid, take, [Symbol.asyncDispose]: () => ending.disposeAsync() };
};
