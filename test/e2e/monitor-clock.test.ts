import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Clock } from '../../actors/ports.ts';
import type { AgentDetail, Command, MonitorEvent } from '../../machines/vocabulary.ts';
import { systemClock } from '../../src/clock.ts';
import { type Running, start } from '../../src/wiring.ts';
import { ended, send } from '../support/command-calls.ts';
import { testConfig } from '../support/config.ts';
import { startDaemon } from '../support/daemon.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { type PaneAgent, startAgent } from '../support/simulated-agent.ts';
import { createDataFolder } from '../support/store.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { LONG_TURN } from '../support/turns.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 60 * 60 * 1000;

let scope: AsyncDisposableStack;
let tmux: TestTmux;
let redis: TestRedis;
let agent: PaneAgent;
beforeEach(async () => {
  scope = new AsyncDisposableStack();
  tmux = scope.use(await startTmux());
  redis = scope.use(await startRedis());
  agent = scope.use(await startAgent(tmux, LONG_TURN, { name: 'shop-api', stepped: true }));
});
afterEach(() => scope.disposeAsync());

const submit = async (): Promise<void> => {
  await agent.type('fix the parser');
  await agent.press('Enter');
};

const states = (events: MonitorEvent[]): unknown[] =>
  events.filter(({ event }) => event === 'state_change').map(({ state }) => state);

/** A monitor in this process, whose wall clock the test may set. */
const startWithClock = async () => {
  let set = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + set };
  const log: RecordedLog = createRecordedLog();
  const folder = scope.use(createDataFolder());
  const config = testConfig({ redis, tmux, dataDir: folder.path });
  const running: Running = await start({ config, log, version: '0.0.0', clock });
  scope.defer(() => running.stop());
  const { host, port } = running.address;
  const get = async <Body>(path: string): Promise<Body> =>
    (await (await fetch(`http://${host}:${port}${path}`)).json()) as Body;
  const isIn = (state: string) =>
    until(`it is ${state}`, async () => {
      const found = await get<AgentDetail>('/api/agents/shop-api');
      return found.state === state && found.reason !== 'not-seen' ? found : null;
    });
  return {
    log,
    get,
    isIn,
    url: `http://${host}:${port}`,
    /** Sets the wall clock, waits until that was noticed, and answers by how much it was. */
    setClock: async (byMs: number): Promise<number> => {
      set += byMs;
      const before = log.lines.length;
      const { fields } = await until('it is noticed', () => {
        const told = log.lines.slice(before);
        return told.find(({ message }) => message.includes('the clock was set')) ?? null;
      });
      return (fields as { byMs: number }).byMs;
    },
  };
};

it('a clock that is set makes no transition, none stuck, and nothing is typed that is due by it', async () => {
  const monitor = await startWithClock();
  await monitor.isIn('complete');
  await submit();
  await monitor.isIn('reading');
  const post = async (expiresInSeconds: number): Promise<Command> => {
    const response = await fetch(`${monitor.url}/api/agents/shop-api/command`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ command: 'later', when: 'idle', expiresInSeconds }),
    });
    return (await response.json()) as Command;
  };
  const commandOf = (id: string) => monitor.get<Command>(`/api/commands/${id}`);

  const short = await post(1800);
  const long = await post(4 * 3600);
  await monitor.setClock(HOUR_MS);
  await until('it expires', async () =>
    (await commandOf(short.id)).status === 'expired' ? true : null,
  );
  const before = await commandOf(long.id);
  expect(before.status).toBe('queued');

  // The two clocks are read one after the other: what is noticed may be a millisecond off.
  const setBy = await monitor.setClock(-2 * HOUR_MS);
  expect(Math.round(setBy / 1000)).toBe(-7200);
  await until('its deadline is set back', async () =>
    (await commandOf(long.id)).expiresAt === before.expiresAt + setBy ? true : null,
  );
  expect((await commandOf(long.id)).status).toBe('queued');

  await agent.order('next');
  await agent.order('next');
  await monitor.isIn('working');
  const { events } = await monitor.get<{ events: MonitorEvent[] }>('/api/events?limit=1000');
  expect(states(events)).toEqual(['complete', 'reading', 'working']);
  expect(events.map(({ event }) => event)).not.toContain('agent_stuck');
});

it('a daemon that was stopped for a while types nothing late and calls no agent stuck', async () => {
  const daemon = scope.use(
    await startDaemon({ tmux, redis, env: { AGENT_MONITOR_STUCK_AFTER_SECONDS: '6' } }),
  );
  await daemon.agent('shop-api', ({ state }) => state === 'complete');
  await submit();
  await daemon.agent('shop-api', ({ state }) => state === 'reading');
  const { id } = await send(daemon, 'shop-api', 'late', { when: 'idle', expiresInSeconds: 2 });
  process.kill(daemon.pid, 'SIGSTOP');
  const stoppedAt = Date.now();
  // The agent goes on meanwhile: longer than it may be silent, but it is not.
  await delay(3_500);
  await agent.order('next');
  await delay(3_500);
  await agent.order('next');
  process.kill(daemon.pid, 'SIGCONT');
  await daemon.agent('shop-api', ({ state }) => state === 'working');
  expect((await ended(daemon, id)).status).toBe('expired');
  expect(daemon.printed()).toContain('this process was stopped');
  const since = (await daemon.events()).filter(({ timestamp }) => timestamp >= stoppedAt);
  expect(states(since)).toEqual(['working']);
  expect(since.map(({ event }) => event)).not.toContain('agent_stuck');
  expect(await agent.screen()).not.toContain('late');
});
