import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemHeaders, toProblem } from './errors.ts';
import { SECURITY_HEADERS } from './headers.ts';

/** Answers an error on a socket that has no response object (yet), and lets go of it. */
export const answerRaw = (socket: Duplex, error: unknown): void => {
  const problem = toProblem(error);
  const body = JSON.stringify(problem);
  const headers = {
    ...SECURITY_HEADERS,
    ...problemHeaders(error),
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const status = `${problem.status} ${STATUS_CODES[problem.status]}`;
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`);
  // A peer that is still writing would lose the answer if the socket closed under it at once.
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
};

const LINGER_MS = 1000;
