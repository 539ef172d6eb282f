import { closeSync, openSync, writeSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Look } from '../../actors/ports.ts';
import { NO_LEFTOVERS } from '../../src/tmux/leftovers.ts';
import { createLooker } from '../../src/tmux/look.ts';
import { NO_METER } from '../../src/tmux/output-meter.ts';
import { createOwnConnection } from '../../src/tmux/own-connection.ts';
import { createPaneWatch } from '../../src/tmux/pane-watch.ts';
import { createProgram } from '../../src/tmux/program.ts';
import { createRequests } from '../../src/tmux/requests.ts';
import { connectTmux, targetOf } from '../support/connect-tmux.ts';
import { PATIENCE } from '../support/patience.ts';
import { systemClock } from '../support/system-clock.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { recordWatch } from '../support/watch-recorder.ts';

const PANES = 30;

const connectOwn = async (server: TestTmux, command: string) => {
  const session = await server.newSession({ command });
  const clock = systemClock;
  const leftovers = NO_LEFTOVERS;
  const program = createProgram({ socket: server.socket, tmux: 'tmux', clock, leftovers });
  const requests = createRequests('<separator>');
  const listener = recordWatch();
  const watch = createPaneWatch(await targetOf(server, session), listener, () => undefined);
  const own = createOwnConnection({
    ...{ program, clock, requests, watch, looker: createLooker(requests, clock) },
    attached: () => watch.connected('attached'),
    changed: () => {},
    meter: NO_METER,
    ended: (_, detail) => watch.close('lost', detail),
  });
  await listener.connection('attached');
  const stop = async () => {
    own.close();
    await program.ended();
  };
  return { session, own, watch, listener, [Symbol.asyncDispose]: stop };
};

test('a pane that is not to push says nothing until it is to push again', async () => {
  await using server = await startTmux();
  await using connected = await connectOwn(server, 'cat');
  const { own, listener, session } = connected;
  const type = async (text: string) => {
    await server.run('send-keys', '-t', session.paneId, text, 'Enter');
    await vi.waitFor(async () => {
      const screen = await server.run('capture-pane', '-p', '-t', session.paneId);
      expect(screen).toContain(`${text}\n${text}`);
    }, PATIENCE);
  };
  const sees = (text: string) => listener.look((look) => look.text.includes(`${text}\n${text}`));
  await type('one');
  await sees('one');
  expect(own.takeMarks()).toBeGreaterThan(0);

  own.push(false);
  await type('two');
  own.look();
  await sees('two');
  own.takeMarks();
  await type('three');
  own.look();
  await sees('three');
  expect(own.takeMarks()).toBe(0);

  const { length } = listener.looks;
  connected.watch.ask();
  own.push(true);
  // It looks once it is told again of what the pane writes.
  await listener.look((look) => listener.looks.indexOf(look) >= length);
  await type('four');
  await sees('four');
  expect(own.takeMarks()).toBeGreaterThan(0);
});

test('a pane can be switched to and fro while it writes without end', async () => {
  await using server = await startTmux();
  const flood = 'bash -c \'while :; do printf "x%s\\r" $RANDOM; done\'';
  await using connected = await connectOwn(server, flood);
  const { own, listener, watch } = connected;
  for (let turn = 0; turn < 40; turn++) {
    own.push(turn % 2 === 1);
    const { length } = listener.looks;
    watch.ask();
    own.look();
    await listener.look((look) => listener.looks.indexOf(look) >= length);
  }
  expect(listener.closings).toEqual([]);
});

test('busy panes are swept together, each beat in one turn, and push again when they are calm', async () => {
  await using server = await startTmux();
  const sessions = [];
  for (let made = 0; made < PANES; made++) sessions.push(await server.newSession());
  await using tmux = connectTmux(server);
  // Everything that arrives before the event loop turns belongs to one batch.
  let batch: Look[] = [];
  let largest = 0;
  const batched = (look: Look) => {
    if (batch.length === 0) {
      setImmediate(() => {
        batch = [];
      });
    }
    batch.push(look);
    largest = Math.max(largest, batch.length);
  };
  const listeners = await Promise.all(
    sessions.map(async (session) => {
      const listener = recordWatch();
      const looked = (look: Look) => {
        listener.looked(look);
        batched(look);
      };
      tmux.watch(await targetOf(server, session), { ...listener, looked });
      return listener;
    }),
  );
  await Promise.all(listeners.map((listener) => listener.connection('attached')));

  const ttys = (await server.run('list-panes', '-a', '-F', '#{pane_tty}')).split('\n');
  const files = ttys.map((tty) => openSync(tty, 'w'));
  onTestFinished(() => files.forEach(closeSync));
  for (const file of files) writeSync(file, '\x1b]2;at work\x1b\\');
  const named = await Promise.all(
    listeners.map((listener) => listener.look(({ title }) => title === 'at work')),
  );
  let frame = 0;
  const draw = () => {
    frame += 1;
    for (const file of files) writeSync(file, `\x1b[Hframe ${frame}`);
  };
  const drawing = setInterval(draw, 80);
  onTestFinished(() => clearInterval(drawing));
  await vi.waitFor(() => {
    expect(tmux.watching()).toEqual({ attached: PANES, shared: 0, swept: PANES });
  }, PATIENCE);
  largest = 0;
  await vi.waitFor(() => expect(largest).toBe(PANES), PATIENCE);

  clearInterval(drawing);
  draw();
  const last = `frame ${frame}`;
  await Promise.all(listeners.map((listener) => listener.look(({ text }) => text.includes(last))));
  await vi.waitFor(() => expect(tmux.watching().swept).toBe(0), PATIENCE);
  await server.run('send-keys', '-t', sessions[0]?.paneId ?? '', 'pushed again', 'Enter');
  await listeners[0]?.look(({ text }) => text.includes('pushed again'));
  expect(listeners.flatMap(({ closings }) => closings)).toEqual([]);
  // No look is made up of what was known before.
  const since = listeners.map(({ looks }, index) =>
    looks.slice(looks.indexOf(named[index] as Look)),
  );
  expect(new Set(since.flat().map(({ title }) => title))).toEqual(new Set(['at work']));
});
