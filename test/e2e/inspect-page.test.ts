import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFakeMonitor } from '../src/http/fake-monitor.ts';
import { startServer, TOKEN } from '../src/http/start.ts';
import { startBrowser } from '../support/browser.ts';
import { HEARD, startInspected } from '../support/inspected.ts';

const RECEIVER = `
import { createBrowserReceiver } from '@statelyai/inspect';
window.received = [];
createBrowserReceiver()
  .subscribe((event) => window.received.push(event));
`;

/** An inspector page of another origin, made of the official receiver. */
const startInspectorPage = async () => {
  const bundle = await rolldown({
    input: 'receiver',
    platform: 'browser',
    plugins: [
      {
        name: 'receiver',
        resolveId: (id) => (id === 'receiver' ? join(import.meta.dirname, 'receiver.js') : null),
        load: (id) => (id.endsWith('/receiver.js') ? RECEIVER : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'iife' });
  await bundle.close();
  const server = createServer((request, response) => {
    const isScript = request.url === '/receiver.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    if (isScript) response.end(output[0].code);
    else if (request.url === '/silent') response.end('<!doctype html>');
    else response.end('<!doctype html><script src="/receiver.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/inspect`,
    /** Never says that it is connected. */
    silent: `http://127.0.0.1:${port}/silent`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

let browser: Awaited<ReturnType<typeof startBrowser>>;
let inspector: Awaited<ReturnType<typeof startInspectorPage>>;
beforeAll(async () => {
  browser = await startBrowser();
  inspector = await startInspectorPage();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await inspector[Symbol.asyncDispose]();
});

/** The page of a monitor with one live actor, in a browser. */
const startPage = async () => {
  const owned = new AsyncDisposableStack();
  const { hub, actor } = startInspected();
  owned.defer(() => void actor.stop());
  const api = owned.use(await startServer({ monitor: createFakeMonitor({ inspector: hub }) }));
  const context = owned.use(
    await browser.newContext({ extraHTTPHeaders: { authorization: `Bearer ${TOKEN}` } }),
  );
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`http://127.0.0.1:${api.port}/inspect`);
  return {
    ...{ actor, page, faults },
    open: async (address: string) => {
      await page.fill('input[name=address]', address);
      await page.click('text=Open here');
    },
    received: (address: string) =>
      page
        .frames()
        .find((frame) => frame.url() === address)
        ?.evaluate('window.received') as Promise<{ type: string; event?: { type: string } }[]>,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};

describe('the page /inspect', () => {
  it('takes the live actors to the inspector that a person opens', async () => {
    await using bridge = await startPage();
    const { actor, page, faults } = bridge;
    const received = () => bridge.received(inspector.address);
    expect(page.frames()).toHaveLength(1);
    await bridge.open(inspector.address);
    await vi.waitFor(async () => expect(await received()).toHaveLength(2), 20_000);
    actor.send({ type: 'WAIT' });
    await vi.waitFor(async () => expect(await received()).toHaveLength(4), 20_000);
    expect((await received()).map(({ type }) => type)).toEqual(HEARD);
    expect(await page.textContent('output')).toMatch(/^Connected to http:\/\/127\.0\.0\.1:\d+: 4/);
    expect(faults).toEqual([]);
  });

  it('tells an inspector that is loaded again all actors anew', async () => {
    await using bridge = await startPage();
    const received = () => bridge.received(inspector.address);
    await bridge.open(inspector.address);
    await vi.waitFor(async () => expect(await received()).toHaveLength(2), 20_000);
    const frame = bridge.page.frames().find((each) => each.url() === inspector.address);
    await frame?.evaluate('window.received = null; location.reload()');
    await vi.waitFor(async () => expect(await received()).toHaveLength(2), 20_000);
    expect((await received()).map(({ type }) => type)).toEqual(HEARD.slice(0, 2));
  });

  it('tells of the inspector that was opened last', async () => {
    await using bridge = await startPage();
    const socket = bridge.page.waitForEvent('websocket');
    await bridge.open(inspector.address);
    const ended = (await socket).waitForEvent('close');
    await bridge.page.waitForFunction('document.querySelector("output").value.includes("2 mess")');
    await bridge.open(inspector.silent);
    await ended;
    const { origin } = new URL(inspector.silent);
    expect(await bridge.page.textContent('output')).toBe(`Waiting for ${origin} …`);
  });
});
