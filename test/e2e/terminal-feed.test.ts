import { once } from 'node:events';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startCommandStage } from '../support/command-stage.ts';
import { until } from '../support/until.ts';

it('who looks at a terminal goes on to see it when its session is renamed', async () => {
  await using stage = await startCommandStage();
  await using agent = await stage.recording('shop-api');
  const socket = new WebSocket(`${stage.daemon.url.replace('http', 'ws')}/ws`);
  const told: { type: string; session?: string; rows?: string[] }[] = [];
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  await once(socket, 'open');
  const isTold =
    (type: string, session: string, text = '') =>
    () =>
      told.some(
        (message) =>
          message.type === type &&
          message.session === session &&
          JSON.stringify(message.rows ?? '').includes(text),
      ) || null;

  socket.send(JSON.stringify({ type: 'terminal', session: 'shop-api' }));
  await until('it is shown', isTold('terminal', 'shop-api'));
  await stage.tmux.run('rename-session', '-t', '=shop-api', 'web shop');
  await until('the name is told', isTold('terminal_renamed', 'web shop'));
  await stage.tmux.run('send-keys', '-l', '-t', agent.paneId, 'typed later');
  await until('what comes then is told too', isTold('terminal_changed', 'web shop', 'typed later'));
  const afterwards = told.slice(told.findIndex(({ type }) => type === 'terminal_renamed'));
  const names = afterwards.flatMap(({ type, session }) =>
    type.startsWith('terminal') ? [session] : [],
  );
  expect(new Set(names)).toEqual(new Set(['web shop']));
  socket.terminate();
});
