import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Health, Stats } from '../../actors/ports.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { startRedis } from '../support/redis.ts';
import { type PaneAgent, startAgent } from '../support/simulated-agent.ts';
import { startTmux } from '../support/tmux.ts';
import { LONG_TURN } from '../support/turns.ts';
import { until } from '../support/until.ts';

const PRELOADED = new URL('../support/escape-program.ts', import.meta.url).href;

/** One daemon for all, on the same folder: each test goes on from where the one before ended. */
let daemon: TestDaemon;
let web: PaneAgent;
let escapeFile: string;
const scope = new AsyncDisposableStack();

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'am-escape-'));
  scope.defer(() => rmSync(folder, { recursive: true }));
  escapeFile = join(folder, 'key');
  const tmux = scope.use(await startTmux());
  const redis = scope.use(await startRedis());
  scope.use(await startAgent(tmux, LONG_TURN, { name: 'shop-api', stepped: true }));
  web = scope.use(await startAgent(tmux, LONG_TURN, { name: 'shop-web', stepped: true }));
  const env = { NODE_OPTIONS: `--import=${PRELOADED}`, AM_TEST_ESCAPE: escapeFile };
  daemon = scope.use(await startDaemon({ tmux, redis, env }));
  await isWell('shop-api');
  await isWell('shop-web');
});

afterAll(() => scope.disposeAsync());

const isWell = (session: string) =>
  daemon.agent(
    session,
    ({ state, connection }) => state === 'complete' && connection === 'attached',
  );

const isWatched = (session: string) =>
  daemon.agent(session, ({ connection }) => connection === 'attached');

const eventsOf = async (session: string): Promise<MonitorEvent[]> =>
  (await daemon.events()).filter((event) => event.session === session);

const namesOf = async (session: string): Promise<unknown[]> =>
  (await eventsOf(session)).map(({ event, state }) => state ?? event);

const keyOf = (session: string): string => {
  using database = openDatabase({ readonly: true });
  const select = database.sql.prepare<[string], string>(
    'SELECT key FROM agent_state WHERE session = ?',
  );
  return select.pluck().get(session) ?? '';
};

const openDatabase = (options: Database.Options) => {
  const sql = new Database(join(daemon.dataDir, 'agent-state.db'), options);
  return { sql, [Symbol.dispose]: () => sql.close() };
};

/** An error escapes from that session's actor once it runs; resolves when that was taken for a crash. */
const letEscape = async (session: string): Promise<void> => {
  const crashes = async () => (await namesOf(session)).filter(isCrash).length;
  const before = await crashes();
  await until('it runs', async () => {
    const { supervision } = await daemon.get<Stats>('/api/stats');
    return supervision.some((each) => each.session === session) ? null : true;
  });
  writeFileSync(escapeFile, keyOf(session));
  process.kill(daemon.pid, 'SIGUSR2');
  await until('it has crashed', async () => ((await crashes()) > before ? true : null));
};

/** The daemon's own children that are tmux clients. */
const clientsOf = ({ pid: parent }: TestDaemon): number[] =>
  readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('-C'));

const isCrash = (name: unknown) => name === 'actor_crashed' || name === 'actor_quarantined';

const call = async (path: string) =>
  expect((await fetch(`${daemon.url}${path}`, { method: 'POST' })).status).toBe(200);

it('an error that escaped from a session restarts that session, and the others miss nothing', async () => {
  await letEscape('shop-api');
  await web.type('fix the parser');
  await web.press('Enter');
  await daemon.agent('shop-web', ({ state }) => state === 'reading');
  await until('it is back', async () =>
    (await namesOf('shop-api')).includes('actor_restarted') ? true : null,
  );
  await isWell('shop-api');
  expect(await namesOf('shop-api')).toEqual([
    ...['session_found', 'complete', 'actor_crashed', 'actor_restarted'],
  ]);
  expect((await eventsOf('shop-api'))[2]).toMatchObject({
    actor: 'session',
    error: 'an error that escaped',
  });
  expect(await namesOf('shop-web')).toEqual(['session_found', 'complete', 'reading']);
});

it('a session from which errors keep escaping is set aside, says so, and can be lifted', async () => {
  writeFileSync(escapeFile, `always ${keyOf('shop-api')}`);
  process.kill(daemon.pid, 'SIGUSR2');
  await until('it is set aside', async () =>
    (await namesOf('shop-api')).includes('actor_quarantined') ? true : null,
  );
  writeFileSync(escapeFile, 'nobody');
  const { checks } = await daemon.get<Health>('/health');
  expect(checks.supervisor.status).toBe('degraded');
  expect(checks.supervisor.detail).toMatch(
    /^shop-api keeps failing .*\(an error that escaped\): POST \/api\/agents\/shop-api\/restart /,
  );
  const stats = await daemon.get<Stats>('/api/stats');
  expect(stats.quarantined).toEqual(['shop-api']);
  expect(stats.supervision).toContainEqual({
    ...{ actor: 'session', session: 'shop-api', status: 'quarantined', restarts: stats.restarts },
    ...{ since: expect.any(Number), error: 'an error that escaped', nextAt: null },
  });

  await call('/api/agents/shop-api/restart');
  await isWell('shop-api');
  expect((await daemon.get<Health>('/health')).checks.supervisor.status).toBe('ok');
  expect((await daemon.get<Stats>('/api/stats')).quarantined).toEqual([]);
  expect(await namesOf('shop-web')).toEqual(['session_found', 'complete', 'reading']);
});

it('a stored snapshot that crashes its session is given up for a clean start', async () => {
  const before = await namesOf('shop-api');
  const key = keyOf('shop-api');
  await daemon.end('SIGTERM');
  {
    using database = openDatabase({});
    const poison = `UPDATE snapshots SET json = json_set(json, '$.context.counted', json('null'))`;
    expect(database.sql.prepare(`${poison} WHERE key = ?`).run(key).changes).toBe(1);
  }
  await daemon.start();
  const back = await until('it is back', async () => {
    const names = (await namesOf('shop-api')).slice(before.length);
    return names.filter((name) => name === 'actor_restarted').length === 2 ? names : null;
  });
  await isWell('shop-api');
  expect(back.slice(0, 4)).toEqual([
    ...['actor_crashed', 'actor_restarted', 'actor_crashed', 'actor_restarted'],
  ]);
  expect(await namesOf('shop-web')).toEqual(['session_found', 'complete', 'reading']);
});

it('the tmux clients of the daemon that are killed are replaced, which it tells', async () => {
  const before = (await daemon.events()).length;
  const told = async () => (await daemon.events()).slice(before);
  for (const pid of clientsOf(daemon)) process.kill(pid, 'SIGKILL');
  for (const actor of ['tmux-shared', 'tmux-watcher']) {
    const ofActor = await until(
      `${actor} is back`,
      async () => {
        const names = (await told())
          .filter((each) => each.actor === actor)
          .map(({ event }) => event);
        return names.at(-1) === 'actor_restarted' ? names : null;
      },
      async () => JSON.stringify(await told()),
    );
    expect(ofActor[0]).toBe('actor_crashed');
  }
  expect((await daemon.get<Health>('/health')).checks.supervisor.status).toBe('ok');
  await isWatched('shop-api');
  await isWatched('shop-web');
});

it("an error that is nobody's ends the daemon in order, with status 1", async () => {
  writeFileSync(escapeFile, '');
  expect(await daemon.end('SIGUSR2')).toBe(1);
  expect(daemon.printed()).toContain('an error that nobody expected');
  expect(existsSync(join(daemon.dataDir, 'agent-state.db-wal'))).toBe(false);
});
