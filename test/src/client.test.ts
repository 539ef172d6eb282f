import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Client, createClient, type Heard } from '../../src/client.ts';
import { ApiError } from '../../src/client-http.ts';
import { operations } from '../../src/http/operations.ts';
import { createFakeMonitor, EPOCH } from './http/fake-monitor.ts';
import { startServer, TOKEN } from './http/start.ts';

/** The port of something that answers like this. */
const listening = async (answer: RequestListener): Promise<number> => {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
};

/** A client of something that answers every call like this. */
const asking = async (status: number, body: string, type = 'application/json'): Promise<Client> => {
  const port = await listening((_, response) => {
    response.writeHead(status, { 'Content-Type': type }).end(body);
  });
  return createClient({ socketPath: '/nonexistent/api.sock', port });
};

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'answered',
    (error) => (error instanceof ApiError ? error.code : String(error)),
  );

/** What is heard until there are so many. */
const first = async (count: number, heard: AsyncGenerator<Heard, void>): Promise<Heard[]> => {
  const all: Heard[] = [];
  for await (const one of heard) if (all.push(one) === count) break;
  return all;
};

describe('an answer that is not the monitor’s', () => {
  it.each([
    { status: 200, body: '<html>\u001b[2Jhello</html>' },
    { status: 200, body: '' },
    { status: 200, body: 'null' },
    { status: 200, body: '[]' },
    { status: 200, body: '{}' },
    { status: 404, body: 'null' },
    { status: 404, body: '"no"' },
    { status: 502, body: '<h1>Bad gateway</h1>' },
  ])('is told as such: $status $body', async ({ status, body }) => {
    const client = await asking(status, body);
    expect(await codeOf(client.listAgents())).toBe('not_the_monitor');
    expect(await codeOf(client.interrupt('shop-api'))).toBe('not_the_monitor');
  });

  it.each([
    { status: 200, body: '{}' },
    { status: 503, body: 'null' },
  ])('is no stream of events: $status $body', async ({ status, body }) => {
    const client = await asking(status, body);
    expect(await codeOf(first(1, client.follow()))).toBe('not_the_monitor');
  });
});

describe('an error', () => {
  it('has what the API says', async () => {
    await using api = await startServer();
    const client = createClient({ port: api.port, token: TOKEN });
    const error = await client.sendCommand('shop-api', { command: '' }).catch((caught) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'invalid_field', status: 400, isLasting: true });
    expect(error.errors).toMatchObject([{ path: 'command' }]);
    expect(await codeOf(client.getAgent('nobody'))).toBe('session_not_found');
  });

  it('names what is empty, and where the right one is found', async () => {
    await using api = await startServer();
    const client = createClient({ port: api.port, token: TOKEN });
    for (const call of [
      () => client.getAgent(''),
      () => client.look(''),
      () => client.getOutput('', { lines: 3 }),
      () => client.sendCommand('', { command: 'go on' }),
      () => client.getCommand(''),
      () => client.retryCommand(''),
      () => client.getDefinition(''),
    ]) {
      const error = await call().catch((caught) => caught);
      expect(error).toMatchObject({ code: 'empty_name', isLasting: true });
      expect(error.message).toMatch(/^(?:GET|POST) \/api\/\S+ is about .* is ""; listAgents\(\)/);
    }
  });

  it('names where nobody answers', async () => {
    const client = createClient({ socketPath: '/nonexistent/api.sock', port: 0 });
    const error = await client.getHealth().catch((caught) => caught);
    expect(error).toMatchObject({ code: 'not_running', status: null, isLasting: false });
    expect(error.message).toBe('no monitor answers at /nonexistent/api.sock');
  });
});

describe('each call', () => {
  const CALLS: Record<Exclude<keyof Client, 'follow'>, (client: Client) => Promise<unknown>> = {
    getHealth: (client) => client.getHealth(),
    getStats: (client) => client.getStats(),
    listAgents: (client) => client.listAgents({ state: 'working' }),
    getAgent: (client) => client.getAgent('café ☕ /1'),
    look: (client) => client.look('shop-api'),
    getOutput: (client) => client.getOutput('shop-api', { lines: 3, ansi: true }),
    getLog: (client) => client.getLog('shop-api', { limit: 3 }),
    listInteractions: (client) => client.listInteractions({ before: 9, limit: 3 }),
    getMachine: (client) => client.getMachine('shop-api'),
    kill: (client) => client.kill('shop-api'),
    restart: (client) => client.restart('shop-api'),
    sendCommand: (client) => client.sendCommand('shop-api', { command: 'Go on' }, 'once'),
    answerDialog: (client) => client.answerDialog('shop-api', { dialog: 'd1', choice: '1' }),
    interrupt: (client) => client.interrupt('shop-api', { source: 'zoe' }),
    listCommands: (client) => client.listCommands('shop-api', { limit: 1 }),
    getCommand: async (client) => client.getCommand(await idOf(client, 'queued'), { wait: 0 }),
    cancelCommand: async (client) => client.cancelCommand(await idOf(client, 'queued')),
    retryCommand: async (client) => client.retryCommand(await idOf(client, 'unknown')),
    resolveCommand: async (client) =>
      client.resolveCommand(await idOf(client, 'unknown'), { resolution: 'it was typed' }),
    listEvents: (client) => client.listEvents({ after: 0, event: 'progress' }),
    makeLoginCode: (client) => client.makeLoginCode({ scope: 'read' }),
    listMachines: (client) => client.listMachines(),
    getDefinition: (client) => client.getDefinition('session'),
  };
  const idOf = async (client: Client, status: string): Promise<string> => {
    const { commands } = await client.listCommands('shop-api');
    return commands.find((command) => command.status === status)?.id ?? '';
  };
  const described = operations(['claude-code', 'generic']);

  it('is here, but for those that no program of Node’s needs', () => {
    const missing = described.map(({ id }) => id).filter((id) => !Object.hasOwn(CALLS, id));
    expect(missing).toEqual([
      ...['isAlive', 'isReady', 'getMetrics', 'streamEvents', 'drawMachine'],
      ...['logIn', 'logOut', 'takeHook'],
    ]);
  });

  it.each(Object.entries(CALLS))('is the API’s of its name: %s', async (name, ask) => {
    await using api = await startServer();
    api.monitor.commit({});
    const answer = described.find(({ id }) => id === name)?.answer;
    if (answer === undefined || typeof answer === 'string') throw new Error(`${name} is no JSON`);
    const client = createClient({ socketPath: api.socketPath });
    expect(answer.safeParse(await ask(client)).error).toBeUndefined();
  });
});

describe('one that follows', () => {
  it('hears everything once, also what happened while the monitor was away', async () => {
    const monitor = createFakeMonitor();
    const before = await startServer({ monitor });
    const { port } = before;
    for (const session of ['a', 'b', 'a']) monitor.commit({ session });
    const client = createClient({ port, token: TOKEN, retryMs: 10 });
    const followed = client.follow({ after: 0, session: 'a' });
    expect((await first(2, rest(followed))).map(nameOf)).toEqual([1, 3]);
    await before[Symbol.asyncDispose]();
    monitor.commit({ session: 'a' });
    await using _again = await startServer({ monitor, config: { apiPort: port } });
    expect((await first(3, rest(followed))).map(nameOf)).toEqual(['lost', 'back', 4]);
    await followed.return();
  });

  it('tries again where the stream falls silent', async () => {
    let streams = 0;
    const port = await listening((_, response) => {
      streams += 1;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': hello\n\n');
    });
    const followed = createClient({ port, silenceMs: 30, retryMs: 10 }).follow();
    expect((await first(3, followed)).map(nameOf)).toEqual(['lost', 'back', 'lost']);
    expect(streams).toBe(2);
  });

  it('is told when it cannot go on from where it was', async () => {
    const monitor = createFakeMonitor();
    await using api = await startServer({ monitor });
    for (let seq = 1; seq <= 5; seq += 1) monitor.commit({});
    monitor.trim(4);
    const followed = createClient({ port: api.port, token: TOKEN }).follow({ after: 1 });
    expect(await first(1, followed)).toEqual([{ type: 'reset', epoch: EPOCH, seq: 5 }]);
  });

  it('ends when it is told to', async () => {
    await using api = await startServer();
    const ending = new AbortController();
    const client = createClient({ port: api.port, token: TOKEN });
    api.monitor.commit({});
    const followed = client.follow({ after: 0 }, { signal: ending.signal });
    await followed.next();
    const next = followed.next();
    ending.abort();
    await expect(next).rejects.toThrow(/abort/i);
  });

  it('is refused at once where it cannot begin', async () => {
    const client = createClient({ socketPath: '/nonexistent/api.sock' });
    expect(await codeOf(first(1, client.follow()))).toBe('not_running');
  });
});

/** What is still to come: reading it to a point does not end it. */
async function* rest(heard: AsyncGenerator<Heard, void>): AsyncGenerator<Heard, void> {
  for (let next = await heard.next(); !next.done; next = await heard.next()) yield next.value;
}

const nameOf = (heard: Heard): number | string =>
  heard.type === 'event' ? heard.event.seq : heard.type;
