/** Callers of the API, each with a connection that it keeps, who ask again as soon as they are answered. */

import { connect } from 'node:net';
import { now } from './program.ts';

export interface Posted {
  /** Of each answered request, in ms. */
  latencies: number[];
  seconds: number;
}

/** Rejects where anything but 202 is answered. */
export const post = async (options: {
  port: number;
  token: string;
  connections: number;
  seconds: number;
  signal: AbortSignal;
}): Promise<Posted> => {
  const { port, connections, seconds, signal } = options;
  const request = requestOf(options.token, port);
  const latencies: number[] = [];
  const began = now();
  const end = began + seconds * 1000;

  const caller = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let sentAt = 0;
      let answer = '';
      const ask = (): void => {
        sentAt = now();
        if (sentAt > end || signal.aborted) {
          socket.destroy();
          resolve();
          return;
        }
        answer = '';
        socket.write(request);
      };
      socket.setEncoding('latin1').on('data', (text: string) => {
        answer += text;
        if (!isWhole(answer)) return;
        if (!answer.startsWith('HTTP/1.1 202 ')) {
          socket.destroy(new Error(answer));
          return;
        }
        latencies.push(now() - sentAt);
        ask();
      });
      socket.once('connect', ask).once('error', reject);
      socket.once('close', () => reject(new Error('the server closed a connection')));
    });

  await Promise.all(Array.from({ length: connections }, caller));
  return { latencies, seconds: (now() - began) / 1000 };
};

const requestOf = (token: string, port: number): string => {
  const body = JSON.stringify({ command: 'Continue with implementation', source: 'zoe' });
  return [
    'POST /api/agents/shop-api/command HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
};

const isWhole = (answer: string): boolean => {
  const head = answer.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = Number(/^content-length: (\d+)/im.exec(answer)?.[1] ?? 0);
  return answer.length >= head + 4 + length;
};
