import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Log, Stop } from '../../actors/ports.ts';
import { loadToken, readToken, SCOPES, type Scope, tokenPath } from './token.ts';

/** The tokens of a data folder as its files have them now. */
export interface Tokens {
  /** What a secret opens; null for one that is no token. Takes the same time however wrong it is. */
  scopeOf(secret: string): Scope | null;
  /** What only a holder of this scope's token can make of a text; null while there is no token. */
  sign(scope: Scope, text: string): Buffer | null;
  /** Tells of a token that is no longer valid, within a second. */
  onRotated(listener: (scope: Scope) => void): void;
  stop: Stop;
}

/**
 * The files are looked at again whenever a token counts, so that a new one is honoured, and the old
 * one refused, at once. While one cannot be trusted, its scope is closed.
 * @throws {BadSettings} as `loadToken`.
 */
export const openTokens = ({ dataDir, log }: { dataDir: string; log: Log }): Tokens => {
  const listeners: ((scope: Scope) => void)[] = [];
  const open = (scope: Scope): Held => {
    const path = tokenPath(dataDir, scope);
    return { path, token: loadToken(dataDir, scope), stamp: stampOf(path) };
  };
  const held: Record<Scope, Held> = { full: open('full'), read: open('read') };

  const tokenOf = (scope: Scope): string | null => {
    const one = held[scope];
    const stamp = stampOf(one.path);
    if (stamp === one.stamp) return one.token;
    const before = one.token;
    Object.assign(one, { stamp, token: readAnew(one.path, log) });
    if (one.token === before) return before;
    log.info({ scope }, 'a token was changed: the one before is no longer valid');
    for (const listener of listeners) listener(scope);
    return one.token;
  };
  const look = setInterval(() => SCOPES.forEach(tokenOf), LOOK_MS);
  look.unref();

  return {
    scopeOf: (secret) => {
      const given = digest(secret);
      const opened = SCOPES.filter((scope) => {
        const token = tokenOf(scope);
        return timingSafeEqual(given, digest(token ?? '')) && token !== null;
      });
      return opened[0] ?? null;
    },
    sign: (scope, text) => {
      const token = tokenOf(scope);
      return token === null ? null : createHmac('sha256', token).update(text).digest();
    },
    onRotated: (listener) => {
      listeners.push(listener);
    },
    stop: () => clearInterval(look),
  };
};

interface Held {
  path: string;
  /** Null while the file cannot be trusted. */
  token: string | null;
  stamp: string;
}

/** How long whoever is connected with a token that was replaced stays connected. */
const LOOK_MS = 1000;

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

/** Other for another file, for other contents and for other rights, and for what hides the file. */
const stampOf = (path: string): string => {
  try {
    const { ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    // Whatever it is, reading the file says so, and its scope is closed.
    return `none: ${(error as NodeJS.ErrnoException).code}`;
  }
};

const readAnew = (path: string, log: Log): string | null => {
  try {
    return readToken(path);
  } catch (error) {
    log.warn({ err: error }, 'a token cannot be trusted, so nobody gets in by it');
    return null;
  }
};
