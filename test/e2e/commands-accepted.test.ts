import { describe, expect, it } from 'vitest';
import type { ShownCommand, Stats } from '../../actors/ports.ts';
import { type Accepted, call, commandsOf, send } from '../support/command-calls.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { startRedis } from '../support/redis.ts';
import { startTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

/** A monitor of sessions whose agents are never done, so that what waits for that waits for ever. */
const startBusy = async (sessions: string[]) => {
  await using begun = new AsyncDisposableStack();
  const tmux = begun.use(await startTmux());
  for (const name of sessions) await tmux.newSession({ name });
  const redis = begun.use(await startRedis());
  const daemon = begun.use(await startDaemon({ tmux, redis, sessions }));
  for (const session of sessions) await daemon.agent(session, ({ state }) => state === 'working');
  const stage = begun.move();
  return { tmux, daemon, [Symbol.asyncDispose]: () => stage.disposeAsync() };
};

const SESSIONS = ['shop-api', 'shop-web', 'docs', 'billing'];
const KILLS = 3;
const CLIENTS = 12;

describe('what is accepted', () => {
  it(`is there after ${KILLS} kills in the middle of accepting, in its order and told once`, async () => {
    await using stage = await startBusy(SESSIONS);
    const { daemon } = stage;
    const accepted: Accepted[] = [];
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const enough = Promise.withResolvers<void>();
      const note = (one: Accepted) => {
        // Each session takes 100, and nobody types: all kills together stay below that.
        if (accepted.push(one) === kill * 80) enough.resolve();
      };
      const clients = Array.from({ length: CLIENTS }, (_, client) =>
        sendUntilKilled(daemon, client, kill, note),
      );
      await Promise.race([enough.promise, Promise.all(clients)]);
      await daemon.end('SIGKILL');
      await Promise.all(clients);
      await daemon.start();
    }
    for (const session of SESSIONS) {
      const commands = await commandsOf(daemon, session);
      expectInOrder(commands.map(({ command }) => command));
      const ids = commands.map(({ id }) => id);
      const told = accepted.filter((one) => one.session === session).map(({ id }) => id);
      expect(told.filter((id) => !ids.includes(id))).toEqual([]);
    }
    const { commands } = await daemon.get<Stats>('/api/stats');
    expect(commands.queued).toBeGreaterThanOrEqual(accepted.length);
    expect({ ...commands, queued: 0 }).toEqual(NOTHING);
    const queued = await until('all are told of', async () => {
      const path = '/api/events?event=command_queued&limit=1000';
      const { events } = await daemon.get<{ events: { id: string }[] }>(path);
      return events.length === commands.queued ? events : null;
    });
    expect(new Set(queued.map(({ id }) => id)).size).toBe(commands.queued);
  });

  it('is counted with its agent, until there is no more room', async () => {
    await using stage = await startBusy(['shop-api', 'docs']);
    const { daemon } = stage;
    const posts = await Promise.all(
      Array.from({ length: 120 }, () => post(daemon, 'shop-api', 'later')),
    );
    const refused = posts.filter(({ status }) => status !== 202);
    expect(refused).toHaveLength(20);
    for (const { status, headers } of refused) {
      expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true]);
    }
    await daemon.agent('shop-api', ({ queued }) => queued === 100);
    expect((await post(daemon, 'docs', 'later')).status).toBe(202);
    const [first] = await commandsOf(daemon, 'shop-api');
    expect((await call(daemon, 'DELETE', `/api/commands/${first?.id}`)).status).toBe(200);
    expect((await post(daemon, 'shop-api', 'later')).status).toBe(202);
  });
});

it('a session that is gone takes no command, but its history stays', async () => {
  await using stage = await startBusy(['shop-api', 'docs']);
  const { tmux, daemon } = stage;
  const { id } = await send(daemon, 'shop-api', 'later', { when: 'idle' });
  await tmux.run('kill-session', '-t', 'shop-api');
  await daemon.agent('shop-api', ({ connection }) => connection === 'gone');
  const refused = await post(daemon, 'shop-api', 'too late');
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
    410,
    'pane_gone',
  ]);
  expect((await commandsOf(daemon, 'shop-api')).map((command) => command.id)).toEqual([id]);
});

it('a command waits across a restart with all that was asked', async () => {
  await using stage = await startBusy(['shop-api']);
  const { daemon } = stage;
  const text = 'zwei\nZeilen “🧪” #{pane_id} $HOME ; -x';
  const { id } = await send(daemon, 'shop-api', text, { source: 'zoe', when: 'idle' });
  const { held: _, ...before } = await daemon.get<ShownCommand>(`/api/commands/${id}`);
  expect(await daemon.end()).toBe(0);
  await daemon.start();
  expect(before).toMatchObject({ command: text, source: 'zoe', when: 'idle', status: 'queued' });
  expect(await daemon.get(`/api/commands/${id}`)).toMatchObject(before);
});

const NOTHING = {
  ...{ queued: 0, sending: 0, sent: 0, failed: 0 },
  ...{ unknown: 0, expired: 0, cancelled: 0 },
};

const post = (daemon: TestDaemon, session: string, command: string): Promise<Response> =>
  call(daemon, 'POST', `/api/agents/${session}/command`, { command, when: 'idle' });

/** Each client sends its next only when the one before was accepted, and numbers them. */
const expectInOrder = (texts: string[]): void => {
  const byClient = Map.groupBy(texts, (text) => text.slice(0, text.lastIndexOf('/')));
  for (const [client, own] of byClient) {
    expect(own).toEqual(own.map((_, n) => `${client}/${n}`));
  }
};

/** Sends one after the other until the monitor is gone; what it was told is accepted it notes. */
const sendUntilKilled = async (
  daemon: TestDaemon,
  client: number,
  kill: number,
  accepted: (one: Accepted) => void,
): Promise<void> => {
  const session = SESSIONS[client % SESSIONS.length] ?? '';
  for (let n = 0; ; n += 1) {
    const response = await post(daemon, session, `${kill}/${client}/${n}`).catch(() => null);
    if (response === null) return;
    const body = await response.json().catch(() => null);
    if (body === null) return;
    if (response.status !== 202) throw new Error(`${response.status} ${JSON.stringify(body)}`);
    accepted(body as Accepted);
  }
};
