import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAttribution } from '../../src/attribution.ts';
import { until } from '../support/until.ts';

const attribution = createAttribution();
let escaped: { message: string; of: string | null }[];

const take = (error: Error) => escaped.push({ message: error.message, of: attribution.current() });
let others: { event: string; listeners: ((...given: unknown[]) => void)[] }[];

/** What nobody catches comes here instead of to vitest, which would call it a failure. */
beforeEach(() => {
  escaped = [];
  others = ['uncaughtException', 'unhandledRejection'].map((event) => {
    const listeners = process.rawListeners(event) as ((...given: unknown[]) => void)[];
    process.removeAllListeners(event);
    process.on(event, take);
    return { event, listeners };
  });
});

afterEach(() => {
  for (const { event, listeners } of others) {
    process.removeAllListeners(event);
    for (const listener of listeners) process.on(event, listener);
  }
});

const fail = (message: string) => () => {
  throw new Error(message);
};

const escapes = () => until('it has escaped', () => escaped[0] ?? null);

describe('an error that nobody caught', () => {
  it.each<[string, () => unknown]>([
    ['a timer', () => setTimeout(fail('away'), 1)],
    ['a timer within a timer', () => setTimeout(() => setTimeout(fail('away'), 1), 1)],
    ['an immediate', () => setImmediate(fail('away'))],
    ['a microtask', () => queueMicrotask(fail('away'))],
    ['a promise', () => void Promise.reject(new Error('away'))],
    ['what follows an await', () => void Promise.resolve().then(fail('away'))],
    ['the call itself', fail('away')],
  ])('belongs to the actor for which it was started: %s', async (_, call) => {
    attribution.to('shop-api', call);
    expect(await escapes()).toEqual({ message: 'away', of: 'shop-api' });
  });

  it('belongs to nobody where nobody was named', async () => {
    setTimeout(fail('away'), 1);
    expect(await escapes()).toEqual({ message: 'away', of: null });
  });

  it('belongs to nobody where it was done for all', async () => {
    attribution.to('shop-api', () => attribution.toNobody(() => setTimeout(fail('away'), 1)));
    expect(await escapes()).toEqual({ message: 'away', of: null });
  });

  it('of a listener that others call belongs to the one who listens, and stops no other', async () => {
    const shared = new EventEmitter();
    const heard: string[] = [];
    shared.on('beat', () => attribution.to('shop-api', fail('away')));
    shared.on('beat', () => heard.push('shop-web'));
    attribution.to('somebody', () => shared.emit('beat'));
    expect(await escapes()).toEqual({ message: 'away', of: 'shop-api' });
    expect(heard).toEqual(['shop-web']);
  });

  it('after an answer from elsewhere belongs to the one who awaits it', async () => {
    const answer = Promise.withResolvers<never>();
    attribution.to('shop-api', () => void answer.promise.then(() => undefined));
    attribution.to('somebody', () => answer.reject(new Error('away')));
    expect(await escapes()).toEqual({ message: 'away', of: 'shop-api' });
  });
});
