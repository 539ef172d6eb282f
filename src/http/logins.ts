import { hash, randomBytes } from 'node:crypto';
import type { Log } from '../../actors/ports.ts';
import { BROWSERS } from './admission.ts';
import type { Cookies, IssuedCookie } from './cookies.ts';
import { Refusal } from './errors.ts';
import { countFailure, type FailureLimit } from './failures.ts';
import type { Authority } from './hosts.ts';
import { type Notes, UNKNOWN } from './notes.ts';
import type { Scope } from './token.ts';
import type { Tokens } from './tokens.ts';

/** How a browser comes to its cookie: by a code that works once, or by a token. */
export interface Logins {
  invite(scope: Scope, by: string): { code: string; expires: number };
  /** @throws {Refusal} for a wrong secret; another one where too many came from its address. */
  enter(secret: string, browser: Browser): IssuedCookie & { scope: Scope };
  /**
   * Ends the browser's cookie; the Set-Cookie header that makes it forget.
   * @param by who asks; null where that is known by nothing.
   */
  leave(cookie: string | undefined, host: Authority, by: string | null): string;
}

interface Browser {
  /** Null where it is not known yet who it is; else a wrong secret is a mistake, not a try. */
  by: string | null;
  address: string;
  host: Authority;
  /** Whether it came by https, through a proxy that has a certificate. */
  secure: boolean;
}

export const createLogins = (options: {
  tokens: Tokens;
  cookies: Cookies;
  failures: FailureLimit;
  notes: Notes;
  now(): number;
  log: Log;
}): Logins => {
  const { tokens, cookies, failures, notes, now, log } = options;
  /** By the code's digest, oldest first. */
  const codes = new Map<string, { scope: Scope; by: string; expires: number }>();
  tokens.onRotated(() => codes.clear());

  const takeCode = (code: string): Proof | null => {
    const key = hash('sha256', code);
    const invited = codes.get(key);
    codes.delete(key);
    if (invited === undefined || invited.expires <= now()) return null;
    return { scope: invited.scope, by: `a code of ${invited.by}` };
  };

  const takeToken = (token: string): Proof | null => {
    const scope = tokens.scopeOf(token);
    return scope && { scope, by: 'the token' };
  };

  return {
    invite: (scope, by) => {
      const code = randomBytes(16).toString('base64url');
      const expires = now() + CODE_MS;
      codes.set(hash('sha256', code), { scope, by, expires });
      const [oldest] = codes.keys();
      if (codes.size > MOST_CODES && oldest !== undefined) codes.delete(oldest);
      log.info({ scope, by }, 'a code to log in with was made');
      notes.did(by, 'login-code', scope);
      return { code, expires };
    },
    enter: (secret, { by, address, host, secure }) => {
      const from = address || 'socket';
      const proof = takeCode(secret) ?? takeToken(secret);
      const issued = proof && cookies.issue(proof.scope, host, secure);
      if (proof === null || issued === null) {
        notes.counted(by ?? UNKNOWN, 'login-refused', from);
        if (by === null) countFailure(failures, address);
        throw new Refusal('The code or token is wrong, or the code was used or is too old.', {
          code: 'unauthorized',
        });
      }
      const { scope } = proof;
      log.info({ scope, address, host: host.name }, 'a browser was let in');
      notes.did(by ?? BROWSERS[scope], 'login', `${scope}, by ${proof.by}, from ${from}`);
      return { scope, ...issued };
    },
    leave: (cookie, host, by) => {
      const pass = cookies.read(cookie, host);
      // Who holds none has nothing to end.
      if (pass !== null) notes.did(by ?? BROWSERS[pass.scope], 'logout', pass.scope);
      return cookies.end(cookie, host);
    },
  };
};

/** What a secret opens, and what it is. */
interface Proof {
  scope: Scope;
  by: string;
}

/** A link is opened at once, or asked for anew. */
const CODE_MS = 120_000;
const MOST_CODES = 100;
