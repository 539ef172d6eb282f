/** How soon sessions are back that crash, and what a tmux server costs that is killed. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Stats } from '../actors/ports.ts';
import type { Agent } from '../machines/vocabulary.ts';
import { startDaemon, type TestDaemon } from '../test/support/daemon.ts';
import { startRedis } from '../test/support/redis.ts';
import { startTmux, type TestTmux } from '../test/support/tmux.ts';
import { familySeconds } from './cpu.ts';
import { type Latency, latencyOf, table } from './figures.ts';
import { now } from './program.ts';

const PRELOADED = new URL('../test/support/escape-program.ts', import.meta.url).href;
/** So that everything has settled. */
const PAUSE_MS = 2000;

export interface SupervisionOptions {
  sessions: number;
  /** How long the tmux server stays away. */
  seconds: number;
  signal: AbortSignal;
  say(text: string): void;
}

export interface SupervisionResult {
  sessions: number;
  /** From an error that escapes from one session until that session is watched again. */
  one: Latency;
  /** The same for errors in all of them at once, until the last one is. */
  all: number;
  /** From the kill until the last session is told to be gone. */
  gone: number;
  /** In cores: while there is no server, and in as many seconds when there is one again. */
  cpu: { absent: number; back: number };
  /** From the start of a new server's last session until all are watched. */
  back: number;
  /** Clients on the new server. */
  clients: number;
}

interface Scene {
  tmux: TestTmux;
  daemon: TestDaemon;
  names: string[];
  escapeFile: string;
}

export const supervision = async (options: SupervisionOptions): Promise<SupervisionResult> => {
  await using scope = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'am-bench-'));
  scope.defer(() => rmSync(folder, { recursive: true }));
  const escapeFile = join(folder, 'keys');
  const tmux = scope.use(await startTmux());
  const redis = scope.use(await startRedis());
  const names = Array.from({ length: options.sessions }, (_, index) => `session-${index}`);
  for (const name of names) await tmux.newSession({ name });
  const env = { NODE_OPTIONS: `--import=${PRELOADED}`, AM_TEST_ESCAPE: escapeFile };
  const daemon = scope.use(await startDaemon({ tmux, redis, sessions: ['*'], env }));
  const scene = { tmux, daemon, names, escapeFile };
  await allAre(scene, isWatched);
  return {
    sessions: names.length,
    ...(await crashed(scene, options)),
    ...(await away(scene, options)),
  };
};

export const supervisionReportOf = (result: SupervisionResult): string => {
  const ms = (value: number): string => `${Math.round(value)} ms`;
  const percent = (cores: number): string => `${(cores * 100).toFixed(1)} % of a core`;
  const { sessions, one, all, gone, cpu, back, clients } = result;
  return table(
    [`${sessions} sessions`, 'measured', 'to reach'],
    [
      [`one crashes, ${one.count} times: watched again, p50`, ms(one.p50), ''],
      ['max', ms(one.max), '1000 ms'],
      ['all crash at once: the last is watched again', ms(all), ''],
      ['the tmux server is killed: the last is told to be gone', ms(gone), '2000 ms'],
      ['while there is no server', percent(cpu.absent), '20 % of a core'],
      ['a new server: all are watched', ms(back), ''],
      ['while they are found', percent(cpu.back), ''],
      ['clients on it then', String(clients), `${sessions + 2} at most`],
    ],
  );
};

const crashed = async (scene: Scene, { say, signal }: SupervisionOptions) => {
  const { names } = scene;
  const times = Math.min(20, names.length);
  say(`${times} sessions crash, one after the other`);
  const took: number[] = [];
  for (const name of names.slice(0, times)) {
    took.push(await letCrash(scene, [name]));
    await delay(100, undefined, { signal });
  }
  await delay(PAUSE_MS + 5_000, undefined, { signal }); // Else it is the second crash in a row.
  say('all sessions crash at once');
  return { one: latencyOf(took), all: await letCrash(scene, names) };
};

/** Until they are watched again, as the statistics tell: what the API lists may be a second old. */
const letCrash = async (
  { daemon, escapeFile, names: all }: Scene,
  names: string[],
): Promise<number> => {
  const { restarts: before } = await daemon.get<Stats>('/api/stats');
  writeFileSync(escapeFile, keysOf(daemon, names).join('\n'));
  const begun = now();
  process.kill(daemon.pid, 'SIGUSR2');
  for (;;) {
    const { restarts, watching } = await daemon.get<Stats>('/api/stats');
    const areBack = watching.attached + watching.shared === all.length;
    if (areBack && restarts >= before + names.length) return now() - begun;
    await delay(5);
  }
};

const away = async (scene: Scene, { seconds, say, signal }: SupervisionOptions) => {
  const { tmux, daemon, names } = scene;
  await delay(PAUSE_MS, undefined, { signal });
  say('the tmux server is killed');
  const killed = now();
  await tmux.kill();
  await allAre(scene, ({ connection }) => connection === 'gone');
  const gone = now() - killed;
  const absent = await cpuOf(daemon, () => delay(seconds * 1000, undefined, { signal }));
  say('a new tmux server is started');
  await tmux.start();
  let back = 0;
  const found = await cpuOf(daemon, async () => {
    for (const name of names) await tmux.newSession({ name });
    const begun = now();
    await allAre(scene, isWatched);
    back = now() - begun;
  });
  await delay(PAUSE_MS, undefined, { signal });
  const clients = (await tmux.run('list-clients')).split('\n').length;
  return { gone, cpu: { absent, back: found }, back, clients };
};

/** In cores. */
const cpuOf = async (daemon: TestDaemon, work: () => Promise<unknown>): Promise<number> => {
  const [before, begun] = [familySeconds(daemon.pid), now()];
  await work();
  return (familySeconds(daemon.pid) - before) / ((now() - begun) / 1000);
};

const agentsOf = async (daemon: TestDaemon): Promise<Agent[]> =>
  (await daemon.get<{ agents: Agent[] }>('/api/agents')).agents;

const isWatched = ({ connection }: Agent): boolean =>
  connection === 'attached' || connection === 'shared';

const allAre = async (
  { daemon, names }: Scene,
  areWanted: (agent: Agent) => boolean,
): Promise<void> => {
  for (;;) {
    const agents = await agentsOf(daemon);
    if (agents.length === names.length && agents.every(areWanted)) return;
    await delay(5);
  }
};

const keysOf = ({ dataDir }: TestDaemon, names: string[]): string[] => {
  const sql = new Database(join(dataDir, 'agent-state.db'), { readonly: true });
  try {
    const select = sql.prepare<[], { key: string; session: string }>(
      'SELECT key, session FROM agent_state',
    );
    return select.all().flatMap(({ key, session }) => (names.includes(session) ? [key] : []));
  } finally {
    sql.close();
  }
};
