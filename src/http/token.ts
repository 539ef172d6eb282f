import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BadSettings } from '../../actors/errors.ts';

/** What a token opens: all, or everything that changes nothing. */
export const SCOPES = ['full', 'read'] as const;
export type Scope = (typeof SCOPES)[number];

/** Where a token lies in the data folder. */
export const tokenPath = (dataDir: string, scope: Scope): string =>
  join(dataDir, scope === 'full' ? 'token' : 'token-read');

/**
 * A bearer token: 256 bits in a file of the data folder, made at the first call. The folder is made
 * with mode 0700, the file with 0600.
 * @throws {BadSettings} where others could read or replace it, and where the folder cannot be used.
 */
export const loadToken = (dataDir: string, scope: Scope = 'full'): string =>
  inFolder(dataDir, () => {
    const path = tokenPath(dataDir, scope);
    return createToken(path) ?? readToken(path);
  });

/**
 * Puts a new token in the place of the old one, whatever is there. Whoever reads the file meanwhile
 * finds one or the other.
 * @throws {BadSettings} as `loadToken`.
 */
export const rotateToken = (dataDir: string, scope: Scope): void =>
  inFolder(dataDir, () => {
    const path = tokenPath(dataDir, scope);
    const beside = `${path}.${randomUUID()}`;
    createToken(beside);
    try {
      renameSync(beside, path);
    } catch (error) {
      rmSync(beside);
      throw error;
    }
  });

/** @throws {BadSettings} where it is not there, holds no token, or is open to others. */
export const readToken = (path: string): string => {
  const file = openExisting(path);
  try {
    refuseForeign(fstatSync(file), path, 0o077, 'open', 'chmod 600');
    const token = readFileSync(file, 'utf8').trim();
    if (/^[\w-]{43}$/.test(token)) return token;
    throw new BadSettings(`${path} holds no token; remove it to have a new one made`);
  } finally {
    closeSync(file);
  }
};

/** Runs in a data folder that is there and this user's alone to write to. */
const inFolder = <Result>(dataDir: string, use: () => Result): Result => {
  try {
    makeFolder(dataDir);
    refuseForeign(statSync(dataDir), dataDir, 0o022, 'writable', 'chmod go-w');
    return use();
  } catch (error) {
    if (error instanceof BadSettings) throw error;
    const why = (error as Error).message;
    const message = `AGENT_MONITOR_DATA_DIR=${dataDir} cannot be used: ${why}`;
    throw new BadSettings(message, { cause: error });
  }
};

/** Not `recursive`: below /proc that never ends (Node 24.21). */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path, { mode: 0o700 });
};

/** Null where the file is there already. */
const createToken = (path: string): string | null => {
  const file = openNew(path);
  if (file === null) return null;
  try {
    const token = randomBytes(32).toString('base64url');
    writeFileSync(file, `${token}\n`, { flush: true });
    return token;
  } catch (error) {
    rmSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
};

const openNew = (path: string): number | null => {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  }
};

const openExisting = (path: string): number => {
  try {
    // No following: a link could name a file that someone else chose.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw new BadSettings(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
};

const refuseForeign = (
  stat: { uid: number; mode: number },
  path: string,
  forbidden: number,
  what: string,
  fix: string,
): void => {
  if (stat.uid !== process.geteuid?.()) {
    throw new BadSettings(`${path} belongs to another user; see AGENT_MONITOR_DATA_DIR`);
  }
  if ((stat.mode & forbidden) !== 0) {
    throw new BadSettings(`${path} is ${what} to other users: ${fix} ${path}`);
  }
};
