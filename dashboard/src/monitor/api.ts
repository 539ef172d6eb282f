/** Calls of the monitor's REST API, as the page that it serves makes them. */

/** The monitor's refusal, or that it does not answer. */
export class Problem extends Error {
  /** The HTTP status; 0 where nobody answered. */
  readonly status: number;
  /** As the API's problems have it, such as `dialog_stale`; `unreachable` where nobody answered. */
  readonly code: string;

  constructor(detail: string, { status, code }: { status: number; code: string }) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** @throws {Problem} */
export const get = <Body>(path: string, query: Record<string, string | number> = {}) => {
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const text = new URLSearchParams(pairs).toString();
  return call<Body>('GET', text === '' ? path : `${path}?${text}`);
};

/**
 * What is no JSON.
 * @throws {Problem}
 */
export const getText = async (path: string): Promise<string> => {
  const response = await fetch(path, { signal: patience() }).catch(() => null);
  const text = await response?.text().catch(() => null);
  if (!response || typeof text !== 'string') throw unreachable();
  if (response.ok) return text;
  throw new Problem(response.statusText, { status: response.status, code: 'unknown' });
};

/**
 * Asks for a change. It is asked for once: no answer is told as such, and never tried again by itself.
 * @throws {Problem}
 */
export const post = <Body>(path: string, body: object = {}) => call<Body>('POST', path, body);

/**
 * Asks for something to be typed. Where the very same is asked for again for want of an answer, be it
 * from another page of this tab, it is typed once all the same.
 * @throws {Problem}
 */
export const postOnce = async <Body>(path: string, body: object = {}): Promise<Body> => {
  const of = `${path} ${JSON.stringify(body)}`;
  const before = unanswered.get(of);
  const isAgain = before !== undefined && Date.now() - before.at < SAME_FOR_MS;
  const asked = isAgain ? before : { key: newKey(), at: Date.now() };
  unanswered.set(of, asked);
  try {
    const answer = await call<Body>('POST', path, body, { 'Idempotency-Key': asked.key });
    unanswered.delete(of);
    return answer;
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 0) unanswered.delete(of);
    throw error;
  }
};

/** Later it is meant as another one. */
const SAME_FOR_MS = 600_000;

/** What was asked for and not answered so far. */
const unanswered = new Map<string, { key: string; at: number }>();

/** A page that came over plain HTTP from another machine has no `randomUUID`. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('-');

/** @throws {Problem} */
export const remove = <Body>(path: string) => call<Body>('DELETE', path, {});

export const agentPath = (session: string): string => `/api/agents/${encodeURIComponent(session)}`;

/** Where the page that logs in has put what every change by cookie must name. */
const CSRF_KEY = 'agent-monitor.csrf';

const call = async <Body>(
  method: string,
  path: string,
  body?: object,
  more: Record<string, string> = {},
): Promise<Body> => {
  const csrf = localStorage.getItem(CSRF_KEY);
  const headers: Record<string, string> = { Accept: 'application/json', ...more };
  if (body) headers['Content-Type'] = 'application/json';
  if (body && csrf !== null) headers['X-CSRF-Token'] = csrf;
  const response = await fetch(path, {
    ...{ method, headers, signal: patience() },
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch(() => null);
  const answer: unknown = await response?.json().catch(() => null);
  if (!response || answer === null) throw unreachable();
  if (response.ok) return answer as Body;
  const { detail, code } = answer as { detail?: string; code?: string };
  throw new Problem(detail ?? response.statusText, {
    status: response.status,
    code: code ?? 'unknown',
  });
};

/** Longer than the API lets a caller wait for the end of a command. */
const patience = (): AbortSignal => AbortSignal.timeout(45_000);

const unreachable = (): Problem =>
  new Problem('The monitor does not answer.', { status: 0, code: 'unreachable' });
