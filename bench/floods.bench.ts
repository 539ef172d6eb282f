/** What a flooded pane costs the daemon and the sessions beside it, and when it is seen right again. */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HOSTILE, type HostileName } from '../test/support/hostile-output.ts';
import { createDataFolder } from '../test/support/store.ts';
import type { TestSession, TestTmux } from '../test/support/tmux.ts';
import { until } from '../test/support/until.ts';
import type { FlooderCalls, FlooderOptions } from './flooder.ts';
import type { Pace } from './load.ts';
import { type Measured, measure } from './measure.ts';
import { now, type Program, startProgram } from './program.ts';
import { type Stage, startStage } from './stage.ts';
import { watchByDaemon } from './watchers.ts';

export interface FloodRow {
  flood: string;
  /** The sessions beside the flooded one. */
  others: Measured;
  /** How late the daemon's event loop was, in ms. */
  loop: { p99: number; max: number };
  /** The daemon's memory at most, in MB. */
  memory: number;
  /** From the end of the flood until the agent is said to stand at its prompt, in ms. */
  rightAfter: number;
}

export interface FloodsOptions {
  /** How long each flood is. */
  seconds: number;
  signal: AbortSignal;
  say(text: string): void;
}

export const CALM = 'none';

const SESSIONS = 10;
const BRISK: Pace = { promptMs: [1100, 1500], busyMs: [600, 900] };
const SETTLE_MS = 5000;
const FLOODED = 'agent-flooded';

export const floods = async ({ seconds, signal, say }: FloodsOptions): Promise<FloodRow[]> => {
  await using stage = await startStage(SESSIONS);
  const session = await stage.tmux.newSession({
    name: FLOODED,
    command: 'stty raw -echo; exec cat > /dev/null',
  });
  await using flooder = await startFlooder(stage.tmux, session);
  await stage.load.call('turns', BRISK);
  await flooder.call('paint', 1);
  using delays = createLoopDelays();
  const sessions = [...stage.sessions, { session: FLOODED, ...session }];
  await using daemon = await watchByDaemon({ ...stage, sessions }, delays.env);
  await delay(SETTLE_MS, undefined, { signal });

  const rows: FloodRow[] = [];
  const all = { ...calm(seconds, signal), ...outputs(flooder, seconds) };
  for (const [flood, begin] of Object.entries({ ...all, ...storms(stage, session, seconds) })) {
    say(`${flood}: ${seconds} s`);
    await delays.take(daemon.pid);
    const [others, memory] = await Promise.all([
      measure(stage, daemon, { seconds, signal }),
      mostMemory(daemon.pid, begin()),
    ]);
    const loop = await delays.take(daemon.pid);
    const rightAfter = await seenRight(daemon, flooder, rows.length + 2);
    rows.push({ flood, others, loop, memory, rightAfter });
  }
  return rows;
};

type Floods = Record<string, () => Promise<unknown>>;

const calm = (seconds: number, signal: AbortSignal): Floods => ({
  [CALM]: () => delay(seconds * 1000, undefined, { signal }),
});

const startFlooder = async (
  tmux: TestTmux,
  { paneId }: TestSession,
): Promise<Program<FlooderCalls>> => {
  const tty = await tmux.run('display-message', '-p', '-t', paneId, '#{pane_tty}');
  const options: FlooderOptions = { tty };
  return startProgram<FlooderCalls>('./flooder.ts', options);
};

const outputs = (flooder: Program<FlooderCalls>, seconds: number): Floods =>
  Object.fromEntries(
    (Object.keys(HOSTILE) as HostileName[]).map((kind) => [
      kind,
      () => flooder.call('flood', { kind, seconds }),
    ]),
  );

/** A window that is dragged, names that change: what comes from tmux itself. */
const storms = ({ tmux }: Stage, { paneId }: TestSession, seconds: number): Floods => {
  const storm = async (step: (index: number) => string[]): Promise<void> => {
    const end = now() + seconds * 1000;
    for (let index = 0; now() < end; index += STEPS) {
      const steps = Array.from({ length: STEPS }, (_, at) => [...step(index + at), ';']);
      await tmux.run(...steps.flat());
    }
  };
  const resize = (width: number, height: number): string[] => [
    ...['resize-window', '-t', paneId, '-x', `${width}`, '-y', `${height}`],
  ];
  return {
    'a window that is dragged': async () => {
      await storm((index) => resize(80 + (index % 60), 20 + (index % 30)));
      await tmux.run(...resize(120, 40));
    },
    'a window that is renamed': () =>
      storm((index) => ['rename-window', '-t', paneId, `%exit ${index} "'$`]),
  };
};

const STEPS = 20;

/** What `loop-delay.ts` says in the daemon. */
const createLoopDelays = () => {
  const folder = createDataFolder();
  const file = join(folder.path, 'loop-delay');
  return {
    env: {
      BENCH_LOOP_DELAY_FILE: file,
      NODE_OPTIONS: `--import ${new URL('./loop-delay.ts', import.meta.url)}`,
    },
    /** Since the last call. */
    take: async (pid: number): Promise<FloodRow['loop']> => {
      rmSync(file, { force: true });
      process.kill(pid, 'SIGUSR2');
      return until('the daemon has told its delays', () => read(file));
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
};

const read = (file: string): FloodRow['loop'] | null => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** In MB, while the work goes on. */
const mostMemory = async (pid: number, work: Promise<unknown>): Promise<number> => {
  let most = 0;
  const look = (): void => {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    most = Math.max(most, Number(kilobytes) / 1024);
  };
  const timer = setInterval(look, 100);
  await work.finally(() => clearInterval(timer));
  return most;
};

/** The next turn must be seen too. */
const seenRight = async (
  { agent }: Awaited<ReturnType<typeof watchByDaemon>>,
  flooder: Program<FlooderCalls>,
  turn: number,
): Promise<number> => {
  const at = await flooder.call('rest', turn);
  await agent(FLOODED, ({ state }) => state === 'complete');
  const took = now() - at;
  await flooder.call('paint', turn);
  await agent(
    FLOODED,
    ({ state, evidence }) => state === 'reading' && evidence.toLowerCase().includes(`turn ${turn}`),
  );
  return took;
};
