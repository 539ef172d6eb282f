import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { post, postOnce } from '../../../dashboard/src/monitor/api.ts';

const PATH = '/api/agents/shop-api/command';

/** What was asked, and how the next one is answered; null where nobody answers. */
let asked: { path: string; headers: Record<string, string> }[] = [];
let answers: (Response | null)[] = [];
const stored = new Map<string, string>();

beforeEach(() => {
  asked = [];
  stored.clear();
  vi.stubGlobal('localStorage', { getItem: (key: string) => stored.get(key) ?? null });
  vi.stubGlobal('fetch', async (path: string, { headers }: { headers: Record<string, string> }) => {
    asked.push({ path, headers });
    const answer = answers.shift();
    if (!answer) throw new TypeError('Failed to fetch');
    return answer;
  });
});

afterEach(() => vi.unstubAllGlobals());

const accepted = () => Response.json({ id: 'c1' }, { status: 202 });
const refused = () => Response.json({ code: 'dialog_stale', detail: 'gone' }, { status: 409 });
const keys = () => asked.map(({ headers }) => headers['Idempotency-Key']);

describe('what is to be typed', () => {
  it('has the same key when it is asked for again for want of an answer', async () => {
    answers = [null, accepted(), accepted()];
    await expect(postOnce(PATH, { command: 'a' })).rejects.toMatchObject({ code: 'unreachable' });
    await postOnce(PATH, { command: 'a' });
    await postOnce(PATH, { command: 'a' });
    const [first, second, third] = keys();
    expect(first).toMatch(/^[\w-]{8,}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('has one key while its answer is still to come, wherever it is asked from', async () => {
    answers = [accepted(), accepted()];
    await Promise.all([postOnce(PATH, { command: 'b' }), postOnce(PATH, { command: 'b' })]);
    expect(new Set(keys()).size).toBe(1);
  });

  it('has another key where it is another text, or was refused', async () => {
    answers = [null, accepted(), refused(), accepted()];
    await expect(postOnce(PATH, { command: 'c' })).rejects.toThrow();
    await postOnce(PATH, { command: 'd' });
    await expect(postOnce(PATH, { command: 'd' })).rejects.toMatchObject({ code: 'dialog_stale' });
    await postOnce(PATH, { command: 'd' });
    expect(new Set(keys()).size).toBe(4);
  });
});

it('every change by cookie names what the login page has put aside', async () => {
  stored.set('agent-monitor.csrf', 'secret');
  answers = [accepted()];
  await post(PATH);
  expect(asked[0]?.headers['X-CSRF-Token']).toBe('secret');
});
