/** The daemon under trial: what is done to it on purpose, and what it does by itself. */

import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDaemon, type TestDaemon } from '../../test/support/daemon.ts';
import { createOrders, type DaemonOrders } from './daemon-orders.ts';
import { isRunning, memoryOf } from './processes.ts';

export interface WatchedDaemon extends AsyncDisposable {
  readonly daemon: TestDaemon;
  /** Whether it should answer. */
  readonly isUp: boolean;
  readonly starts: number;
  /** How often it was ended, started, frozen or let go on. */
  readonly turns: number;
  /** The folder for whatever it writes besides its data. */
  readonly temporary: string;
  /** Bytes: the most that any of its lives took. */
  readonly peak: number;
  kill(): Promise<void>;
  /** Asks it to end; answers what was wrong with how it did. */
  stop(): Promise<string[]>;
  start(): Promise<void>;
  freeze(ms: number): Promise<void>;
  /** False where there is no daemon that obeys. */
  order(give: (orders: DaemonOrders, pid: number) => Promise<boolean>): Promise<boolean>;
  readonly orders: Pick<DaemonOrders, 'hangThreads'>;
  /** Starts another beside it; answers what was wrong with how that was refused. */
  double(beside: 'folder' | 'server'): Promise<string[]>;
  /** Starts it again where it has ended by itself; answers what it said at last. */
  revive(): Promise<string[]>;
}

const LOOK_EVERY_MS = 500;
const STOP_WITHIN_MS = 5_000;
const REFUSED_WITHIN_MS = 20_000;
const ROOT = join(import.meta.dirname, '../..');

export const watchDaemon = async (options: {
  tmux: { socket: string };
  program: { path: string };
  redis: { url: string };
  /** Where whatever it writes besides its data goes. */
  folder: string;
  dataDir: string;
  stuckAfterSeconds: number;
}): Promise<WatchedDaemon> => {
  const { folder, dataDir, program, stuckAfterSeconds } = options;
  const tmp = join(folder, 'tmp');
  await mkdir(tmp);
  const orders = createOrders(join(folder, 'orders'));
  const env = {
    ...orders.env,
    AGENT_MONITOR_DATA_DIR: dataDir,
    AGENT_MONITOR_STUCK_AFTER_SECONDS: String(stuckAfterSeconds),
    AGENT_MONITOR_STUCK_TOOL_SECONDS: String(stuckAfterSeconds),
    PATH: program.path,
    TMPDIR: tmp,
  };
  const daemon = await startDaemon({ ...options, env });
  let isUp = true;
  let turns = 0;
  let starts = 1;
  let peak = 0;
  const looking = setInterval(() => {
    if (isUp) peak = Math.max(peak, memoryOf(daemon.pid));
  }, LOOK_EVERY_MS);

  const become = (up: boolean): void => {
    isUp = up;
    turns += 1;
  };

  /** Whoever sees to it that it runs must not start it while it is being ended. */
  let last: Promise<unknown> = Promise.resolve();
  const exclusive = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const acting = last.then(act);
    last = acting.catch(() => undefined); // It is told to whoever asked for it.
    return acting;
  };

  const start = async (): Promise<void> => {
    await daemon.start();
    starts += 1;
    become(true);
  };

  const kill = async (): Promise<void> => {
    become(false);
    await daemon.end('SIGKILL');
  };

  const stop = async (): Promise<string[]> => {
    become(false);
    const askedAt = performance.now();
    const status = await daemon.end('SIGTERM');
    const tookMs = Math.round(performance.now() - askedAt);
    return [
      ...(status === 0
        ? []
        : [`asked to stop, the daemon ended with ${status}:\n${lastWords(daemon)}`]),
      ...(tookMs <= STOP_WITHIN_MS ? [] : [`asked to stop, the daemon took ${tookMs} ms`]),
    ];
  };

  const freeze = async (ms: number): Promise<void> => {
    become(false);
    process.kill(daemon.pid, 'SIGSTOP');
    await delay(ms);
    process.kill(daemon.pid, 'SIGCONT');
    become(true);
  };

  return {
    daemon,
    get isUp() {
      return isUp;
    },
    get turns() {
      return turns;
    },
    get starts() {
      return starts;
    },
    get peak() {
      return peak;
    },
    temporary: tmp,
    kill: () => exclusive(kill),
    start: () => exclusive(start),
    stop: () => exclusive(stop),
    freeze: (ms) => exclusive(() => freeze(ms)),
    order: (give) =>
      exclusive(async () => isUp && isRunning(daemon.pid) && (await give(orders, daemon.pid))),
    orders,
    double: async (beside) => {
      const other = join(folder, 'other-data');
      const settings = {
        AGENT_MONITOR_TMUX_SOCKET:
          beside === 'server' ? options.tmux.socket : join(folder, 'other'),
        AGENT_MONITOR_DATA_DIR: beside === 'folder' ? dataDir : other,
        REDIS_URL: options.redis.url,
        API_PORT: '0',
      };
      const { status, said } = await runDaemon(settings);
      return status === 1 && /already has the/.test(said)
        ? []
        : [`a second daemon beside the same ${beside} ended with ${status}: ${said}`];
    },
    revive: () =>
      exclusive(async () => {
        if (!isUp || isRunning(daemon.pid)) return [];
        const said = `the daemon ended by itself:\n${lastWords(daemon)}`;
        await start();
        return [said];
      }),
    [Symbol.asyncDispose]: async () => {
      clearInterval(looking);
      await daemon[Symbol.asyncDispose]();
    },
  };
};

const runDaemon = (
  settings: Record<string, string>,
): Promise<{ status: number | string | null; said: string }> =>
  new Promise((resolve) => {
    const { TMUX, TMUX_PANE, ...env } = process.env;
    const options = { cwd: ROOT, env: { ...env, ...settings }, timeout: REFUSED_WITHIN_MS };
    execFile(process.execPath, ['daemon.js'], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : (error.code ?? error.signal ?? null);
      resolve({ status, said: `${stdout}${stderr}`.slice(-LAST_WORDS) });
    });
  });

const LAST_WORDS = 3_000;

const lastWords = (daemon: TestDaemon): string => daemon.printed().slice(-LAST_WORDS);
