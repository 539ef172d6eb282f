import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Agent, MonitorEvent } from '../../machines/vocabulary.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { startRedis } from '../support/redis.ts';
import { createDataFolder } from '../support/store.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

const COUNT = 50;
const SCREENS = join(import.meta.dirname, '../fixtures/screens/claude-code/2.1.197');

/** A screen as it was recorded, and what an agent that shows it is at. */
const SHOWN = {
  ready: { file: '01-idle-fresh.txt', state: 'complete', attention: 'none' },
  thinking: { file: '03-thinking.txt', state: 'reading', attention: 'none' },
  asking: { file: '08-permission-edit.txt', state: 'reading', attention: 'approval' },
} as const;
type Screen = keyof typeof SHOWN;

let scope: AsyncDisposableStack;
let tmux: TestTmux;
let daemon: TestDaemon;
let ttys: Map<string, string>;
const shown = new Map<string, Screen>();
const names = Array.from({ length: COUNT }, (_, index) => `agent-${index + 1}`);

const paint = (session: string, screen: Screen): void => {
  shown.set(session, screen);
  const rows = readFileSync(join(SCREENS, SHOWN[screen].file), 'utf8').trimEnd().split('\n');
  writeFileSync(ttys.get(session) ?? '', `\u001b[2J\u001b[H${rows.join('\r\n')}`);
};

/** Waits until every agent is what its screen shows, and answers how long that took. */
const allAreRight = async (): Promise<number> => {
  const began = performance.now();
  await until('all agents are right', async () => {
    const { agents } = await daemon.get<{ agents: Agent[] }>('/api/agents');
    const right = agents.filter(({ session, state, attention, since, connection }) => {
      const wanted = SHOWN[shown.get(session) ?? 'ready'];
      const isSeen = since !== null && (connection === 'attached' || connection === 'shared');
      return isSeen && state === wanted.state && attention === wanted.attention;
    });
    return right.length === COUNT ? true : null;
  });
  return Math.round(performance.now() - began);
};

const eventsSince = async (seq: number): Promise<MonitorEvent[]> =>
  (await daemon.get<{ events: MonitorEvent[] }>(`/api/events?limit=1000&after=${seq}`)).events;

const last = async (): Promise<number> =>
  (await daemon.get<{ events: { last: number } }>('/api/stats')).events.last;

beforeAll(async () => {
  scope = new AsyncDisposableStack();
  tmux = scope.use(await startTmux());
  const redis = scope.use(await startRedis());
  const folder = scope.use(createDataFolder());
  const config = join(folder.path, 'config.toml');
  writeFileSync(
    config,
    `sessions = ["agent-*"]\n[[agents]]\nsession = "agent-*"\nkind = "claude-code"\n`,
  );
  for (const name of names) await tmux.newSession({ name });
  const listed = await tmux.run('list-panes', '-a', '-F', '#{session_name} #{pane_tty}');
  ttys = new Map(listed.split('\n').map((line) => line.split(' ') as [string, string]));
  const screens: Screen[] = ['ready', 'asking', 'thinking', 'thinking', 'thinking'];
  names.forEach((name, index) => {
    paint(name, screens[index % screens.length] ?? 'ready');
  });
  daemon = scope.use(await startDaemon({ tmux, redis, env: { AGENT_MONITOR_CONFIG: config } }));
  await allAreRight();
});
afterAll(() => scope.disposeAsync());

it(`${COUNT} sessions are right again after kill -9, and nothing is told that did not happen`, async ({
  annotate,
}) => {
  const before = await last();
  await daemon.end('SIGKILL');
  const changed = names.filter((_, index) => index % 5 === 2);
  for (const name of changed) paint(name, 'asking');
  await daemon.start();
  await annotate(`all right ${await allAreRight()} ms after the start`);
  const told = (await eventsSince(before)).filter(({ event }) => event !== 'monitor_started');
  const inOrder = (list: string[]) => list.sort((one, other) => one.localeCompare(other));
  expect(inOrder(told.map(({ event, session }) => `${event} ${session}`))).toEqual(
    inOrder(changed.flatMap((name) => [`agent_waiting ${name}`, `attention_change ${name}`])),
  );
});

it('killed while they change, states and events agree; without their snapshots they are looked at anew', async () => {
  const before = await last();
  names.forEach((name, index) => {
    paint(name, index % 2 === 0 ? 'thinking' : 'asking');
  });
  await until('some are told', async () => ((await last()) > before + 5 ? true : null));
  await daemon.end('SIGKILL');
  const end = expectAgreement(join(daemon.dataDir, 'agent-state.db'));
  // As another version of the program finds them.
  const sql = new Database(join(daemon.dataDir, 'agent-state.db'));
  sql.exec('UPDATE snapshots SET version = version + 1');
  sql.close();
  await daemon.start();
  await allAreRight();
  const told = Map.groupBy(
    (await eventsSince(end)).filter(({ session }) => session !== ''),
    ({ session }) => session,
  );
  expect(told.size).toBe(COUNT);
  for (const [session, events] of told) {
    const wanted = SHOWN[shown.get(session) ?? 'ready'];
    const [gone, found, change, ...more] = events;
    expect([gone?.event, found?.event]).toEqual(['session_gone', 'session_found']);
    expect(change).toMatchObject({ event: 'state_change', prevState: null, state: wanted.state });
    expect(more).toHaveLength(wanted.attention === 'none' ? 0 : 2);
  }
});

/** Every agent's row has the state that was told last, and no number is missing; answers the last. */
const expectAgreement = (path: string): number => {
  const sql = new Database(path, { readonly: true });
  const rows = sql
    .prepare(
      `SELECT session, state, (SELECT json_extract(body, '$.state') FROM events
         WHERE events.session = agent_state.session AND event = 'state_change'
         ORDER BY seq DESC LIMIT 1) AS told FROM agent_state`,
    )
    .all() as { session: string; state: string; told: string }[];
  const numbers = sql.prepare('SELECT min(seq), max(seq), count(*) FROM events').raw().get();
  sql.close();
  expect(rows).toHaveLength(COUNT);
  expect(rows.filter(({ state, told }) => state !== told)).toEqual([]);
  const [first, end, count] = numbers as [number, number, number];
  expect([first, count]).toEqual([1, end]);
  return end;
};
