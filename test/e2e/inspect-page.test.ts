import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { describe, expect, it, vi } from 'vitest';
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
    response.end(isScript ? output[0].code : '<!doctype html><script src="/receiver.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/inspect`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

describe('the page /inspect', () => {
  it('takes the live actors to the inspector that a person opens', async () => {
    const { hub, actor } = startInspected();
    await using api = await startServer({ monitor: createFakeMonitor({ inspector: hub }) });
    await using inspector = await startInspectorPage();
    await using browser = await startBrowser();
    const context = await browser.newContext({
      extraHTTPHeaders: { authorization: `Bearer ${TOKEN}` },
    });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`http://127.0.0.1:${api.port}/inspect`);
    expect(page.frames()).toHaveLength(1);
    await page.fill('input[name=address]', inspector.address);
    await page.click('text=Open here');
    const received = () =>
      page
        .frames()
        .find((frame) => frame.url() === inspector.address)
        ?.evaluate('window.received') as Promise<{ type: string; event?: { type: string } }[]>;
    await vi.waitFor(async () => expect(await received()).toHaveLength(2), 20_000);
    actor.send({ type: 'WAIT' });
    await vi.waitFor(async () => expect(await received()).toHaveLength(4), 20_000);
    expect((await received()).map(({ type }) => type)).toEqual(HEARD);
    expect(await page.textContent('output')).toMatch(/^Connected to http:\/\/127\.0\.0\.1:\d+: 4/);
    expect(faults).toEqual([]);
    actor.stop();
  });
});
