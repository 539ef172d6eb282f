import { expect, test, vi } from 'vitest';
import type { WatchTarget } from '../../actors/ports.ts';
import { connectTmux, targetOf } from '../support/connect-tmux.ts';
import { PATIENCE } from '../support/patience.ts';
import { startTmux } from '../support/tmux.ts';
import { recordWatch } from '../support/watch-recorder.ts';

test.each([1, 2, 3])(
  'sessions that are made in a burst and watched at once survive it (%i)',
  async () => {
    await using server = await startTmux();
    await server.newSession();
    const identity = await server.identity();
    await using tmux = connectTmux(server);
    const listeners = [];
    for (let made = 0; made < 15; made++) {
      const { sessionId, paneId } = await server.newSession();
      const target: WatchTarget = { server: identity, sessionId, paneId, fragile: false };
      const listener = recordWatch();
      tmux.watch(target, listener);
      listeners.push(listener);
    }
    for (const listener of listeners) await listener.connection('attached');
    expect(await server.identity()).toEqual(identity);
    expect((await server.run('list-sessions')).split('\n')).toHaveLength(16);
  },
);

test('while sessions change all the time nobody attaches, and the pane is watched all the same', async () => {
  await using server = await startTmux();
  const session = await server.newSession();
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  const clients = new Set<string>();
  for (let change = 0; change < 100; change++) {
    await server.run('rename-session', '-t', session.sessionId, `shop-${change}`);
    clients.add(await server.run('list-clients', '-F', '#{client_control_mode}'));
    if (change === 20) await server.run('send-keys', '-t', session.paneId, 'seen', 'Enter');
  }
  expect([...clients]).toEqual(['']);
  await listener.look(({ text }) => text.includes('seen\nseen'));
  expect(listener.connections).toEqual(['shared']);
  await listener.connection('attached');
});

test('while a person types, panes are watched over the shared connection alone', async () => {
  await using server = await startTmux();
  const [session, persons] = [await server.newSession(), await server.newSession()];
  // A client inside a client: what is typed into the outer pane is typed by a person to the inner.
  await using outer = await startTmux();
  const { paneId } = await outer.newSession({
    command: `env -u TMUX tmux -S ${server.socket} attach-session -t '${persons.sessionId}'`,
  });
  const attachedPerson = () => server.run('list-clients', '-F', '#{client_control_mode}');
  await vi.waitFor(async () => expect(await attachedPerson()).toBe('0'), PATIENCE);
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  let typed = 0;
  await vi.waitFor(async () => {
    await outer.run('send-keys', '-t', paneId, 'x');
    typed += 1;
    expect(listener.looks.length).toBeGreaterThan(0);
    expect(typed).toBeGreaterThan(50);
  }, PATIENCE);
  expect(listener.connections).toEqual(['shared']);
  await listener.connection('attached');
});
