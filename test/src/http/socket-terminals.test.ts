import { afterEach, expect, it, vi } from 'vitest';
import { SessionNotFound } from '../../../actors/errors.ts';
import type { ScreenListener } from '../../../actors/ports.ts';
import { createFakeMonitor } from './fake-monitor.ts';
import { connect, endAndCheck, isOf, type Message } from './socket-caller.ts';
import { startServer } from './start.ts';

afterEach(endAndCheck);

/** Panes whose screens a test draws, and who looks at them. */
const startPanes = async () => {
  const viewers = new Set<ScreenListener>();
  const monitor = createFakeMonitor({
    watchScreen: (session, listener) => {
      if (session === 'none') throw new SessionNotFound(session);
      viewers.add(listener);
      return () => viewers.delete(listener);
    },
  });
  const api = await startServer({ monitor, limits: { stallMs: 60_000 } });
  const seenBy = (count: number) => vi.waitFor(() => expect(viewers.size).toBe(count));
  return {
    viewers,
    seenBy,
    draw: (rows: string[], width = 10) => {
      const cursor = { x: 0, y: 0, visible: true };
      const screen = { title: 't', width, height: rows.length, cursor, rows };
      for (const viewer of viewers) viewer.shown(screen);
    },
    /** A client that looks at these. */
    look: async (...sessions: string[]) => {
      const client = await connect(api.port);
      for (const session of sessions) client.say({ type: 'terminal', session });
      await seenBy(sessions.length);
      return client;
    },
    /** Ends the one that was looked at first. */
    end: () => {
      for (const viewer of [...viewers].slice(0, 1)) {
        viewer.gone('the pane is no more');
        viewers.delete(viewer);
      }
    },
    rename: (previousSession: string, session: string) =>
      api.monitor.commit({ event: 'session_renamed', session, previousSession }),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
};

const isTerminal = ({ type }: Message) => type.startsWith('terminal');

it('is told whole, then row by row, and whole again in another size', async () => {
  await using panes = await startPanes();
  const client = await panes.look('shop-api');
  panes.draw(['one', 'two']);
  panes.draw(['one', 'three']);
  panes.draw(['one', 'three', ''], 12);
  await vi.waitFor(() => expect(client.told.filter(isTerminal)).toHaveLength(3));
  const cursor = { x: 0, y: 0, visible: true };
  const screen = { session: 'shop-api', title: 't', cursor };
  expect(client.told.filter(isTerminal)).toEqual([
    { type: 'terminal', ...screen, width: 10, height: 2, rows: ['one', 'two'] },
    { type: 'terminal_changed', ...screen, rows: { 1: 'three' } },
    { type: 'terminal', ...screen, width: 12, height: 3, rows: ['one', 'three', ''] },
  ]);
  client.say({ type: 'terminal_end', session: 'shop-api' });
  await panes.seenBy(0);
});

it('is told newest to one that does not keep up', async () => {
  await using panes = await startPanes();
  const client = await panes.look('shop-api');
  client.socket.pause();
  const last = 5_000;
  for (let times = 0; times <= last; times += 1)
    panes.draw([`${times}`, 'x'.repeat(10_000 + times)]);
  client.socket.resume();
  const isLast = ({ rows }: Message) => Object.values(rows ?? {})[0] === String(last);
  await client.until(isLast);
  expect(client.told.length).toBeLessThan(1_000);
});

it.each([
  ['that is not there', ['a', 'b', 'c'], 'none', 'session_not_found'],
  ['that is one too many', ['a', 'b', 'c', 'd'], 'e', 'bad_request'],
])('%s is refused', async (_which, others, session, code) => {
  await using panes = await startPanes();
  const client = await panes.look(...others);
  client.say({ type: 'terminal', session });
  expect(await client.until(isOf('error'))).toMatchObject({ code });
  expect(panes.viewers.size).toBe(others.length);
});

it('is over with its pane, and with its client', async () => {
  await using panes = await startPanes();
  const client = await panes.look('a', 'b');
  panes.end();
  expect(await client.until(isOf('terminal_gone'))).toMatchObject({ session: 'a' });
  client.socket.terminate();
  await panes.seenBy(0);
});

it('goes on under the new name of its session, and says so', async () => {
  await using panes = await startPanes();
  const client = await panes.look('shop-api');
  // Who does not follow it as a session is told all the same.
  client.say({ type: 'subscribe', sessions: ['other'] });
  await client.until(isOf('subscribed'));
  panes.draw(['one', 'two']);
  panes.rename('shop-api', 'web');
  panes.draw(['one', 'three']);
  const changed = await client.until(isOf('terminal_changed'));
  expect(changed).toMatchObject({ session: 'web', rows: { 1: 'three' } });
  expect(client.told.filter(isTerminal).slice(0, -1)).toMatchObject([
    { type: 'terminal', session: 'shop-api', rows: ['one', 'two'] },
    { type: 'terminal_renamed', session: 'web', previousSession: 'shop-api' },
    { type: 'terminal', session: 'web', rows: ['one', 'two'] },
  ]);
  expect(client.told.filter(isOf('event'))).toEqual([]);
});

it.each(['web', 'shop-api'])('of a renamed session ends under its name %s', async (name) => {
  await using panes = await startPanes();
  const client = await panes.look('shop-api');
  panes.draw(['one']);
  panes.rename('shop-api', 'web');
  await client.until(isOf('terminal_renamed'));
  client.say({ type: 'terminal_end', session: name });
  await panes.seenBy(0);
});

it('of a renamed session stays where another one gets its old name', async () => {
  await using panes = await startPanes();
  const client = await panes.look('a');
  panes.rename('a', 'b');
  client.say({ type: 'terminal', session: 'a' });
  await panes.seenBy(2);
});

it('makes way for a session that takes its name', async () => {
  await using panes = await startPanes();
  const client = await panes.look('a', 'b');
  panes.rename('a', 'b');
  expect(await client.until(isOf('terminal_gone'))).toMatchObject({ session: 'b' });
  expect(await client.until(isOf('terminal_renamed'))).toMatchObject({ session: 'b' });
  expect(panes.viewers.size).toBe(1);
});
