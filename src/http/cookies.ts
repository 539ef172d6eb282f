import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Authority } from './hosts.ts';
import { SCOPES, type Scope } from './token.ts';
import type { Tokens } from './tokens.ts';

/** What a browser holds instead of a token. */
export interface Cookies {
  /**
   * `secure` where the browser came by https. `csrf` goes with every change that the browser asks
   * for. Null while there is no token to sign with.
   */
  issue(scope: Scope, host: Authority, secure: boolean): IssuedCookie | null;
  /** What a Cookie header opens on this host; null where it holds no valid cookie of ours. */
  read(header: string | undefined, host: Authority): { scope: Scope; csrf: string } | null;
  /** The Set-Cookie header that makes the browser forget. */
  forget(host: Authority): string;
}

export interface IssuedCookie {
  /** The Set-Cookie header. */
  header: string;
  csrf: string;
  /** Milliseconds since the epoch. */
  expires: number;
}

/**
 * Cookies are not kept but signed with the token of their scope: they outlive a restart, and end
 * when that token is replaced.
 */
export const createCookies = ({
  tokens,
  now,
}: {
  tokens: Pick<Tokens, 'sign'>;
  now(): number;
}): Cookies => {
  const sign = (purpose: string, scope: Scope, pass: string): string | null =>
    tokens.sign(scope, `${purpose} ${pass}`)?.toString('base64url') ?? null;

  const readOne = (value: string): { scope: Scope; csrf: string } | null => {
    const [, pass = '', scopeText, expires, mac = ''] = VALUE.exec(value) ?? [];
    const scope = SCOPES.find((one) => one === scopeText);
    if (scope === undefined || Number(expires) * 1000 <= now()) return null;
    const wanted = sign('cookie', scope, pass);
    const csrf = sign('csrf', scope, pass);
    if (wanted === null || csrf === null || !isSame(mac, wanted)) return null;
    return { scope, csrf };
  };

  return {
    issue: (scope, host, secure) => {
      const expires = Math.floor(now() / 1000) + LIFETIME_S;
      const pass = `${scope}.${expires}.${randomBytes(12).toString('base64url')}`;
      const mac = sign('cookie', scope, pass);
      const csrf = sign('csrf', scope, pass);
      if (mac === null || csrf === null) return null;
      const flags = `${FLAGS}; Max-Age=${LIFETIME_S}${secure ? '; Secure' : ''}`;
      const header = `${nameOn(host)}=${pass}.${mac}; ${flags}`;
      return { header, csrf, expires: expires * 1000 };
    },
    read: (header = '', host) => {
      const start = `${nameOn(host)}=`;
      for (const pair of header.split(';').map((text) => text.trim())) {
        // Any server of the same host name can set one of this name, so the first need not be ours.
        const found = pair.startsWith(start) ? readOne(pair.slice(start.length)) : null;
        if (found !== null) return found;
      }
      return null;
    },
    forget: (host) => `${nameOn(host)}=; ${FLAGS}; Max-Age=0`,
  };
};

/** Compares as long however alike the two are. */
export const isSame = (given: string, wanted: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
};

const LIFETIME_S = 7 * 86_400;
const FLAGS = 'Path=/; HttpOnly; SameSite=Strict';
const VALUE = /^((full|read)\.(\d{1,12})\.[\w-]{16})\.([\w-]{43})$/;

/** Browsers send cookies to all ports of a host: each monitor has its own name. */
const nameOn = ({ port }: Authority): string => `agent-monitor-${port ?? 'web'}`;
