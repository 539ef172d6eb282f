import { describe, expect, it } from 'vitest';
import { createFailureLimit } from '../../../src/http/failures.ts';

const start = (options: { mostAddresses?: number } = {}) => {
  let at = 1_000_000;
  const limit = createFailureLimit({ now: () => at, most: 3, ...options });
  const fail = (address: string, times: number) => {
    for (let time = 0; time < times; time += 1) limit.failed(address);
  };
  return { limit, fail, pass: (ms: number) => (at += ms) };
};

describe('the limit of failures', () => {
  it('begins with the last that is allowed, and ends a minute after the first', () => {
    const { limit, fail, pass } = start();
    fail('192.0.2.1', 2);
    expect(limit.waitOf('192.0.2.1')).toBe(0);
    pass(20_000);
    fail('192.0.2.1', 1);
    expect(limit.waitOf('192.0.2.1')).toBe(40);
    pass(39_999);
    expect(limit.waitOf('192.0.2.1')).toBe(1);
    pass(1);
    expect(limit.waitOf('192.0.2.1')).toBe(0);
    fail('192.0.2.1', 1);
    expect(limit.waitOf('192.0.2.1')).toBe(0);
  });

  it.each([
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    ['2001:db8::1', '2001:db8::2', true],
    ['2001:db8:0:0:1:2:3:4', '2001:db8::9', true],
    ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
    ['::1', '::2', true],
    ['fe80::1%eth0', 'fe80::2%eth0', true],
    ['', '192.0.2.1', false],
  ])('of %s is that of %s: %s', (one, other, isShared) => {
    const { limit, fail } = start();
    fail(one, 3);
    expect(limit.waitOf(one)).toBe(60);
    expect(limit.waitOf(other)).toBe(isShared ? 60 : 0);
  });

  it('remembers so many addresses and no more, the latest', () => {
    const { limit, fail } = start({ mostAddresses: 2 });
    fail('192.0.2.1', 3);
    fail('192.0.2.2', 3);
    fail('192.0.2.1', 1);
    fail('192.0.2.3', 3);
    const waits = [1, 2, 3].map((host) => limit.waitOf(`192.0.2.${host}`));
    expect(waits).toEqual([60, 0, 60]);
  });
});
