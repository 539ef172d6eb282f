import { expect, it } from 'vitest';
import { recordedHooks } from '../../support/hooks.ts';
import { startServer, TOKEN } from './start.ts';

const PATH = '/api/hooks/claude-code';
const RUNS = ['claude-code-edits', 'claude-code-mixed', 'codex', 'codex-notify'];

const authorization = `Bearer ${TOKEN}`;
const json = (body: unknown, headers: Record<string, string> = {}) => ({
  headers: { authorization, 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const STOP = { hook_event_name: 'Stop', session_id: 's1' };

it.each(RUNS)('answers every recorded hook with an empty object: %s', async (run) => {
  await using api = await startServer();
  const payloads = recordedHooks(run);
  for (const payload of payloads) {
    const { status, text } = await api.call('POST', PATH, json(payload));
    expect({ status, text }).toEqual({ status: 200, text: '{}' });
  }
  expect(api.monitor.calls).toHaveLength(payloads.length);
});

it.each([
  { pane: '%7', tmux: '/tmp/tmux-1000/default,1234,0', expected: 'in %7 of 1234' },
  { pane: '%7', tmux: '/tmp/a,5,b/default,1234,12', expected: 'in %7 of 1234' },
  { pane: '%7', tmux: '', expected: 'in %7 of null' },
  { pane: '', tmux: '', expected: 'in  of null' },
  { pane: '%7; x', tmux: 'odd', expected: 'in  of null' },
  { pane: '$TMUX_PANE', tmux: '$TMUX', expected: 'in null of null' },
])('takes where it comes from from $pane and $tmux', async ({ pane, tmux, expected }) => {
  await using api = await startServer();
  const from = { 'x-agent-monitor-pane': pane, 'x-agent-monitor-tmux': tmux };
  await api.call('POST', PATH, json(STOP, from));
  expect(api.monitor.calls).toEqual([`hook Stop of s1 ${expected}`]);
});

it.each([
  { agent: 'codex', expected: ' by codex' },
  { agent: 'No name', expected: '' },
])('takes whose hook it is from $agent', async ({ agent, expected }) => {
  await using api = await startServer();
  await api.call('POST', PATH, json(STOP, { 'x-agent-monitor-agent': agent }));
  expect(api.monitor.calls).toEqual([`hook Stop of s1 in null of null${expected}`]);
});

it('takes one that says nothing about where it comes from', async () => {
  await using api = await startServer();
  await api.call('POST', PATH, json(STOP));
  expect(api.monitor.calls).toEqual(['hook Stop of s1 in null of null']);
});

it('takes one that carries a large file', async () => {
  await using api = await startServer();
  const tool_response = 'x'.repeat(1_000_000);
  expect((await api.call('POST', PATH, json({ ...STOP, tool_response }))).status).toBe(200);
});

it.each([
  { what: 'no object', body: [], status: 400, code: 'invalid_field', detail: /must be the object/ },
  { what: 'no hook', body: {}, status: 400, code: 'invalid_field', detail: /^hook_event_name: / },
  {
    what: 'a field of another type',
    body: { ...STOP, cwd: 7 },
    status: 400,
    code: 'invalid_field',
    detail: /^cwd: must be a text/,
  },
  { what: 'no JSON', body: '{', status: 400, code: 'bad_request', detail: /not JSON/ },
  {
    what: 'too much',
    body: { ...STOP, prompt: 'x'.repeat(17_000_000) },
    status: 413,
    code: 'too_large',
    detail: /bytes at most/,
  },
])('refuses $what, and takes nothing of it', async ({ body, status, code, detail }) => {
  await using api = await startServer();
  const answer = await api.call('POST', PATH, json(body));
  expect(answer).toMatchObject({ status, body: { code, detail: expect.stringMatching(detail) } });
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(api.monitor.calls).toEqual([]);
});

it('admits whom the other calls admit: a token, the unix socket, no foreign page', async () => {
  await using api = await startServer();
  const { socketPath } = api;
  const { authorization: _, ...unnamed } = json(STOP).headers;
  const sent = { body: JSON.stringify(STOP), headers: unnamed };
  expect((await api.call('POST', PATH, { ...sent, socketPath })).status).toBe(200);
  const wrong = { ...unnamed, authorization: 'Bearer wrong' };
  expect((await api.call('POST', PATH, { ...sent, headers: wrong })).status).toBe(401);
  const foreign = { ...json(STOP).headers, origin: 'https://elsewhere.example' };
  expect((await api.call('POST', PATH, { ...sent, headers: foreign })).status).toBe(403);
  const plain = { ...json(STOP).headers, 'content-type': 'text/plain' };
  expect((await api.call('POST', PATH, { ...sent, headers: plain })).status).toBe(415);
  expect(api.monitor.calls).toHaveLength(1);
});
