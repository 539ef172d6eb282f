/** A page of another server, opened in a real browser by the very user who may do everything. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rotateToken } from '../../src/http/token.ts';
import { startServer } from '../src/http/start.ts';
import { startBrowser } from '../support/browser.ts';

let browser: Awaited<ReturnType<typeof startBrowser>>;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** With no cookies, nor anything else, of another. */
const newPage = async () => (await browser.newContext()).newPage();

/** A server for the page, whose script runs in the page once it is there. */
const startForeignSite = async () => {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>foreign</title><body></body>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** All that a page can send elsewhere; answers what came back of each. */
const ATTACK = `async (target) => {
  const kill = target + '/api/agents/shop-api/kill';
  const list = target + '/api/agents';
  const outcome = {};
  const settle = (name, promise) =>
    Promise.race([promise, new Promise((r) => setTimeout(r, 2500, 'no answer'))])
      .then((value) => { outcome[name] = String(value); }, () => { outcome[name] = 'failed'; });
  const read = (answer) => answer.type === 'opaque' ? 'opaque' : answer.text();
  const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };
  const element = (name, address, attribute = 'src') => new Promise((resolve, reject) => {
    const one = document.createElement(name);
    one.onload = () => resolve('loaded');
    one.onerror = reject;
    if (name === 'link') one.rel = 'stylesheet';
    one[attribute] = address;
    document.body.append(one);
  });
  const framed = (name, submit) => new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.name = name;
    frame.onload = () => {
      try { resolve(frame.contentDocument?.body.textContent || 'unreadable'); }
      catch { resolve('unreadable'); }
    };
    document.body.append(frame);
    submit(frame);
  });
  const form = (enctype) => framed(enctype, () => {
    const one = document.createElement('form');
    Object.assign(one, { method: 'post', action: kill, target: enctype, enctype });
    document.body.append(one);
    one.submit();
  });
  await Promise.all([
    settle('fetch', fetch(list).then(read)),
    settle('fetch no-cors', fetch(list, { mode: 'no-cors' }).then(read)),
    settle('fetch with cookies', fetch(list, { credentials: 'include' }).then(read)),
    settle('post no-cors', fetch(kill, { method: 'POST', mode: 'no-cors' }).then(read)),
    settle('post text', fetch(kill, { method: 'POST', mode: 'no-cors', body: 'x' }).then(read)),
    settle('post json', fetch(kill, json).then(read)),
    settle('login', fetch(target + '/api/login', json).then(read)),
    settle('delete', fetch(kill, { method: 'DELETE' }).then(read)),
    settle('no referrer', fetch(kill, { method: 'POST', mode: 'no-cors', referrerPolicy: 'no-referrer' }).then(read)),
    settle('beacon', Promise.resolve(navigator.sendBeacon(kill, 'x') && 'sent')),
    settle('image', element('img', list)),
    settle('script', element('script', target + '/inspect.js')),
    settle('style', element('link', target + '/docs.css', 'href')),
    settle('frame', framed('plain', (frame) => { frame.src = target + '/docs'; })),
    settle('sandboxed', framed('sandboxed', (frame) => {
      frame.sandbox = 'allow-scripts allow-forms';
      frame.srcdoc = '<form method=post action="' + kill + '"></form><script>document.forms[0].submit()</' + 'script>';
    })),
    settle('form', form('application/x-www-form-urlencoded')),
    settle('text form', form('text/plain')),
    settle('event source', new Promise((resolve, reject) => {
      const source = new EventSource(target + '/api/events/stream');
      source.onopen = () => resolve('open');
      source.onerror = reject;
    })),
    ...['/ws', '/', '/api/inspect'].map((path) => settle('socket ' + path, new Promise((resolve, reject) => {
      const socket = new WebSocket(target.replace('http', 'ws') + path);
      socket.onopen = () => resolve('open');
      socket.onerror = reject;
    }))),
  ]);
  return outcome;
}`;

describe('a page of another server', () => {
  it.each([
    ['another site', 'localhost', '127.0.0.1'],
    ['another port of the same host', 'localhost', 'localhost'],
  ])('of %s reaches nothing, whatever it sends', async (_what, foreign, own) => {
    const arrived: string[] = [];
    await using api = await startServer({
      takeUpgrade: (request) => {
        arrived.push(`upgrade of ${request.url}`);
        return false;
      },
    });
    await using site = await startForeignSite();
    const page = await newPage();
    await page.goto(`http://${foreign}:${site.port}/`);
    const target = `http://${own}:${api.port}`;
    const outcome = (await page.evaluate(`(${ATTACK})('${target}')`)) as Record<string, string>;
    expect(Object.keys(outcome)).toHaveLength(21);
    expect(JSON.stringify(outcome)).not.toContain('shop-api');
    for (const [name, got] of Object.entries(outcome)) {
      expect(`${name}: ${got}`).toMatch(/: (?:failed|opaque|unreadable|sent|no answer|loaded)$/);
    }
    for (const name of ['fetch', 'post json', 'image', 'script', 'event source', 'socket /ws'])
      expect(`${name}: ${outcome[name]}`).toMatch(/: (?:failed|no answer)$/);
    expect([...arrived, ...api.monitor.calls]).toEqual([]);
    // They did arrive, and were turned away at the door.
    await vi.waitFor(() => {
      const refused = api.log.lines.filter(({ message }) => message === 'a request was refused');
      expect(refused.length).toBeGreaterThan(12);
      for (const { fields } of refused) expect(fields).toMatchObject({ code: 'foreign_origin' });
    });
  });
});

describe('a browser whose user is not known', () => {
  /** As on macOS, and from another machine. */
  const start = () => startServer({ readTable: async () => '' });

  it('comes in by the link, at the page it wanted, and is kept out once the token is new', async () => {
    await using api = await start();
    const { body } = await api.call('POST', '/api/login/codes');
    const page = await newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`http://localhost:${api.port}/inspect`);
    expect(await page.textContent('body')).toContain('agent-monitor open');

    await page.goto(String(body.url));
    await page.waitForURL(`http://localhost:${api.port}/`);
    await page.waitForSelector('[data-session=shop-api]');
    const [cookie, ...more] = await page.context().cookies();
    expect(more).toEqual([]);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', secure: false });

    await page.goto(`http://localhost:${api.port}/inspect`);
    expect(await page.title()).toBe('Inspect · agent-monitor');
    const kill = (headers: string) =>
      page.evaluate(
        `fetch('/api/agents/shop-api/kill', { method: 'POST', headers: ${headers} }).then((a) => a.status)`,
      );
    expect(await kill('{}')).toBe(403);
    const CSRF = `{ 'X-CSRF-Token': localStorage.getItem('agent-monitor.csrf') }`;
    expect(await kill(CSRF)).toBe(200);
    expect(api.monitor.calls).toEqual(['kill shop-api by browser']);
    expect(
      await page.evaluate(
        `new Promise((resolve) => { new WebSocket('/ws').onmessage = ({ data }) => resolve(JSON.parse(data).type); })`,
      ),
    ).toBe('connected');

    // A second browser has nothing of the link any more.
    const other = await newPage();
    await other.goto(String(body.url));
    await vi.waitFor(async () =>
      expect(await other.textContent('output')).toContain('the code was used'),
    );
    expect(faults).toEqual([]);

    rotateToken(api.dataDir, 'full');
    await page.goto(`http://localhost:${api.port}/inspect`);
    expect(await page.title()).toBe('Log in · agent-monitor');
  });

  it('comes in by the token that a person enters, and stays where it was', async () => {
    await using api = await start();
    const page = await newPage();
    await page.goto(`http://localhost:${api.port}/inspect`);
    await page.fill('input[name=secret]', 'R'.repeat(43));
    await page.click('button');
    await page.waitForFunction(`document.title === 'Inspect · agent-monitor'`);
    expect(page.url()).toBe(`http://localhost:${api.port}/inspect`);
  });
});
