import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCookies } from '../../../src/http/cookies.ts';
import type { Tokens } from '../../../src/http/tokens.ts';

const HOST = { name: 'localhost', port: 3848 };
const WEEK_MS = 7 * 86_400_000;

const start = () => {
  let at = 1_760_000_000_000;
  const keys: Record<'full' | 'read', string | null> = { full: 'key 1', read: 'key 2' };
  const tokens: Pick<Tokens, 'sign'> = {
    sign: (scope, text) => {
      const key = keys[scope];
      return key === null ? null : createHmac('sha256', key).update(text).digest();
    },
  };
  const cookies = createCookies({ tokens, now: () => at });
  const issue = (scope: 'full' | 'read', host = HOST) => {
    const issued = cookies.issue(scope, host, false);
    if (issued === null) throw new Error('none was issued');
    return { ...issued, pair: issued.header.split(';', 1)[0] ?? '' };
  };
  return { cookies, issue, keys, pass: (ms: number) => (at += ms) };
};

describe('a cookie', () => {
  it.each(['full', 'read'] as const)('opens what it was made for: %s', (scope) => {
    const { cookies, issue } = start();
    const { pair, csrf } = issue(scope);
    expect(cookies.read(pair, HOST)).toMatchObject({ scope, csrf });
  });

  it('can be read by no script, goes along from no other site, and lasts a week', () => {
    const { cookies, issue, pass } = start();
    const { header, pair, expires } = issue('full');
    expect(header).toMatch(
      /^agent-monitor-3848=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/,
    );
    expect(expires).toBe(1_760_000_000_000 + WEEK_MS);
    pass(WEEK_MS - 1);
    expect(cookies.read(pair, HOST)).not.toBeNull();
    pass(1);
    expect(cookies.read(pair, HOST)).toBeNull();
  });

  it('is Secure where the browser came by https', () => {
    const { cookies } = start();
    expect(cookies.issue('full', { name: 'monitor.example', port: null }, true)?.header).toMatch(
      /^agent-monitor-web=.*; Secure$/,
    );
  });

  it('is found among others, also behind a false one of its name', () => {
    const { cookies, issue } = start();
    const { pair } = issue('full');
    const header = `a=b; agent-monitor-3848=false; agent-monitor-1=x;${pair}; c`;
    expect(cookies.read(header, HOST)?.scope).toBe('full');
  });

  it('opens nothing on another port, nor once changed, nor after its token was', () => {
    const { cookies, issue, keys } = start();
    const { pair } = issue('read');
    expect(cookies.read(pair, { name: 'localhost', port: 3849 })).toBeNull();
    const [name, value = ''] = pair.split('=');
    const parts = value.split('.');
    for (const at of parts.keys()) {
      const changed = parts.with(
        at,
        parts[at]?.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) ?? '',
      );
      expect(cookies.read(`${name}=${changed.join('.')}`, HOST)).toBeNull();
    }
    expect(cookies.read(pair.replace('read', 'full'), HOST)).toBeNull();
    expect(cookies.read(`${pair}x`, HOST)).toBeNull();
    keys.read = 'another';
    expect(cookies.read(pair, HOST)).toBeNull();
    keys.read = null;
    expect(cookies.read(pair, HOST)).toBeNull();
    expect(cookies.issue('read', HOST, false)).toBeNull();
  });

  it.each([
    undefined,
    '',
    ';;;',
    'agent-monitor-3848',
    'agent-monitor-3848=',
    'agent-monitor-3848=...',
  ])('is not %j', (header) => {
    expect(start().cookies.read(header, HOST)).toBeNull();
  });

  it('has a CSRF token of its own, which is no part of it', () => {
    const { issue } = start();
    const [one, other] = [issue('full'), issue('full')];
    expect(one.csrf).not.toBe(other.csrf);
    expect(one.pair).not.toContain(one.csrf);
  });
});
