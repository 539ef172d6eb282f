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
  read(header: string | undefined, host: Authority): Pass | null;
  /**
   * Ends the cookie that a Cookie header holds, until this process ends: what is signed cannot be
   * taken back. Answers the Set-Cookie header that makes the browser forget.
   */
  end(header: string | undefined, host: Authority): string;
  onEnded(listener: (id: string) => void): void;
}

/** What a valid cookie says. */
export interface Pass {
  id: string;
  scope: Scope;
  csrf: string;
  /** Milliseconds since the epoch. */
  expires: number;
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

  /** Each with its expiry; the oldest goes first where there are too many. */
  const ended = new Map<string, number>();
  const listeners: ((id: string) => void)[] = [];

  const readOne = (value: string): Pass | null => {
    const [, pass = '', scopeText, expires, mac = ''] = VALUE.exec(value) ?? [];
    const scope = SCOPES.find((one) => one === scopeText);
    if (scope === undefined || Number(expires) * 1000 <= now() || ended.has(pass)) return null;
    const wanted = sign('cookie', scope, pass);
    const csrf = sign('csrf', scope, pass);
    if (wanted === null || csrf === null || !isSame(mac, wanted)) return null;
    return { id: pass, scope, csrf, expires: Number(expires) * 1000 };
  };

  const read = (header = '', host: Authority): Pass | null => {
    const start = `${cookieName(host)}=`;
    for (const pair of header.split(';').map((text) => text.trim())) {
      // Any server of the same host name can set one of this name, so the first need not be ours.
      const found = pair.startsWith(start) ? readOne(pair.slice(start.length)) : null;
      if (found !== null) return found;
    }
    return null;
  };

  return {
    issue: (scope, host, secure) => {
      const expires = Math.floor(now() / 1000) + LIFETIME_S;
      const pass = `${scope}.${expires}.${randomBytes(12).toString('base64url')}`;
      const mac = sign('cookie', scope, pass);
      const csrf = sign('csrf', scope, pass);
      if (mac === null || csrf === null) return null;
      const flags = `${FLAGS}; Max-Age=${LIFETIME_S}${secure ? '; Secure' : ''}`;
      const header = `${cookieName(host)}=${pass}.${mac}; ${flags}`;
      return { header, csrf, expires: expires * 1000 };
    },
    read,
    end: (header, host) => {
      const pass = read(header, host);
      if (pass !== null) {
        for (const [id, expires] of ended) if (expires <= now()) ended.delete(id);
        ended.set(pass.id, pass.expires);
        const [oldest] = ended.keys();
        if (ended.size > MOST_ENDED && oldest !== undefined) ended.delete(oldest);
        for (const listener of listeners) listener(pass.id);
      }
      return `${cookieName(host)}=; ${FLAGS}; Max-Age=0`;
    },
    onEnded: (listener) => {
      listeners.push(listener);
    },
  };
};

/** Compares as long however alike the two are. */
export const isSame = (given: string, wanted: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
};

const LIFETIME_S = 7 * 86_400;
const MOST_ENDED = 1000;
const FLAGS = 'Path=/; HttpOnly; SameSite=Strict';
const VALUE = /^((full|read)\.(\d{1,12})\.[\w-]{16})\.([\w-]{43})$/;

/** Browsers send cookies to all ports of a host: each monitor has its own name. */
export const cookieName = ({ port }: Authority): string => `agent-monitor-${port ?? 'web'}`;
