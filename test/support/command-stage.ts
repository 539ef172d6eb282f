/** A monitor over a tmux server and a Redis of its own, for the tests of commands. */

import { startDaemon, type TestDaemon } from './daemon.ts';
import { type RecordingAgent, startRecordingAgent } from './recording-agent.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { type AgentOptions, type PaneAgent, startAgent } from './simulated-agent.ts';
import { startTmux, type TestSession, type TestTmux } from './tmux.ts';

export interface CommandStage extends AsyncDisposable {
  readonly tmux: TestTmux;
  readonly redis: TestRedis;
  readonly daemon: TestDaemon;
  /** A recording agent that the monitor has found at its prompt. */
  recording(
    name: string,
    options?: { latePasteMs?: number; timed?: boolean },
  ): Promise<RecordingAgent>;
  /** A simulated agent that the monitor has found at its prompt. */
  simulated(name: string, script: object, options?: AgentOptions): Promise<PaneAgent>;
}

export const startCommandStage = async ({
  env = {},
}: {
  env?: Record<string, string>;
} = {}): Promise<CommandStage> => {
  await using begun = new AsyncDisposableStack();
  const tmux = begun.use(await startTmux());
  const redis = begun.use(await startRedis());
  const daemon = begun.use(await startDaemon({ tmux, redis, env }));
  /** A session of the same name that was there before is another pane. */
  const atPrompt = (session: string, { paneId }: TestSession) =>
    daemon.agent(
      session,
      ({ pane, state, connection }) =>
        pane === paneId && state === 'complete' && connection === 'attached',
    );
  const stage = begun.move();
  return {
    ...{ tmux, redis, daemon },
    recording: async (name, options = {}) => {
      const agent = stage.use(await startRecordingAgent(tmux, { name, ...options }));
      await atPrompt(name, agent);
      return agent;
    },
    simulated: async (name, script, options = {}) => {
      const agent = stage.use(await startAgent(tmux, script, { name, ...options }));
      await atPrompt(name, agent);
      return agent;
    },
    [Symbol.asyncDispose]: () => stage.disposeAsync(),
  };
};
