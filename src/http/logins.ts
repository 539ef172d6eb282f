import { hash, randomBytes } from 'node:crypto';
import type { Log } from '../../actors/ports.ts';
import type { Cookies, IssuedCookie } from './cookies.ts';
import { Refusal } from './errors.ts';
import { countFailure, type FailureLimit } from './failures.ts';
import type { Authority } from './hosts.ts';
import type { Scope } from './token.ts';
import type { Tokens } from './tokens.ts';

/** How a browser comes to its cookie: by a code that works once, or by a token. */
export interface Logins {
  invite(scope: Scope, by: string): { code: string; expires: number };
  /** @throws {Refusal} for a wrong secret; another one where too many came from its address. */
  enter(secret: string, browser: Browser): IssuedCookie & { scope: Scope };
  /** Ends the browser's cookie; the Set-Cookie header that makes it forget. */
  leave(cookie: string | undefined, host: Authority): string;
}

interface Browser {
  /** Null where it is known otherwise who it is: then a wrong secret is a mistake, not a try. */
  address: string | null;
  host: Authority;
  /** Whether it came by https, through a proxy that has a certificate. */
  secure: boolean;
}

export const createLogins = (options: {
  tokens: Tokens;
  cookies: Cookies;
  failures: FailureLimit;
  now(): number;
  log: Log;
}): Logins => {
  const { tokens, cookies, failures, now, log } = options;
  /** By the code's digest, oldest first. */
  const codes = new Map<string, { scope: Scope; expires: number }>();
  tokens.onRotated(() => codes.clear());

  const takeCode = (code: string): Scope | null => {
    const key = hash('sha256', code);
    const invited = codes.get(key);
    codes.delete(key);
    return invited !== undefined && invited.expires > now() ? invited.scope : null;
  };

  return {
    invite: (scope, by) => {
      const code = randomBytes(16).toString('base64url');
      const expires = now() + CODE_MS;
      codes.set(hash('sha256', code), { scope, expires });
      const [oldest] = codes.keys();
      if (codes.size > MOST_CODES && oldest !== undefined) codes.delete(oldest);
      log.info({ scope, by }, 'a code to log in with was made');
      return { code, expires };
    },
    enter: (secret, { address, host, secure }) => {
      const scope = takeCode(secret) ?? tokens.scopeOf(secret);
      const issued = scope && cookies.issue(scope, host, secure);
      if (scope === null || issued === null) {
        if (address !== null) countFailure(failures, address);
        throw new Refusal('The code or token is wrong, or the code was used or is too old.', {
          code: 'unauthorized',
        });
      }
      log.info({ scope, address, host: host.name }, 'a browser was let in');
      return { scope, ...issued };
    },
    leave: cookies.end,
  };
};

/** A link is opened at once, or asked for anew. */
const CODE_MS = 120_000;
const MOST_CODES = 100;
