import { isIPv6 } from 'node:net';
import { Refusal } from './errors.ts';

/** Counts the wrong secrets that come from an address. */
export interface FailureLimit {
  /** Seconds until this address may try again; 0 where it may now. */
  waitOf(address: string): number;
  failed(address: string): void;
}

/** At most `most` a minute, counted from the first. Remembers so many addresses and no more. */
export const createFailureLimit = (options: {
  now(): number;
  most?: number;
  mostAddresses?: number;
}): FailureLimit => {
  const { now, most = 20, mostAddresses = 1000 } = options;
  const counts = new Map<string, { count: number; since: number }>();
  const current = (key: string) => {
    const counted = counts.get(key);
    return counted && now() - counted.since < WINDOW_MS ? counted : undefined;
  };

  return {
    waitOf: (address) => {
      const counted = current(keyOf(address));
      if (!counted || counted.count < most) return 0;
      return Math.ceil((counted.since + WINDOW_MS - now()) / 1000);
    },
    failed: (address) => {
      const key = keyOf(address);
      const { count, since } = current(key) ?? { count: 0, since: now() };
      counts.delete(key);
      counts.set(key, { count: count + 1, since });
      const [oldest] = counts.keys();
      if (counts.size > mostAddresses && oldest !== undefined) counts.delete(oldest);
    },
  };
};

/**
 * A wrong secret came from an address. Right ones are not held up by others' mistakes: behind a proxy
 * many have one address, and no number of tries finds 128 bits.
 * @throws {Refusal} where there were too many before it.
 */
export const countFailure = (failures: FailureLimit, address: string): void => {
  const wait = failures.waitOf(address);
  if (wait === 0) {
    failures.failed(address);
    return;
  }
  throw new Refusal(`Too many wrong tokens came from your address; try again in ${wait} s.`, {
    code: 'too_many_failures',
    headers: { 'Retry-After': String(wait) },
  });
};

const WINDOW_MS = 60_000;

/** One caller has a whole /64 of IPv6 addresses; an IPv4 one may be written as IPv6. */
const keyOf = (address: string): string => {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined || !isIPv6(address)) return v4 ?? address;
  const [head = '', tail] = address.split('::');
  const before = head.split(':');
  const after = tail?.split(':') ?? [];
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
};
