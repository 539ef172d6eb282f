import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { type AnyActorRef, assign, createActor, fromCallback, setup } from 'xstate';
import { createInspectHub } from '../../../src/inspect/hub.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';

type Message = Record<string, unknown> & { type: string; sessionId: string };

const child = setup({ types: { context: {} as { count: number; cause: unknown } } }).createMachine({
  id: 'child',
  context: { count: 0, cause: null },
  initial: 'idle',
  states: {
    idle: { on: { GO: { target: 'busy', actions: assign({ count: 1 }) } } },
    busy: {
      on: {
        FAIL: {
          actions: () => {
            throw new Error('broken');
          },
        },
        KEEP: { actions: assign({ cause: ({ event }) => (event as { cause?: unknown }).cause }) },
      },
    },
  },
});

const parent = setup({ actors: { child } }).createMachine({
  id: 'parent',
  invoke: { src: 'child', id: 'first', onError: { actions: () => undefined } },
  on: { '*': {} },
});

const start = () => {
  const log = createRecordedLog();
  const clean = {
    text: (text: string) => text.replaceAll('hunter2', '[secret]'),
    isSecretKey: (key: string) => key === 'password',
  };
  const hub = createInspectHub({ clean, now: () => 1_760_000_000_000, log });
  const root = createActor(parent, { inspect: hub.inspect });
  root.start();
  running.push(root);
  const first = root.getSnapshot().children.first as AnyActorRef;
  const look = () => {
    const told: Message[] = [];
    const leave = hub.join((text) => told.push(JSON.parse(text)));
    return { told, leave };
  };
  return { hub, log, root, first, look };
};

const running: AnyActorRef[] = [];
afterEach(() => {
  for (const actor of running.splice(0)) actor.stop();
});

describe('the inspector', () => {
  it('tells a late viewer all that lives, then what happens', () => {
    const { root, first, look } = start();
    first.send({ type: 'GO' });
    const { told } = look();
    expect(told.map(({ type, sessionId }) => [type, sessionId])).toEqual([
      ['@xstate.actor', root.sessionId],
      ['@xstate.actor', first.sessionId],
      ['@xstate.snapshot', root.sessionId],
      ['@xstate.snapshot', first.sessionId],
    ]);
    expect(told[1]).toMatchObject({
      name: 'first',
      parentId: root.sessionId,
      rootId: root.sessionId,
      snapshot: { value: 'busy', context: { count: 1 }, status: 'active' },
      _version: expect.any(String),
    });
    expect(JSON.parse(String(told[1]?.definition))).toMatchObject({
      id: 'child',
      states: { idle: {}, busy: {} },
    });
    first.send({ type: 'KEEP', cause: 'why' });
    expect(told.slice(4)).toMatchObject([
      { type: '@xstate.event', event: { type: 'KEEP', cause: 'why' }, sessionId: first.sessionId },
      { type: '@xstate.snapshot', snapshot: { context: { cause: 'why' } } },
    ]);
  });

  it('shows an actor that crashed as one that failed, and forgets it', () => {
    const { first, look } = start();
    first.send({ type: 'GO' });
    const { told } = look();
    first.send({ type: 'FAIL' });
    expect(told.filter(({ sessionId }) => sessionId === first.sessionId).at(-1)).toMatchObject({
      type: '@xstate.snapshot',
      snapshot: { status: 'error', error: { message: 'broken' } },
    });
    expect(look().told.filter(({ sessionId }) => sessionId === first.sessionId)).toEqual([]);
  });

  it('tells of an actor that begins later before anything of it, and of its end', () => {
    const { hub, look } = start();
    const { told } = look();
    told.length = 0;
    const later = createActor(child, { inspect: hub.inspect });
    later.start();
    later.send({ type: 'GO' });
    later.stop();
    const ofIt = told.filter(({ sessionId }) => sessionId === later.sessionId);
    expect(ofIt[0]?.type).toBe('@xstate.actor');
    expect(ofIt.at(-1)).toMatchObject({
      type: '@xstate.snapshot',
      snapshot: { status: 'stopped' },
    });
    expect(look().told.filter(({ sessionId }) => sessionId === later.sessionId)).toEqual([]);
  });

  it('shows neither secrets nor functions, and ends what has no end', () => {
    const { first, look } = start();
    first.send({ type: 'GO' });
    const { told } = look();
    const endless: Record<string, unknown> = { text: 'x'.repeat(5_000), call: () => 1, big: 2n };
    endless.self = endless;
    first.send({ type: 'KEEP', cause: { endless, error: new Error('the password is hunter2') } });
    expect(told.at(-1)).toHaveProperty(
      'snapshot.context.cause',
      expect.objectContaining({
        endless: expect.objectContaining({ call: '[function call]', big: '2' }),
        error: { name: 'Error', message: 'the password is [secret]' },
      }),
    );
    expect(JSON.stringify(told)).not.toContain('hunter2');
    expect(JSON.stringify(told).length).toBeLessThan(40_000);
  });

  it('masks by the name of a field, and a secret that is cut', () => {
    const { first, look } = start();
    first.send({ type: 'GO' });
    const { told } = look();
    const cut = `${'x'.repeat(497)}hunter2`;
    first.send({ type: 'KEEP', cause: { password: { first: 'abc' }, cut } });
    expect(told.at(-1)).toHaveProperty('snapshot.context.cause', {
      password: '[secret]',
      cut: `${'x'.repeat(497)}[se…`,
    });
  });

  it('wedges no actor where what it holds cannot be told', () => {
    const { first, look, log } = start();
    first.send({ type: 'GO' });
    const { told } = look();
    const hostile = {
      get trap() {
        throw new Error('a trap');
      },
    };
    first.send({ type: 'KEEP', cause: hostile });
    first.send({ type: 'KEEP', cause: 'after' });
    expect(first.getSnapshot().context).toMatchObject({ cause: 'after' });
    expect(told.at(-1)).toMatchObject({ snapshot: { context: { cause: 'after' } } });
    expect(log.messages('error').length).toBeGreaterThan(0);
  });

  it('tells nothing to a viewer that has left', () => {
    const { first, look } = start();
    const { told, leave } = look();
    leave();
    const before = told.length;
    first.send({ type: 'GO' });
    expect(told).toHaveLength(before);
  });

  it('is understood by the receiver of @statelyai/inspect', async () => {
    const { hub, root, first } = start();
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => hub.join((text) => socket.send(text)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const received: StatelyInspectionEvent[] = [];
    const receiver = createWebSocketReceiver({ server: `ws://127.0.0.1:${port}/any?path` });
    const subscription = receiver.subscribe((event) => received.push(event));
    try {
      await vi.waitFor(() => expect(received.length).toBe(4), 5_000);
      first.send({ type: 'GO' });
      await vi.waitFor(() => expect(received.length).toBe(6), 5_000);
      expect(received.map(({ type, sessionId }) => [type, sessionId])).toEqual([
        ['@xstate.actor', root.sessionId],
        ['@xstate.actor', first.sessionId],
        ['@xstate.snapshot', root.sessionId],
        ['@xstate.snapshot', first.sessionId],
        ['@xstate.event', first.sessionId],
        ['@xstate.snapshot', first.sessionId],
      ]);
    } finally {
      subscription.unsubscribe();
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.close();
    }
  });

  it('takes callback actors as they come', () => {
    const { hub } = start();
    const told: Message[] = [];
    hub.join((text) => told.push(JSON.parse(text)));
    const actor = createActor(
      fromCallback(() => undefined),
      { inspect: hub.inspect, id: 'relay' },
    );
    running.push(actor);
    actor.start();
    expect(told.find(({ name }) => name === 'relay')?.definition).toBe('{"id":"relay"}');
  });
});
