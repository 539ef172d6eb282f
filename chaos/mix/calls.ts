/** Calls to a daemon that may be gone, frozen or full at any moment. */

import type { TestDaemon } from '../../test/support/daemon.ts';

const ANSWER_WITHIN_MS = 3_000;

interface Call {
  /** A text is sent as it is. */
  body?: object | string | undefined;
  headers?: Record<string, string>;
  withinMs?: number;
}

export interface Answer {
  status: number;
  body: unknown;
}

/** Null where it was not answered in time, or not to its end: nobody knows what became of it. */
export const tryCall = async (
  daemon: TestDaemon,
  method: string,
  path: string,
  { body, headers = {}, withinMs = ANSWER_WITHIN_MS }: Call = {},
): Promise<Answer | null> => {
  try {
    const response = await fetch(`${daemon.url}${path}`, {
      method,
      signal: AbortSignal.timeout(withinMs),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, body: isJson ? JSON.parse(text) : text };
  } catch {
    return null; // Whatever broke it: there is no answer.
  }
};
