import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Refusal } from './errors.ts';
import { type Authority, isSameOrigin, parseAuthority } from './hosts.ts';

/** Who calls, as the interaction log names them: `uid:1000`, `token` or `socket`. */
export type Caller = string;

/** What stands before every route, plain requests and upgrades alike. */
export interface Admission {
  /** Says who holds the other end of a connection just accepted; null where that cannot be told. */
  meet(socket: Socket, caller: Promise<Caller | null>): void;
  /**
   * Null for an unknown caller of a public path.
   * @throws {Refusal} for a wrong target, Host or Origin, and for an unknown caller.
   */
  admit(request: IncomingMessage): Promise<Caller | null>;
}

export const createAdmission = (options: {
  hosts: ReadonlySet<string>;
  isToken(header: string): boolean;
}): Admission => {
  const callers = new WeakMap<Socket, Promise<Caller | null>>();
  /** A connection that is gone says nothing: its ports may be another's by now. */
  const callerOn = async (socket: Socket): Promise<Caller | null> => {
    const caller = (await callers.get(socket)) ?? null;
    return socket.destroyed ? null : caller;
  };

  return {
    meet: (socket, caller) => {
      callers.set(socket, caller);
    },
    admit: async (request) => {
      const path = checkTarget(request.url ?? '');
      checkOrigin(request, checkHost(request, options.hosts));
      const credentials = request.headersDistinct.authorization;
      const caller =
        credentials === undefined
          ? await callerOn(request.socket)
          : credentials.length === 1 && options.isToken(credentials[0] ?? '')
            ? 'token'
            : null;
      if (caller === null && !PUBLIC_PATHS.has(path)) {
        throw unauthorized(
          credentials === undefined
            ? 'Another user is calling, or it cannot be told which user is.'
            : 'The token is wrong.',
        );
      }
      return caller;
    },
  };
};

/** They tell no names, so that anything may ask whether the monitor is well. */
const PUBLIC_PATHS = new Set(['/health', '/livez', '/readyz']);

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

const unauthorized = (why: string): Refusal =>
  new Refusal(
    `${why} Send "Authorization: Bearer <token>"; the token is in the file "token" of the data folder.`,
    { code: 'unauthorized', headers: { 'WWW-Authenticate': 'Bearer realm="agent-monitor"' } },
  );
