import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { readStream } from '../support/relay.ts';
import { type PaneAgent, startAgent } from '../support/simulated-agent.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { LONG_TURN } from '../support/turns.ts';
import { until } from '../support/until.ts';

let tmux: TestTmux;
let redis: TestRedis;
let daemon: TestDaemon;
let agent: PaneAgent;
let scope: AsyncDisposableStack;

/** One agent in the middle of a turn, watched. */
beforeEach(async () => {
  scope = new AsyncDisposableStack();
  tmux = scope.use(await startTmux());
  redis = scope.use(await startRedis());
  agent = scope.use(await startAgent(tmux, LONG_TURN, { name: 'shop-api', stepped: true }));
  daemon = scope.use(await startDaemon({ tmux, redis }));
  await daemon.agent('shop-api', ({ state }) => state === 'complete');
  await submit(agent);
  await daemon.agent('shop-api', ({ state }) => state === 'reading');
});

afterEach(() => scope.disposeAsync());

const submit = async (to: PaneAgent) => {
  await to.type('fix the parser');
  await to.press('Enter');
};

/** Lets the agent edit a file: from then on it works. */
const edit = async () => {
  await agent.order('next');
  await agent.order('next');
};

const states = (events: MonitorEvent[], session = 'shop-api') =>
  events
    .filter((event) => event.session === session && event.event === 'state_change')
    .map(({ state }) => state);

/** Every committed event is in the stream, once and in order. */
const streamIsWhole = async (): Promise<MonitorEvent[]> => {
  const journal = await daemon.events();
  expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_, index) => index + 1));
  await until('the stream has every event', async () => {
    const last = (await readStream(redis)).at(-1)?.[1].seq ?? 0;
    return last >= (journal.at(-1)?.seq ?? 0) ? true : null;
  });
  const stream = await readStream(redis);
  const expected = journal.map((event) => [`${event.seq}-0`, event]);
  expect(stream.slice(0, journal.length)).toEqual(expected);
  return journal;
};

/** The pids of the daemon's clients that are attached to the session. */
const clients = async (session: string): Promise<number[]> => {
  const lines = await tmux.run(
    ...[
      'list-clients',
      '-F',
      '#{client_session} #{client_control_mode} #{client_flags} #{client_pid}',
    ],
  );
  return lines.split('\n').flatMap((line) => {
    const [name, control, flags, pid] = line.split(' ');
    return name === session && control === '1' && !flags?.includes('no-output')
      ? [Number(pid)]
      : [];
  });
};

it('comes back when its tmux client is killed, and tells what changed meanwhile once', async () => {
  const [client] = await until('it is attached', async () => {
    const found = await clients('shop-api');
    return found.length > 0 ? found : null;
  });
  process.kill(client as number, 'SIGKILL');
  await edit();
  await daemon.agent('shop-api', ({ state }) => state === 'working');
  await daemon.agent('shop-api', ({ connection }) => connection === 'attached');
  expect(await clients('shop-api')).not.toContain(client);
  expect(states(await streamIsWhole())).toEqual(['complete', 'reading', 'working']);
});

it('says that the agents are gone when the tmux server is killed, and finds those of the next', async () => {
  await tmux.kill();
  const gone = await daemon.agent('shop-api', ({ connection }) => connection === 'gone');
  expect(gone).toMatchObject({ state: 'error', reason: 'exited' });

  await tmux.start();
  const next = scope.use(await startAgent(tmux, LONG_TURN, { name: 'shop-api', stepped: true }));
  const found = await daemon.agent('shop-api', ({ state }) => state === 'complete');
  expect(found.indicators.toolCalls).toBe(0);
  await submit(next);
  await daemon.agent('shop-api', ({ state }) => state === 'reading');
  const events = await streamIsWhole();
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['agent_error', 'session_gone', 'session_found']),
  );
  expect(states(events)).toEqual(['complete', 'reading', 'error', 'complete', 'reading']);
});

it.each([
  { what: 'killed and started again with its data', again: { empty: false } },
  { what: 'killed and started again empty', again: { empty: true } },
])('goes on while Redis is $what, and the stream is whole afterwards', async ({ again }) => {
  await redis.kill();
  await edit();
  await daemon.agent('shop-api', ({ state }) => state === 'working');
  const health = await daemon.get<{ checks: { redis: { status: string } } }>('/health');
  expect(health.checks.redis.status).toBe('degraded');
  await redis.start(again);
  expect(states(await streamIsWhole())).toEqual(['complete', 'reading', 'working']);
});

it('goes on while Redis is frozen, and the stream is whole afterwards', async () => {
  redis.freeze();
  await edit();
  await daemon.agent('shop-api', ({ state }) => state === 'working');
  redis.thaw();
  expect(states(await streamIsWhole())).toEqual(['complete', 'reading', 'working']);
});

it('is back with its history after kill -9, and tells nothing twice', async () => {
  await daemon.end('SIGKILL');
  await edit();
  await daemon.start();
  await daemon.agent('shop-api', ({ state }) => state === 'working');
  const events = await streamIsWhole();
  expect(states(events)).toEqual(['complete', 'reading', 'working']);
  expect(events.filter(({ event }) => event === 'session_found')).toHaveLength(1);
  await until('the clients of the life before are gone', async () =>
    (await clients('shop-api')).length === 1 ? true : null,
  );
});

it('shows the agents with their history before tmux is asked', async () => {
  await daemon.end('SIGTERM');
  await tmux.kill();
  await daemon.start();
  const agents = await daemon.get<{ agents: { session: string; state: string }[] }>('/api/agents');
  expect(agents.agents).toMatchObject([{ session: 'shop-api' }]);
  await daemon.agent('shop-api', ({ connection }) => connection === 'gone');
});

it('stops in time on SIGTERM with status 0, and leaves no client behind', async () => {
  expect(await daemon.end('SIGTERM')).toBe(0);
  await until('no client is left', async () =>
    (await tmux.run('list-clients')) === '' ? true : null,
  );
  const stream = await readStream(redis);
  expect(stream.at(-1)?.[1].event).toBe('monitor_stopped');
});
