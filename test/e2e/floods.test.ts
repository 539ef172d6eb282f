/** What a pane writes can hurt neither the daemon nor the sessions beside it. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { HOSTILE, type HostileName } from '../support/hostile-output.ts';
import { asPaintedAgents, type PaintedAgent, startPaintedAgent } from '../support/painted-agent.ts';
import { startRedis } from '../support/redis.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';

const scope = new AsyncDisposableStack();
let tmux: TestTmux;
let daemon: TestDaemon;
let flooded: PaintedAgent;
let beside: PaintedAgent;
let connected: string;
let turn = 0;

beforeAll(async () => {
  tmux = scope.use(await startTmux());
  const redis = scope.use(await startRedis());
  flooded = scope.use(await startPaintedAgent(tmux, { name: 'flooded' }));
  beside = scope.use(await startPaintedAgent(tmux, { name: 'beside' }));
  daemon = scope.use(
    await startDaemon({ tmux, redis, sessions: ['*'], env: asPaintedAgents(tmux) }),
  );
  for (const name of ['flooded', 'beside'])
    await daemon.agent(name, ({ connection }) => connection === 'attached');
  connected = await clients();
});

const clients = () => tmux.run('list-clients', '-F', '#{client_pid} #{client_session}');

afterAll(() => scope.disposeAsync());

/** Both go through a turn that the daemon must see. */
const bothAreSeen = async () => {
  turn += 1;
  for (const [name, agent] of Object.entries({ flooded, beside })) {
    agent.rest(turn);
    await daemon.agent(name, ({ state }) => state === 'complete');
    agent.work(turn);
    await daemon.agent(
      name,
      ({ state, evidence }) => state === 'reading' && evidence.includes(`turn ${turn}`),
    );
  }
  // No flood costs a connection.
  expect(await clients()).toEqual(connected);
  const { restarts } = await daemon.get<{ restarts: number }>('/api/stats');
  expect(restarts).toBe(0);
  expect(daemon.printed()).not.toMatch(/"level":[56]0/);
};

/** A megabyte, or one line as long as lines get. */
const PIECES = 64;
const LINE_PIECES = 641;

test.each(Object.keys(HOSTILE) as HostileName[])('%s', async (kind) => {
  flooded.flood(kind, kind === 'lines of 10 MB' ? LINE_PIECES : PIECES);
  await bothAreSeen();
});

test('a window that is dragged to and fro', async () => {
  const sizes = Array.from({ length: 100 }, (_, step) => [
    ...['resize-window', '-t', flooded.paneId],
    ...['-x', String(40 + step), '-y', String(10 + (step % 40)), ';'],
  ]);
  await tmux.run(...sizes.flat());
  await tmux.run('resize-window', '-t', flooded.paneId, '-x', '120', '-y', '40');
  await bothAreSeen();
});

test('a pane of 500 by 500 that is full of marks', async () => {
  await tmux.run('resize-window', '-t', flooded.paneId, '-x', '500', '-y', '500');
  flooded.flood('marks of all dialogs and prompts', PIECES);
  await tmux.run('resize-window', '-t', flooded.paneId, '-x', '120', '-y', '40');
  await bothAreSeen();
});

test('sessions and windows with names that mean something elsewhere', async () => {
  for (const name of NAMES) {
    await tmux.run('rename-window', '-t', flooded.paneId, '--', name);
    await tmux.run('rename-session', '-t', flooded.sessionId, '--', name);
    const shown = await tmux.run('display-message', '-p', '-t', flooded.paneId, '#{session_name}');
    turn += 1;
    flooded.rest(turn);
    await daemon.agent(shown, ({ state }) => state === 'complete');
    flooded.work(turn);
    await daemon.agent(
      shown,
      ({ state, evidence }) => state === 'reading' && evidence.includes(`turn ${turn}`),
    );
  }
  const events = await daemon.events();
  expect(events.filter(({ event }) => event === 'session_renamed')).toHaveLength(NAMES.length);
  expect(events.filter(({ event }) => event === 'session_gone')).toEqual([]);
});

const NAMES = [
  ...['%exit', '$1', '-t', 'a;b', '#{pid}', `"$HOME" it's`, '漢字👩‍👩‍👧‍👦', '\u001b[2J\u0007'],
  ...['__proto__', '../..%2f', 'x'.repeat(200)],
];
