import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { type Cookies, isSame, type Pass } from './cookies.ts';
import { Refusal } from './errors.ts';
import { countFailure, type FailureLimit } from './failures.ts';
import { type Authority, isSameOrigin, parseAuthority } from './hosts.ts';
import type { Scope } from './token.ts';
import type { Tokens } from './tokens.ts';

/** Who calls, and what they may do. */
export interface Caller {
  /**
   * As the interaction log has it: `uid:1000` or `socket` for the monitor's own user, `token` or
   * `browser` for who has shown a token or a browser's cookie; those of them that may only read,
   * `token-read` and `browser-read`, change nothing.
   */
  name: string;
  /** Null for the monitor's own user, who needs no token. */
  scope: Scope | null;
  /** Null for who is no browser with a cookie. */
  cookie: Pass | null;
}

/** The monitor's own user, known by the connection. */
export const ownCaller = (name: string): Caller => ({ name, scope: null, cookie: null });

/** What stands before every route, plain requests and upgrades alike. */
export interface Admission {
  /** Says who holds the other end of a connection just accepted; null where that cannot be told. */
  meet(socket: Socket, caller: Promise<Caller | null>): void;
  /**
   * Null for an unknown caller of a public path. `answer`, where it still goes on when the caller's
   * token is replaced, is ended then.
   * @throws {Refusal} for a wrong target, Host or Origin, for an unknown caller, and for a change
   * that the caller may not make.
   */
  admit(request: IncomingMessage, answer: Writable): Promise<Caller | null>;
}

export const createAdmission = (options: {
  hosts: ReadonlySet<string>;
  tokens: Tokens;
  cookies: Cookies;
  failures: FailureLimit;
  now(): number;
}): Admission => {
  const { hosts, tokens, cookies, failures } = options;
  const callers = new WeakMap<Socket, Promise<Caller | null>>();
  /** A connection that is gone says nothing: its ports may be another's by now. */
  const callerOn = async (socket: Socket): Promise<Caller | null> => {
    const caller = (await callers.get(socket)) ?? null;
    return socket.destroyed ? null : caller;
  };
  const answers = keepAnswers(options);

  const byToken = async (
    { socket }: IncomingMessage,
    credentials: readonly string[],
  ): Promise<Scope | null> => {
    const { remoteAddress: address = '' } = socket;
    const scope = credentials.length === 1 ? tokens.scopeOf(secretIn(credentials[0] ?? '')) : null;
    // This user's own mistakes are no tries.
    if (scope === null && (await callerOn(socket)) === null) countFailure(failures, address);
    return scope;
  };

  const identify = async (request: IncomingMessage, host: Authority): Promise<Caller | null> => {
    const credentials = request.headersDistinct.authorization;
    if (credentials !== undefined) {
      const scope = await byToken(request, credentials);
      return scope && { name: TOKENS[scope], scope, cookie: null };
    }
    const caller = await callerOn(request.socket);
    if (caller !== null) return caller;
    const cookie = cookies.read(request.headers.cookie, host);
    return cookie && { name: BROWSERS[cookie.scope], scope: cookie.scope, cookie };
  };

  return {
    meet: (socket, caller) => {
      callers.set(socket, caller);
    },
    admit: async (request, answer) => {
      const path = checkTarget(request.url ?? '');
      const host = checkHost(request, hosts);
      checkOrigin(request, host);
      const isPublic = PUBLIC_PATHS.has(path);
      const caller = await identify(request, host).catch((error: unknown) => {
        if (isPublic && error instanceof Refusal) return null;
        throw error;
      });
      if (caller === null) {
        if (isPublic) return null;
        throw unauthorized(request.headersDistinct.authorization !== undefined);
      }
      // Among these is what logs out, which is to be answered.
      if (isPublic) return caller;
      checkRight(request, caller);
      if (caller.scope !== null) answers.add(caller, answer);
      return caller;
    },
  };
};

const TOKENS = { full: 'token', read: 'token-read' } as const;
/** What the holder of a browser's cookie is called. */
export const BROWSERS = { full: 'browser', read: 'browser-read' } as const;

/** They tell no names and let nobody do anything, or ask for the token themselves. */
const PUBLIC_PATHS = new Set([
  ...['/health', '/livez', '/readyz'],
  ...['/login', '/login.css', '/login.js', '/api/login'],
]);

/** Ends each answer that is still under way when that ends by which it was asked for: a token, a cookie. */
const keepAnswers = ({
  tokens,
  cookies,
  now,
}: {
  tokens: Tokens;
  cookies: Cookies;
  now(): number;
}) => {
  const underWay = new Map<Writable, Caller>();
  const end = (isOver: (caller: Caller) => boolean) => {
    for (const [answer, caller] of underWay) if (isOver(caller)) answer.destroy();
  };
  tokens.onRotated((scope) => end((caller) => caller.scope === scope));
  cookies.onEnded((id) => end(({ cookie }) => cookie?.id === id));
  return {
    add: (caller: Caller, answer: Writable) => {
      // Who has gone while it was found out who it is says so no more.
      if (answer.destroyed) return;
      underWay.set(answer, caller);
      const left = caller.cookie && caller.cookie.expires - now();
      const expiry = left === null ? undefined : setTimeout(() => answer.destroy(), left).unref();
      answer.once('close', () => {
        clearTimeout(expiry);
        underWay.delete(answer);
      });
    },
  };
};

const secretIn = (header: string): string => /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? '';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

const checkRight = (request: IncomingMessage, { scope, cookie }: Caller): void => {
  if (SAFE_METHODS.has(request.method ?? '')) return;
  if (scope === 'read') {
    throw new Refusal('You may look at everything, but change nothing.', { code: 'read_only' });
  }
  // A cookie also goes to whatever else listens on this host, on any port: it alone changes nothing.
  if (cookie !== null && !isSame(String(request.headers['x-csrf-token'] ?? ''), cookie.csrf)) {
    const detail = 'A browser sends, as X-CSRF-Token, what it was answered when it was let in.';
    throw new Refusal(detail, { code: 'csrf_needed' });
  }
};

/** The path. An absolute target would bring its own host, which nothing checks; so only paths. */
const checkTarget = (target: string): string => {
  const path = target.split('?', 1)[0] ?? '';
  if (!path.startsWith('/'))
    throw new Refusal('The target must be a path.', { code: 'bad_request' });
  try {
    decodeURIComponent(path);
  } catch (error) {
    throw new Refusal('The path is not valid percent-encoded UTF-8.', {
      code: 'bad_request',
      cause: error,
    });
  }
  return path;
};

const checkHost = (request: IncomingMessage, hosts: ReadonlySet<string>): Authority => {
  const [header, ...more] = request.headersDistinct.host ?? [];
  const host = more.length > 0 || header === undefined ? null : parseAuthority(header);
  if (host === null) throw new Refusal('One valid Host header is needed.', { code: 'bad_request' });
  if (hosts.has(host.name)) return host;
  throw new Refusal(
    `This server does not answer to the host name ${host.name}; AGENT_MONITOR_ALLOWED_HOSTS adds one.`,
    { code: 'wrong_host' },
  );
};

/** A browser says for whom it asks: only this server's own pages may. Other programs say nothing. */
const checkOrigin = (request: IncomingMessage, host: Authority): void => {
  const origin = request.headers.origin;
  const site = request.headers['sec-fetch-site'] ?? 'none';
  if (origin !== undefined && !isSameOrigin(origin, host)) {
    throw new Refusal('Pages of another origin may not call.', { code: 'foreign_origin' });
  }
  if (site !== 'none' && site !== 'same-origin') {
    throw new Refusal('Pages of another site may not call.', { code: 'foreign_origin' });
  }
};

const unauthorized = (isWrong: boolean): Refusal => {
  const why = isWrong
    ? 'The token is wrong.'
    : 'Another user is calling, or it cannot be told which user is.';
  return new Refusal(
    `${why} Send "Authorization: Bearer <token>"; the token is in the file "token" of the data folder.`,
    { code: 'unauthorized', headers: { 'WWW-Authenticate': 'Bearer realm="agent-monitor"' } },
  );
};
