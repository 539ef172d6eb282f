import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepListening } from '../../../src/http/keep-listening.ts';
import { createRecordedPart, type RecordedPart } from '../../support/parts.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { until } from '../../support/until.ts';

let server: Server;
let part: RecordedPart;
let stop: () => void;
let port: number;
/** How often it has listened, and how it is made to. */
let listens: number;
let trying: () => Promise<void>;
const log = createRecordedLog();

const listenAnew = async (): Promise<void> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  listens += 1;
};

beforeEach(async () => {
  server = createServer((_, response) => response.end('here'));
  part = createRecordedPart(1);
  port = 0;
  listens = 0;
  await listenAnew();
  trying = listenAnew;
  port = (server.address() as AddressInfo).port;
  stop = keepListening(server, { listen: () => trying(), part, log });
});

afterEach(async () => {
  stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const answers = () => until('it answers', () => ask().catch(() => null));

const ask = async () => (await fetch(`http://127.0.0.1:${port}`)).text();

const closeIt = async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

it('listens again on the same port after it stopped by itself', async () => {
  await closeIt();
  expect(await answers()).toBe('here');
  expect(part).toMatchObject({ runs: 2, failures: [{ message: 'it no longer listens' }] });
});

it('tries again where the port cannot be had at once', async () => {
  const other = createTcpServer();
  server.once('close', () => other.listen(port, '127.0.0.1'));
  await closeIt();
  await until('it was tried in vain', () => (part.failures.length > 2 ? true : null));
  await new Promise((resolve) => other.close(resolve));
  expect(await answers()).toBe('here');
});

it('goes on where one connection could not be accepted', async () => {
  server.emit('error', new Error('too many open files'));
  expect(await ask()).toBe('here');
  expect(part.failures).toEqual([]);
  expect(log.messages('error')).toContain('a connection was not accepted');
});

it('lets it be closed once it is stopped', async () => {
  stop();
  await closeIt();
  expect(part.failures).toEqual([]);
});

it('ends a try that is under way when it is stopped', async () => {
  const begun = Promise.withResolvers<void>();
  const may = Promise.withResolvers<void>();
  trying = async () => {
    begun.resolve();
    await may.promise;
    await listenAnew();
  };
  await closeIt();
  await begun.promise;
  stop();
  may.resolve();
  await until('it was open once more', () => (listens > 1 ? true : null));
  await until('it is closed again', () => (server.listening ? null : true));
  expect(part).toMatchObject({ runs: 1, failures: [{ message: 'it no longer listens' }] });
});

it('tries no more where the try that was under way fails after it was stopped', async () => {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  let tries = 0;
  trying = () => {
    tries += 1;
    begun.resolve();
    return end.promise;
  };
  await closeIt();
  await begun.promise;
  stop();
  end.reject(new Error('the port is taken'));
  // As long as what would be the next try: the wait is a millisecond.
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(tries).toBe(1);
  expect(part.failures).toHaveLength(1);
});
