import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EventPage, JudgeRequest, Sight } from '../../actors/ports.ts';
import type { Agent, MonitorEvent, Verdict } from '../../machines/vocabulary.ts';
import { createSight } from '../../src/analysis/pool.ts';
import { type Running, start } from '../../src/wiring.ts';
import { testConfig } from '../support/config.ts';
import { createRecordedPart } from '../support/parts.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { startRedis } from '../support/redis.ts';
import { type PaneAgent, startAgent } from '../support/simulated-agent.ts';
import { createDataFolder } from '../support/store.ts';
import { systemClock } from '../support/system-clock.ts';
import { startTmux } from '../support/tmux.ts';
import { LONG_TURN } from '../support/turns.ts';
import { until } from '../support/until.ts';

let scope: AsyncDisposableStack;
let running: Running;
let poisoned: PaneAgent;
let healthy: PaneAgent;
/** How many of the poisoned session's looks crash its actor. */
let poison: number;

/** A verdict that no machine can read, for as many looks of the poisoned session as wanted. */
const poisonable =
  (sight: Sight) =>
  async (request: JudgeRequest): Promise<Verdict> => {
    const verdict = await sight.judge(request);
    if (poison === 0 || !request.text.includes('POISON')) return verdict;
    poison -= 1;
    return null as never;
  };

beforeEach(async () => {
  scope = new AsyncDisposableStack();
  poison = 0;
  const tmux = scope.use(await startTmux());
  const redis = scope.use(await startRedis());
  const folder = scope.use(createDataFolder());
  const log = createRecordedLog();
  const sight = createSight({ clock: systemClock, log, part: createRecordedPart() });
  const config = testConfig({ redis, tmux, dataDir: folder.path });
  running = await start({
    ...{ config, log, version: '0.0.0' },
    sight: { judge: poisonable(sight), close: sight.close },
  });
  scope.defer(running.stop);
  poisoned = scope.use(await startAgent(tmux, LONG_TURN, { name: 'poisoned', stepped: true }));
  healthy = scope.use(await startAgent(tmux, LONG_TURN, { name: 'healthy', stepped: true }));
  await agentIs('poisoned', ({ state }) => state === 'complete');
  await agentIs('healthy', ({ state }) => state === 'complete');
});

afterEach(() => scope.disposeAsync());

const call = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://${running.address.host}:${running.address.port}${path}`, init);

const agentIs = (session: string, isWanted: (agent: Agent) => boolean): Promise<Agent> =>
  until(`${session} is as wanted`, async () => {
    const response = await call(`/api/agents/${session}`);
    const agent = (await response.json()) as Agent;
    return response.ok && isWanted(agent) ? agent : null;
  });

const events = async (session: string): Promise<MonitorEvent[]> => {
  const page = (await (await call('/api/events?limit=1000')).json()) as EventPage;
  return page.events.filter((event) => event.session === session);
};

const told = (session: string, name: string): Promise<true> =>
  until(`${session} has told ${name}`, async () =>
    (await events(session)).some(({ event }) => event === name) ? true : null,
  );

const submit = async (agent: PaneAgent, text: string) => {
  await agent.type(text);
  await agent.press('Enter');
};

it('a crash restarts that session only, with its state and its history', async () => {
  poison = 1;
  await submit(poisoned, 'POISON');
  await submit(healthy, 'fix the parser');
  await told('poisoned', 'actor_restarted');
  await agentIs('poisoned', ({ state }) => state === 'reading');
  await agentIs('healthy', ({ state }) => state === 'reading');

  const [crashed] = (await events('poisoned')).filter(({ event }) => event === 'actor_crashed');
  expect(crashed).toMatchObject({ actor: 'session', restartInMs: expect.any(Number) });
  const names = async (session: string) =>
    (await events(session)).map(({ event, state }) => state ?? event);
  expect(await names('healthy')).toEqual(['session_found', 'complete', 'reading']);
  const afterwards = await agentIs('poisoned', ({ connection }) => connection === 'attached');
  expect(afterwards.restarts).toBe(1);
});

it('a session that keeps crashing is set aside, the others go on, and it can be lifted', async () => {
  poison = Number.POSITIVE_INFINITY;
  await submit(poisoned, 'POISON');
  await told('poisoned', 'actor_quarantined');
  const health = (await (await call('/health')).json()) as {
    status: string;
    checks: { supervisor: { status: string } };
  };
  expect(health.checks.supervisor.status).toBe('degraded');
  const stats = (await (await call('/api/stats')).json()) as { quarantined: string[] };
  expect(stats.quarantined).toEqual(['poisoned']);
  await agentIs('poisoned', ({ connection }) => connection === 'reconnecting');

  await submit(healthy, 'fix the parser');
  await agentIs('healthy', ({ state }) => state === 'reading');

  poison = 0;
  expect((await call('/api/agents/poisoned/restart', { method: 'POST' })).ok).toBe(true);
  await agentIs(
    'poisoned',
    ({ state, connection }) => state === 'reading' && connection === 'attached',
  );
});
