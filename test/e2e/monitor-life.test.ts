import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { startDaemon } from '../support/daemon.ts';
import { startRedis } from '../support/redis.ts';
import { readStream } from '../support/relay.ts';
import { startAgent } from '../support/simulated-agent.ts';
import { startTmux } from '../support/tmux.ts';
import { WHOLE_TURN } from '../support/turns.ts';
import { until } from '../support/until.ts';

it('an agent reads, works, waits, completes: REST, rows, stream and subscriber agree', async () => {
  await using tmux = await startTmux();
  await using redis = await startRedis();
  await using agent = await startAgent(tmux, WHOLE_TURN, { name: 'shop-api', stepped: true });

  const step = async (times: number) => {
    for (let time = 0; time < times; time += 1) await agent.order('next');
  };
  const heard: MonitorEvent[] = [];
  const subscriber = new Redis(redis.url);
  await subscriber.subscribe('agent-events');
  subscriber.on('message', (_, message) => heard.push(JSON.parse(message)));

  await using daemon = await startDaemon({ tmux, redis });
  await daemon.agent('shop-api', ({ state, reason }) => state === 'complete' && reason === 'ready');

  await agent.type('fix the parser');
  await agent.press('Enter');
  await daemon.agent('shop-api', ({ state }) => state === 'reading');

  await step(2);
  await daemon.agent('shop-api', ({ progressSource }) => progressSource === 'todos');
  await step(2);
  const waiting = await daemon.agent('shop-api', ({ attention }) => attention !== 'none');
  expect(waiting).toMatchObject({
    state: 'working',
    attention: 'approval',
    progress: 50,
    progressSource: 'todos',
    kind: 'claude-code',
    connection: 'attached',
    indicators: { filesRead: 2, filesEdited: 1 },
    dialog: { attention: 'approval', question: 'Do you want to proceed?' },
  });

  expect(waiting.dialog?.options[0]).toEqual({
    id: '1',
    label: 'Yes',
    key: '1',
    preselected: true,
  });

  await agent.press('1');
  await daemon.agent('shop-api', ({ attention }) => attention === 'none');
  await step(1);
  await daemon.agent('shop-api', ({ progress }) => progress === 100);
  await step(1);
  const done = await daemon.agent('shop-api', ({ state }) => state === 'complete');
  expect(done).toMatchObject({
    state: 'complete',
    reason: 'done',
    attention: 'none',
    progress: 100,
    indicators: { filesRead: 2, filesEdited: 1, bashCommands: 1, errors: 0 },
    machine: { activity: 'complete', attention: 'none', connection: 'attached' },
  });
  expect(done.indicatorsApproximate).toBe(true);
  expect(done.transitions.map(({ state }) => state)).toEqual([
    'complete',
    'reading',
    'working',
    'complete',
  ]);

  const journal = await daemon.events();
  const states = journal.filter(({ event }) => event === 'state_change');
  expect(states.map(({ prevState, state }) => [prevState, state])).toEqual([
    [null, 'complete'],
    ['complete', 'reading'],
    ['reading', 'working'],
    ['working', 'complete'],
  ]);
  expect(journal.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['session_found', 'agent_waiting', 'agent_complete', 'progress']),
  );
  expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_, index) => index + 1));

  const last = journal.at(-1)?.seq ?? 0;
  await until('the subscriber has heard the last event', () =>
    heard.at(-1)?.seq === last ? true : null,
  );
  expect(heard).toEqual(journal);
  expect(await readStream(redis)).toEqual(journal.map((event) => [`${event.seq}-0`, event]));

  const rows = new Database(join(daemon.dataDir, 'agent-state.db'), { readonly: true });
  const stored = rows.prepare('SELECT event, session, seq FROM events ORDER BY seq').all();
  expect(stored).toEqual(journal.map(({ event, session, seq }) => ({ event, session, seq })));
  expect(rows.prepare('SELECT session, state FROM agent_state').all()).toEqual([
    { session: 'shop-api', state: 'complete' },
  ]);
  rows.close();
  subscriber.disconnect();
});
