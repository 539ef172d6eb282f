/** Everything that can be changed by the API, and who is written down for it. */

import { beforeEach, describe, expect, it } from 'vitest';
import type { AgentRow } from '../../../actors/ports.ts';
import type { Watched } from '../../../machines/discovery.ts';
import type { Interaction } from '../../../machines/vocabulary.ts';
import { createHooks } from '../../../src/hooks/hooks.ts';
import { type Operation, operations } from '../../../src/http/operations.ts';
import { interactionsBody } from '../../../src/http/schemas.ts';
import { rotateToken } from '../../../src/http/token.ts';
import { createMonitor } from '../../../src/monitor.ts';
import { startCommands, TARGET } from '../../support/commands.ts';
import { APPROVAL, FACTS } from '../../support/sessions.ts';
import { agentRow, draft, endOfTurn } from '../../support/store.ts';
import { createFakeMonitor } from './fake-monitor.ts';
import { READ_TOKEN, startServer, TOKEN } from './start.ts';

const KEY = '10.1000.$1';
const AGENT = '/api/agents/shop-api';

const unused = (): never => {
  throw new Error('nothing of this is asked');
};

/** A real monitor that types nothing and kills nobody, over a real store. */
const monitorOver = (queue: ReturnType<typeof startCommands>) => {
  const { store, clock } = queue;
  const watched = new Map<string, Watched>([
    [KEY, { server: TARGET.server, facts: FACTS, exited: false }],
  ]);
  const hooks = createHooks({
    ...{ clock, log: store.log, agents: () => watched },
    ...{ report: () => undefined, count: unused, onlyReads: unused, startedAt: unused },
  });
  const nothing = () => undefined;
  const { machines, inspector, metrics, health } = createFakeMonitor();
  const monitor = createMonitor({
    ...{ store, queue, clock, hooks, machines, inspector, metrics, version: '0.1.0' },
    tmux: { capture: unused, killSession: async () => undefined, watching: unused },
    reader: { read: unused },
    sessions: { watched, expectEnd: nothing, expectNoEnd: nothing },
    screens: { watch: unused },
    supervisor: { getSnapshot: unused, restart: nothing },
    checks: { tmux: unused, redis: unused },
    boots: { mayType: unused, recent: unused, check: unused },
    ...{ parts: () => [], relayed: unused, eventLoop: unused, heldBy: () => null },
  });
  return createFakeMonitor({ ...monitor, health });
};

/** A server over it, at which nobody is known by the connection over TCP. */
const start = async () => {
  const queue = startCommands();
  const dialog = { ...APPROVAL, since: 1 };
  const row: AgentRow = agentRow('shop-api', { key: KEY, dialog });
  queue.store.journal.record({ row, snapshot: {}, events: [draft('shop-api')] });
  const monitor = monitorOver(queue);
  const api = await startServer({ monitor, readTable: async () => '', now: queue.clock.now });
  await endOfTurn();
  const all = async (): Promise<Interaction[]> => {
    queue.clock.advance(1000);
    await endOfTurn();
    const headers = { authorization: `Bearer ${READ_TOKEN}` };
    const { body } = await api.call('GET', '/api/interactions?limit=1000', { headers });
    return interactionsBody.parse(body).log.reverse();
  };
  return {
    ...{ api, queue, all },
    /** What is written down for what `act` does. */
    writtenBy: async (act: () => Promise<unknown>): Promise<Interaction[]> => {
      const before = (await all()).length;
      await act();
      return (await all()).slice(before);
    },
    /** The cookie of a browser that is let in. */
    enter: async () => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ secret: TOKEN });
      const entered = await api.call('POST', '/api/login', { headers, body });
      const cookie = String(entered.headers['set-cookie']).split(';', 1)[0] ?? '';
      return { cookie, csrf: String(entered.body.csrf) };
    },
    [Symbol.asyncDispose]: async () => {
      await api[Symbol.asyncDispose]();
      queue[Symbol.dispose]();
    },
  };
};
type Started = Awaited<ReturnType<typeof start>>;

/** How a change is asked for, and what is to be written down of it beside its caller. */
interface Change {
  path?: string;
  headers?: Record<string, string>;
  body?: object;
  row: Pick<Interaction, 'session' | 'action'> & Partial<Interaction>;
}

/** Whatever a request says of who asks. */
const CLAIM = { source: 'uid:0' };
const ofCommand = (action: string, text = 'Continue with implementation') => ({
  ...{ session: 'shop-api', action, text },
  ...CLAIM,
});
const addCommand = async ({ queue }: Started): Promise<string> =>
  (await queue.add({ key: KEY })).id;

/** One of each, by the names of the document: what only looks is not among them. */
const CHANGES: Record<string, (given: Started) => Change | Promise<Change>> = {
  sendCommand: () => ({
    ...{ body: { command: 'go on', ...CLAIM }, row: ofCommand('command', 'go on') },
  }),
  answerDialog: () => ({
    body: { dialog: APPROVAL.id, choice: '2', ...CLAIM },
    row: ofCommand('answer', 'No'),
  }),
  interrupt: () => ({ body: CLAIM, row: ofCommand('interrupt', '') }),
  cancelCommand: async (given) => ({
    path: `/api/commands/${await addCommand(given)}`,
    ...{ body: CLAIM, row: ofCommand('cancel') },
  }),
  retryCommand: async (given) => {
    const id = await addCommand(given);
    given.queue.cancel(id);
    return { path: `/api/commands/${id}/retry`, body: CLAIM, row: ofCommand('retry') };
  },
  resolveCommand: async (given) => {
    const id = await addCommand(given);
    given.queue.begin(id);
    given.queue.recover();
    const body = { resolution: 'it was typed', ...CLAIM };
    return { path: `/api/commands/${id}/resolve`, body, row: ofCommand('resolve') };
  },
  kill: () => ({ row: { session: 'shop-api', action: 'kill' } }),
  restart: () => ({ row: { session: 'shop-api', action: 'restart' } }),
  takeHook: () => ({
    headers: { 'x-agent-monitor-pane': FACTS.pane },
    body: { hook_event_name: 'PreToolUse', tool_input: { command: `echo ${TOKEN}` } },
    row: { session: 'shop-api', action: 'hook', detail: 'PreToolUse 1' },
  }),
  makeLoginCode: () => ({
    body: { scope: 'read' },
    row: { session: null, action: 'login-code', detail: 'read' },
  }),
  logIn: () => ({
    body: { secret: TOKEN },
    row: {
      ...{ session: null, action: 'login' },
      detail: expect.stringMatching(/^full, by the token, from (?:127\.0\.0\.1|socket)$/),
    },
  }),
  logOut: async ({ enter, api }) => ({
    // A cookie is for the host and port that it was got from.
    headers: { cookie: (await enter()).cookie, host: `localhost:${api.port}` },
    row: { session: null, action: 'logout', detail: 'full' },
  }),
};

const CALLERS: [who: string, sent: (given: Started) => Promise<object>][] = [
  ['token', async () => ({ headers: { authorization: `Bearer ${TOKEN}` } })],
  ['socket', async ({ api }) => ({ headers: {}, socketPath: api.socketPath })],
  [
    'browser',
    async ({ enter }) => {
      const { cookie, csrf } = await enter();
      return { headers: { cookie, 'x-csrf-token': csrf } };
    },
  ],
];

const changing = operations([]).filter(({ method }) => method !== 'get');

it('is every call that does not only look', () => {
  expect(changing.map(({ id }) => id).sort()).toEqual(Object.keys(CHANGES).sort());
});

describe.each(CALLERS)('a change by %s', (who, sentBy) => {
  const ask = async (given: Started, { method, path }: Operation, change: Change) => {
    const sent = (await sentBy(given)) as { headers: Record<string, string> };
    const body = change.body === undefined ? undefined : JSON.stringify(change.body);
    const type =
      body === undefined
        ? {}
        : {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(body)),
          };
    const to = change.path ?? path.replace(':session', 'shop-api');
    return () =>
      given.api.call(method.toUpperCase(), to, {
        ...sent,
        headers: { ...sent.headers, ...type, ...change.headers },
        ...(body === undefined ? {} : { body }),
      });
  };

  it.each(changing.map((operation) => [operation.id, operation] as const))(
    'has its caller in the log, whatever it claims, and no secret: %s',
    async (id, operation) => {
      await using given = await start();
      const change = await CHANGES[id]?.(given);
      if (change === undefined) throw new Error(`nothing is known of ${id}`);
      const call = await ask(given, operation, change);
      let answered: Awaited<ReturnType<typeof call>> | undefined;
      const written = await given.writtenBy(async () => {
        answered = await call();
      });
      expect(answered?.status).toBeLessThan(300);
      expect(written).toEqual([
        {
          ...{ id: expect.any(Number), at: expect.any(Number) },
          ...{ source: who, caller: who, detail: expect.any(String), text: '' },
          ...change.row,
        },
      ]);
      const { url = '#code=none', csrf = 'none' } = answered?.body ?? {};
      const code = String(url).split('#code=')[1] ?? '';
      const secrets = [TOKEN, READ_TOKEN, code, csrf];
      const text = JSON.stringify(await given.all());
      for (const secret of secrets) expect(text).not.toContain(secret);
    },
  );
});

describe('of a stranger', () => {
  let given: Started;
  beforeEach(async () => {
    given = await start();
    return () => given[Symbol.asyncDispose]();
  });
  const JSON_TYPE = { 'content-type': 'application/json' };
  const enter = (secret: string) =>
    given.api.call('POST', '/api/login', {
      headers: JSON_TYPE,
      body: JSON.stringify({ secret }),
    });

  it('it is written by whose code the browser came in', async () => {
    const headers = { ...JSON_TYPE, authorization: `Bearer ${TOKEN}` };
    const body = JSON.stringify({ scope: 'read' });
    const { url } = (await given.api.call('POST', '/api/login/codes', { headers, body })).body;
    const written = await given.writtenBy(() => enter(String(url).split('#code=')[1] ?? ''));
    expect(written).toMatchObject([
      {
        ...{ caller: 'browser-read', action: 'login' },
        detail: 'read, by a code of token, from 127.0.0.1',
      },
    ]);
  });

  it('a flood of wrong secrets is one entry, which has none of them', async () => {
    const written = await given.writtenBy(async () => {
      for (let tries = 0; tries < 30; tries += 1) await enter(`guess-${tries}`);
    });
    expect(written).toMatchObject([
      {
        ...{ session: null, caller: 'unknown', action: 'login-refused' },
        ...{ detail: '127.0.0.1 30', text: '' },
      },
    ]);
  });

  it('nothing is written where nothing was changed', async () => {
    const written = await given.writtenBy(async () => {
      await given.api.call('DELETE', '/api/login', { headers: {} });
      await given.api.call('POST', `${AGENT}/kill`, { headers: {} });
      const headers = { authorization: `Bearer ${READ_TOKEN}` };
      await given.api.call('POST', `${AGENT}/kill`, { headers });
    });
    expect(written).toEqual([]);
  });
});

it('a flood of hooks is one entry for each session, also of those that nobody watches', async () => {
  await using given = await start();
  const post = (event: string, pane: string) =>
    given.api.call('POST', '/api/hooks/claude-code', {
      socketPath: given.api.socketPath,
      headers: { 'content-type': 'application/json', 'x-agent-monitor-pane': pane },
      body: JSON.stringify({ hook_event_name: event }),
    });
  const written = await given.writtenBy(async () => {
    for (let posts = 0; posts < 40; posts += 1) {
      await post('PreToolUse', FACTS.pane);
      await post(`made up, ${posts}`, '%77');
    }
  });
  expect(written).toMatchObject([
    { session: 'shop-api', caller: 'socket', action: 'hook', detail: 'PreToolUse 40' },
    { session: null, caller: 'socket', action: 'hook', detail: 'unnamed 40' },
  ]);
});

it('a token that is changed is written down, as this user’s doing', async () => {
  await using given = await start();
  const caller = `uid:${process.geteuid?.()}`;
  expect(await given.all()).toMatchObject(
    ['full', 'read'].map((scope) => ({
      ...{ session: null, caller, action: 'token' },
      detail: expect.stringMatching(`^${scope} [0-9a-f]{8}$`),
    })),
  );
  const written = await given.writtenBy(async () => {
    rotateToken(given.api.dataDir, 'full');
    // The old one is tried, and so it is seen at once that there is another.
    expect((await given.api.call('GET', '/api/stats')).status).toBe(401);
  });
  expect(written).toMatchObject([
    { session: null, caller, action: 'token', detail: expect.stringMatching(/^full [0-9a-f]{8}$/) },
  ]);
});
