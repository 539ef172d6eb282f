/** Everything that can be changed by the API, and who is written down for it. */

import { describe, expect, it } from 'vitest';
import { SessionNotFound } from '../../../actors/errors.ts';
import type { AgentRow } from '../../../actors/ports.ts';
import type { Watched } from '../../../machines/discovery.ts';
import { createCommandDesk } from '../../../src/command-desk.ts';
import { operations } from '../../../src/http/operations.ts';
import { startCommands, TARGET } from '../../support/commands.ts';
import { APPROVAL, FACTS } from '../../support/sessions.ts';
import { agentRow, endOfTurn } from '../../support/store.ts';
import { createFakeMonitor } from './fake-monitor.ts';
import { READ_TOKEN, startServer, TOKEN } from './start.ts';

const KEY = '10.1000.$1';
const AGENT = '/api/agents/shop-api';

/** A server over a real command desk, which types nothing. */
const start = async () => {
  const queue = startCommands();
  const { interactions } = queue.store;
  const watched = new Map<string, Watched>([
    [KEY, { server: TARGET.server, facts: FACTS, exited: false }],
  ]);
  const row = agentRow('shop-api', { key: KEY, dialog: { ...APPROVAL, since: 1 } });
  const find = (session: string): AgentRow => {
    if (session !== row.session) throw new SessionNotFound(session);
    return row;
  };
  const commands = createCommandDesk({
    ...{ queue, watched, find, interactions, clock: queue.clock },
    heldBy: () => null,
  });
  const monitor = createFakeMonitor({ commands });
  // Nobody is known by the connection over TCP.
  const api = await startServer({ monitor, readTable: async () => '' });
  return {
    ...{ api, monitor, queue },
    /** `caller: action` of what the log has of the session, the oldest first. */
    written: async () => {
      await endOfTurn();
      const log = interactions.recent('shop-api', 100).reverse();
      return log.map(({ caller, source, action }) => `${caller}, says ${source}: ${action}`);
    },
    [Symbol.asyncDispose]: async () => {
      await api[Symbol.asyncDispose]();
      queue[Symbol.dispose]();
    },
  };
};
type Started = Awaited<ReturnType<typeof start>>;

type Ask = (method: string, path: string, body?: object) => Promise<{ id: string }>;

/** What a call is about that does not only look, by its name in the document; each claims to be root. */
const CHANGES: Record<string, (ask: Ask, given: Started) => Promise<unknown>> = {
  sendCommand: (ask) => ask('POST', `${AGENT}/command`, { command: 'go on' }),
  answerDialog: (ask) => ask('POST', `${AGENT}/answer`, { dialog: APPROVAL.id, choice: '1' }),
  interrupt: (ask) => ask('POST', `${AGENT}/interrupt`, {}),
  cancelCommand: async (ask, { queue }) =>
    ask('DELETE', `/api/commands/${(await queue.add({ key: KEY })).id}`, {}),
  retryCommand: async (ask, { queue }) => {
    const { id } = await queue.add({ key: KEY });
    queue.cancel(id);
    return ask('POST', `/api/commands/${id}/retry`, {});
  },
  resolveCommand: async (ask, { queue }) => {
    const { id } = await queue.add({ key: KEY });
    queue.begin(id);
    queue.recover();
    return ask('POST', `/api/commands/${id}/resolve`, { resolution: 'it was typed' });
  },
};

/** The monitor writes these down itself, and is told who asks. */
const TOLD = { kill: `${AGENT}/kill`, restart: `${AGENT}/restart` };

/** Done to no session. */
const OTHERS = ['logIn', 'logOut', 'makeLoginCode', 'takeHook'];

const CALLERS: [who: string, sent: (given: Started) => Promise<object>][] = [
  ['token', async () => ({ headers: { authorization: `Bearer ${TOKEN}` } })],
  ['socket', async ({ api }) => ({ headers: {}, socketPath: api.socketPath })],
  [
    'browser',
    async ({ api }) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ secret: TOKEN });
      const entered = await api.call('POST', '/api/login', { headers, body });
      const cookie = String(entered.headers['set-cookie']).split(';', 1)[0] ?? '';
      return { headers: { cookie, 'x-csrf-token': String(entered.body.csrf) } };
    },
  ],
];

it('is every call that does not only look', () => {
  const changing = operations([]).filter(({ method }) => method !== 'get');
  const known = [...Object.keys(CHANGES), ...Object.keys(TOLD), ...OTHERS];
  expect(changing.map(({ id }) => id).sort()).toEqual(known.sort());
});

describe.each(CALLERS)('a change by %s', (who, sentBy) => {
  it.each(Object.keys(CHANGES))(
    'has its caller in the log, whatever it claims: %s',
    async (name) => {
      await using given = await start();
      const sent = (await sentBy(given)) as { headers: Record<string, string> };
      const ask: Ask = async (method, path, body) => {
        const text = JSON.stringify({ ...body, source: 'uid:0' });
        const length = String(Buffer.byteLength(text));
        const type = { 'content-type': 'application/json', 'content-length': length };
        const headers = { ...sent.headers, ...type };
        const answer = await given.api.call(method, path, { ...sent, headers, body: text });
        expect(answer.status).toBeLessThan(300);
        return answer.body as { id: string };
      };
      await CHANGES[name]?.(ask, given);
      const action = name.replace(/Command|Dialog/, '').replace('send', 'command');
      expect(await given.written()).toEqual([`${who}, says uid:0: ${action}`]);
    },
  );

  it.each(Object.entries(TOLD))(
    'is told to the monitor with its caller: %s',
    async (name, path) => {
      await using given = await start();
      const answer = await given.api.call('POST', path, await sentBy(given));
      expect(answer.status).toBe(200);
      expect(given.monitor.calls).toEqual([`${name} shop-api by ${who}`]);
    },
  );
});

it('a code to log in with is in the daemon’s log with who asked for it, and none for readers', async () => {
  await using given = await start();
  const ask = (token: string) =>
    given.api.call('POST', '/api/login/codes', { headers: { authorization: `Bearer ${token}` } });
  expect((await ask(READ_TOKEN)).status).toBe(403);
  expect((await ask(TOKEN)).status).toBe(200);
  const codes = given.api.log.lines.filter(({ message }) => message.startsWith('a code'));
  expect(codes).toMatchObject([{ fields: { by: 'token', scope: 'full' } }]);
});
