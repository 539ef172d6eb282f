import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BadSettings } from '../../actors/errors.ts';

/**
 * The bearer token: 256 bits in the file `token` of the data folder, made at the first call. The
 * folder is made with mode 0700, the file with 0600.
 * @throws {BadSettings} where others could read or replace it, and where the folder cannot be used.
 */
export const loadToken = (dataDir: string): string => {
  try {
    return findToken(dataDir);
  } catch (error) {
    if (error instanceof BadSettings) throw error;
    const why = (error as Error).message;
    const message = `AGENT_MONITOR_DATA_DIR=${dataDir} cannot be used: ${why}`;
    throw new BadSettings(message, { cause: error });
  }
};

/** Whether an Authorization header carries the token. Takes the same time however wrong it is. */
export const createTokenCheck = (token: string): ((header: string) => boolean) => {
  const digest = (text: string) => hash('sha256', text, 'buffer');
  const wanted = digest(token);
  return (header) => {
    const given = /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? '';
    return timingSafeEqual(digest(given), wanted);
  };
};

const findToken = (dataDir: string): string => {
  makeFolder(dataDir);
  refuseForeign(statSync(dataDir), dataDir, 0o022, 'writable', 'chmod go-w');
  const path = join(dataDir, 'token');
  return createToken(path) ?? readToken(path);
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

const readToken = (path: string): string => {
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
