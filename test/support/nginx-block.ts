/** What nginx does with a `location` block, as far as the one of docs/security.md goes. */

import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Serves the block on a free port of its own, over the server at `port` in place of the one it names. */
export const serveNginxBlock = async (
  block: string,
  port: number,
): Promise<AsyncDisposable & { port: number }> => {
  const directives = [...block.matchAll(/^ *(proxy_\w+) (.+);$/gm)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  const said = (wanted: string) => directives.find(([name]) => name === wanted)?.[1];
  const { hostname } = new URL(said('proxy_pass') ?? '');

  /** The headers of one hop stay behind; an empty value is not passed on. */
  const headersFor = ({ headers }: IncomingMessage): OutgoingHttpHeaders => {
    const { connection: _, upgrade: __, ...passed } = headers;
    const set = directives.flatMap(([name, value]): [string, string][] => {
      const [, header = '', text = ''] = /^(\S+) "?([^"]*)"?$/.exec(value) ?? [];
      if (name !== 'proxy_set_header') return [];
      return [
        [header.toLowerCase(), text.replace(/\$http_(\w+)/g, (_all, of) => `${headers[of] ?? ''}`)],
      ];
    });
    const all: OutgoingHttpHeaders = {
      ...passed,
      host: `${hostname}:${port}`,
      connection: 'close',
      ...Object.fromEntries(set),
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  };
  const pass = (incoming: IncomingMessage) => {
    const { method, url: path } = incoming;
    return request({ hostname, port, method, path, headers: headersFor(incoming), agent: false });
  };

  const proxy = createServer((incoming, answer) => {
    const outgoing = pass(incoming);
    outgoing.on('error', () => answer.destroy());
    outgoing.on('response', async (back) => {
      const whole = said('proxy_buffering') === 'off' ? null : await buffer(back);
      answer.writeHead(back.statusCode ?? 502, back.headers);
      if (whole === null) back.pipe(answer);
      else answer.end(whole);
    });
    incoming.pipe(outgoing);
  });
  proxy.on('upgrade', (incoming, socket) => {
    const outgoing = pass(incoming);
    outgoing.on('error', () => socket.destroy());
    outgoing.on('response', ({ statusCode = 502 }) => {
      socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\nConnection: close\r\n\r\n`);
    });
    outgoing.on('upgrade', ({ rawHeaders }, upstream, head) => {
      // HTTP/1.0, nginx's default, knows no upgrade.
      if (said('proxy_http_version') !== '1.1') return socket.destroy();
      const lines = rawHeaders.map((text, index) =>
        index % 2 === 0 ? `${text}: ` : `${text}\r\n`,
      );
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
      socket.write(head);
      for (const [one, other] of [
        [socket, upstream],
        [upstream, socket],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
        one.pipe(other);
      }
    });
    outgoing.end();
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(proxy, 'close');
      proxy.close();
      proxy.closeAllConnections();
      await closed;
    },
  };
};
