/** Everything that takes part in a run, and who watches it meanwhile. */

import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startEventReader } from '../../test/support/event-reader.ts';
import { startRedis } from '../../test/support/redis.ts';
import { mountSmallDisk } from '../../test/support/small-disk.ts';
import { startTmux } from '../../test/support/tmux.ts';
import { type Pause, PULSE_MS, SHORTEST_PAUSE_MS } from './agent-files.ts';
import { tryCall } from './calls.ts';
import { clockSlots } from './clock-slots.ts';
import type { Scene } from './scene.ts';
import { createTmuxProgram } from './tmux-program.ts';
import { startTroupe } from './troupe.ts';
import { watchDaemon } from './watched-daemon.ts';

export interface StageOptions {
  /** How long things go wrong, without what comes before and after. */
  ms: number;
  sessions: number;
  /** Leaves behind what was found: databases, log, and what the agents wrote down. */
  keep: boolean;
  signal: AbortSignal;
  say(text: string): void;
}

/** With room for the backups, where it is not filled. */
const DISK_MB = 160;
const PING_EVERY_MS = 500;
/** Far more than it takes: this machine may be busy with other things. */
const PING_WITHIN_MS = 20_000;

/** All of it is ended in reverse however the run ends. */
export const setStage = async (
  { ms, sessions, keep, say, signal }: StageOptions,
  violation: (text: string) => void,
) => {
  await using begun = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'am-chaos-'));
  if (keep) begun.defer(() => say(`all is kept in ${folder}`));
  else begun.defer(() => rm(folder, { recursive: true, force: true }));
  const disk = begun.adopt(mountSmallDisk(DISK_MB), (mounted) => mounted?.[Symbol.dispose]());
  const dataDir = disk?.path ?? join(folder, 'data');
  const agents = join(folder, 'agents');
  for (const path of [dataDir, agents]) await mkdir(path, { recursive: true, mode: 0o700 });
  const tmux = begun.use(await startTmux());
  const redis = begun.use(await startRedis());
  const troupe = begun.use(await startTroupe(tmux, { size: sessions, folder: agents }));
  const clock = clockSlots(ms);
  const program = createTmuxProgram(join(folder, 'bin'));
  // As long as that no agent is silent.
  const { longestSeconds: stuckAfterSeconds } = clock;
  const watched = begun.use(
    await watchDaemon({ tmux, program, redis, folder, dataDir, stuckAfterSeconds }),
  );
  if (keep) {
    // Its disk may be one that goes with the run.
    begun.defer(() => cp(dataDir, join(folder, 'kept'), { recursive: true }));
    begun.defer(() => writeFile(join(folder, 'log'), watched.daemon.printed()));
  }
  const reader = begun.use(startEventReader(() => watched.daemon.url));
  const scene: Scene = {
    tmux,
    program,
    redis,
    watched,
    troupe,
    reader,
    clock,
    disk,
    folder,
    dataDir,
    signal,
    violation,
  };
  const machinePauses = begun.use(watchMachine()).pauses;
  begun.use(mind(scene, machinePauses));
  const owned = begun.move();
  return {
    ...{ scene, machinePauses },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};

/** A daemon that is not ended on purpose goes on, and answers whoever asks while it is not frozen. */
const mind = ({ watched, violation }: Scene, machinePauses: readonly Pause[]): AsyncDisposable => {
  const ending = new AbortController();
  const look = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const { turns, isUp } = watched;
      const pauses = machinePauses.length;
      const answer = await tryCall(watched.daemon, 'GET', '/livez', { withinMs: PING_WITHIN_MS });
      const isSame = isUp && watched.turns === turns && machinePauses.length === pauses;
      const ends = await watched.revive();
      for (const text of ends) violation(text);
      if (isSame && ends.length === 0 && answer?.status !== 200)
        violation(`/livez: ${answer?.status ?? `no answer within ${PING_WITHIN_MS} ms`}`);
      await delay(PING_EVERY_MS);
    }
  };
  const looking = look();
  looking.catch(violation);
  return {
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await looking;
    },
  };
};

/** Tells when even this process could not go on: then nobody could. */
const watchMachine = () => {
  const pauses: Pause[] = [];
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - last > SHORTEST_PAUSE_MS) pauses.push({ from: last, to: now });
    last = now;
  }, PULSE_MS);
  return { pauses, [Symbol.dispose]: () => clearInterval(timer) };
};
