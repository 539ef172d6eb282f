import { describe, expect, it } from 'vitest';
import { StoreFailed } from '../../actors/errors.ts';
import { cleanText, createLog, type LogLevel } from '../../src/log.ts';

const collect = (level: LogLevel, pretty = false) => {
  const lines: string[] = [];
  const log = createLog({ level, pretty, destination: { write: (line) => lines.push(line) } });
  return { log, lines };
};

describe('createLog', () => {
  it('writes one JSON object a line', () => {
    const { log, lines } = collect('info');
    log.info({ session: 'shop-api', pane: 3 }, 'found');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 30,
      session: 'shop-api',
      pane: 3,
      msg: 'found',
    });
    expect(lines[0]).toMatch(/\n$/);
  });

  it('keeps quiet below its level', () => {
    const { log, lines } = collect('warn');
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['c', 'd']);
  });

  it('tells an error with its code, stack and cause, all of them cleaned', () => {
    const { log, lines } = collect('info');
    const cause = new Error('redis://user:hunter2@db.example:6379 refused');
    log.error({ err: new StoreFailed('no \u001b[2Jroom', { cause }) }, 'failed');
    const { err } = JSON.parse(lines[0] ?? '');
    expect(err).toMatchObject({ type: 'StoreFailed', code: 'store_failed' });
    expect(err.stack).toContain('log.test.ts');
    expect(lines[0]).not.toContain('hunter2');
    expect(err.message).toContain('no \\u001b[2Jroom');
  });

  it('masks secrets by the name of their field, however deep', () => {
    const { log, lines } = collect('info');
    const headers = { authorization: 'Bearer abc', Cookie: 'id=1', accept: '*/*' };
    const env = { AWS_SECRET_ACCESS_KEY: 'abc', dbPassword: 'abc', tokens: 3 };
    log.info({ request: { headers }, token: 'abc', env }, 'asked');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      request: { headers: { authorization: '[secret]', Cookie: '[secret]', accept: '*/*' } },
      token: '[secret]',
      env: { AWS_SECRET_ACCESS_KEY: '[secret]', dbPassword: '[secret]', tokens: 3 },
    });
  });

  it('ends at some depth instead of following a circle', () => {
    const { log, lines } = collect('info');
    const circle: Record<string, unknown> = { name: 'a' };
    circle.self = circle;
    log.info(circle, 'round');
    expect(lines[0]).toContain('[deeper]');
  });

  it('writes readable lines where asked, with the stack below', () => {
    const { log, lines } = collect('debug', true);
    log.info({ session: 'shop-api' }, 'found');
    log.error({ err: new Error('broken') }, 'failed');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d \S*INFO \S* ?found session="shop-api"\n$/);
    expect(lines[1]).toMatch(/ERROR.* failed\nError: broken\n {4}at /);
  });
});

describe('cleanText', () => {
  it.each([
    ['Authorization: Bearer abcdefghijkl', 'Authorization: [secret]'],
    ['sent Bearer abcdefghijkl.mno', 'sent Bearer [secret]'],
    ['Set-Cookie: id=3; Path=/', 'Set-Cookie: [secret]'],
    ['key sk-ant-api03-aBcD_efgh-1234', 'key [secret]'],
    ['ghp_0123456789abcdefghij', '[secret]'],
    ['AKIAIOSFODNN7EXAMPLE', '[secret]'],
    ['by eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN', 'by [secret]'],
    ['DB_PASSWORD=hunter2hunter2 ls', 'DB_PASSWORD=[secret] ls'],
    ['{"api_key": "abcd1234efgh", "a": 1}', '{"api_key": "[secret]", "a": 1}'],
    ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7', 'AWS_SECRET_ACCESS_KEY=[secret]'],
    [
      '1200 tokens: not a secret, nor is tokenizer=greedy',
      '1200 tokens: not a secret, nor is tokenizer=greedy',
    ],
    ['redis://:pass@127.0.0.1:6379/0', 'redis://:[secret]@127.0.0.1:6379/0'],
    ['rediss://me:pa:ss@db', 'rediss://me:[secret]@db'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY----- rest',
      '[secret] rest',
    ],
    ['http://127.0.0.1:3848/api', 'http://127.0.0.1:3848/api'],
    ['task-list of the desk-top', 'task-list of the desk-top'],
  ])('%s becomes %s', (text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it('writes out what a terminal would obey or a reader not see, and leaves text and lines', () => {
    expect(cleanText('a\u001b]0;x\u0007b\u009bc\u202ed\u0000\r')).toBe(
      'a\\u001b]0;x\\u0007b\\u009bc\\u202ed\\u0000\\u000d',
    );
    expect(cleanText('naïve 漢字 🚀\n\tline')).toBe('naïve 漢字 🚀\n\tline');
  });

  it('cuts a text that would fill the log', () => {
    expect(cleanText('x'.repeat(100_000)).length).toBeLessThan(17_000);
  });
});
