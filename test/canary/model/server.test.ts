import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ModelServer } from '../../../canary/model/server.ts';
import { startModelServer } from '../../../canary/model/server.ts';

let model: ModelServer;
beforeEach(async () => {
  model = await startModelServer();
});
afterEach(() => model[Symbol.asyncDispose]());

const post = (path: string, body: object): Promise<Response> =>
  fetch(`${model.url}${path}`, { method: 'POST', body: JSON.stringify(body) });

const dataOf = (stream: string): Record<string, unknown>[] =>
  [...stream.matchAll(/^data: (\{.*\})$/gm)].map(([, data = '']) => JSON.parse(data));

const SCHEMA = { type: 'object', properties: { path: { type: 'string' } } };
const PROMPT = [{ role: 'user', content: 'Tidy up (canary-1)' }];

/** How each dialect asks, and how a called tool and its arguments look in the answer. */
const DIALECTS = [
  {
    path: '/v1/messages',
    body: { stream: true, messages: PROMPT, tools: [{ name: 'read', input_schema: SCHEMA }] },
    called: { partial_json: '{"path":"a.txt"}' },
  },
  {
    path: '/v1/chat/completions',
    body: {
      stream: true,
      messages: PROMPT,
      tools: [{ type: 'function', function: { name: 'read', parameters: SCHEMA } }],
    },
    called: { name: 'read', arguments: '{"path":"a.txt"}' },
  },
  {
    path: '/v1/responses',
    body: {
      stream: true,
      input: PROMPT,
      tools: [{ type: 'function', name: 'read', parameters: SCHEMA }],
    },
    called: { type: 'function_call', name: 'read', arguments: '{"path":"a.txt"}' },
  },
  {
    path: '/v1beta/models/some-model:streamGenerateContent?alt=sse',
    body: {
      contents: PROMPT,
      tools: [{ functionDeclarations: [{ name: 'read', parametersJsonSchema: SCHEMA }] }],
    },
    called: { functionCall: { name: 'read', args: { path: 'a.txt' } } },
  },
];

test.each(DIALECTS)('thinks, speaks and calls a tool at $path', async ({ path, body, called }) => {
  const turn = model.turn('canary-1');
  const answer = post(path, body);
  const question = await turn.next(5000);
  expect(question?.tools).toEqual([{ name: 'read', schema: SCHEMA }]);
  question?.think('Hm. ');
  question?.say('I look at it.');
  question?.call({ name: 'read', input: { path: 'a.txt' } });
  question?.end();
  const response = await answer;
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = dataOf(await response.text());
  expect(partsOf(events)).toContainEqual(expect.objectContaining(called));
  expect(JSON.stringify(events)).toContain('I look at it.');
  expect(JSON.stringify(events)).toContain('Hm. ');
});

/** Every object in there, however deep. */
const partsOf = (value: unknown): object[] => {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(partsOf)];
};

test('holds a question open until it is answered, and streams what is said', async () => {
  const turn = model.turn('canary-1');
  const answer = post('/v1/messages', DIALECTS[0]?.body ?? {});
  const question = await turn.next(5000);
  question?.say('first');
  const reader = (await answer).body?.getReader();
  const decoder = new TextDecoder();
  let read = '';
  while (!read.includes('first')) read += decoder.decode((await reader?.read())?.value);
  expect(read).not.toContain('message_stop');
  question?.end();
  for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
    read += decoder.decode(chunk.value);
  }
  expect(read).toContain('message_stop');
});

test('answers by itself what belongs to no turn: another prompt, no tools, an aside', async () => {
  const turn = model.turn('canary-2');
  const [dialect] = DIALECTS;
  const body = { stream: true, messages: [{ role: 'user', content: 'canary-2' }], tools: [] };
  const aside = 'Generate a concise, single-line task title for: canary-2';
  const questions = [
    dialect?.body ?? {},
    body,
    { ...dialect?.body, messages: [{ role: 'user', content: aside }] },
    { ...body, stream: false },
  ];
  for (const asked of questions) {
    expect(await (await post('/v1/messages', asked)).text()).toContain('A short answer');
  }
  expect(await turn.next(1)).toBeNull();
});

test('answers by itself once the turn is closed', async () => {
  const turn = model.turn('canary-1');
  turn.close();
  const answer = await post('/v1/messages', DIALECTS[0]?.body ?? {});
  expect(await answer.text()).toContain('A short answer');
});

test('refuses to answer with the status and words it is told', async () => {
  const turn = model.turn('canary-1');
  const answer = post('/v1/messages', DIALECTS[0]?.body ?? {});
  (await turn.next(5000))?.fail(529, 'Overloaded');
  expect((await answer).status).toBe(529);
  expect(await (await answer).json()).toEqual({
    type: 'error',
    error: { type: 'overloaded_error', message: 'Overloaded' },
  });
});

test('is a proxy that reaches nobody, and remembers whom it was asked for', async () => {
  const { port } = new URL(model.url);
  const tunnel = request({ port, method: 'CONNECT', path: 'example.invalid:443' }).end();
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  tunnel.on('connect', ({ statusCode }) => resolve(statusCode));
  expect(await promise).toBe(403);
  const plain = Promise.withResolvers<number | undefined>();
  request({ port, path: 'http://plain.invalid/update' }, ({ statusCode }) =>
    plain.resolve(statusCode),
  ).end();
  expect(await plain.promise).toBe(403);
  expect([...model.refused]).toEqual(['example.invalid:443', 'plain.invalid']);
});

test('answers those who come to it through the proxy that it is', async () => {
  const { port, host } = new URL(model.url);
  const { promise, resolve } = Promise.withResolvers<string>();
  request({ port, method: 'CONNECT', path: host })
    .on('connect', (_, socket) => {
      socket.write(`GET /v1/models HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
      let read = '';
      socket.on('data', (chunk: Buffer) => {
        read += chunk.toString();
      });
      socket.on('end', () => resolve(read));
    })
    .end();
  expect(await promise).toContain('scripted-model');
  expect([...model.refused]).toEqual([]);
});
