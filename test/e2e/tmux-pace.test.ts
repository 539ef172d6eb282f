import { closeSync, openSync, writeSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Look } from '../../actors/ports.ts';
import { connectTmux, targetOf } from '../support/connect-tmux.ts';
import { PATIENCE } from '../support/patience.ts';
import { startTmux } from '../support/tmux.ts';
import { recordWatch } from '../support/watch-recorder.ts';

const PANES = 40;

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
  const flags = await server.run('list-clients', '-F', '#{client_flags}');
  expect(flags.split('\n').filter((line) => line.includes('no-output'))).toHaveLength(PANES + 1);
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
});
