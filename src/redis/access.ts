import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Names } from './names.ts';
import { OWN_USER, usersOf } from './users.ts';

/** Where a Redis is, and as whom one speaks to it. */
export type Way =
  | { readonly host: string; readonly port: number }
  | { readonly path: string; readonly username?: string; readonly password?: string };

/**
 * How a private Redis is entered. All of it is in its folder, which is this user's alone: what answers
 * on the socket there is no stranger, so a secret may be said to it. On a port it might be anyone.
 */
export interface Access {
  /** False where there surely is no private Redis. */
  isThere(): boolean;
  /** The monitor's own way in. @throws where the path is too long for a socket. */
  way(): Way;
  /** True where the users of the Redis that was started last are those it would be given now. */
  isAsWanted(): boolean;
  /**
   * Writes down its users; answers the arguments with which a `redis-server` of this version takes
   * them, and the way into it.
   * @throws where the version cannot do what is wanted.
   */
  prepare(version: number): { args: string[]; way: Way };
}

/** Before it no user could be kept from writing what it may read. */
export const FIRST_WITH_USERS = 7;

export const createAccess = (options: {
  folder: string;
  names: Names;
  /** What everyone else is asked for; null for nothing. */
  password: string | null;
}): Access => {
  const { folder, names, password } = options;
  const aclFile = join(folder, 'users.acl');
  const users = (): string => usersOf({ names, secret: loadSecret(folder), password });
  const way = () => {
    const path = socketPath(folder);
    return { path, username: OWN_USER, password: loadSecret(folder) };
  };
  return {
    way,
    isThere: () => existsSync(join(folder, SOCKET)),
    isAsWanted: () => existsSync(aclFile) && readFileSync(aclFile, 'utf8') === users(),
    prepare: (version) => {
      const socket = ['--unixsocket', SOCKET, '--unixsocketperm', '600'];
      rmSync(aclFile, { force: true });
      if (version < FIRST_WITH_USERS) {
        if (password !== null) throw new Error(TOO_OLD);
        return { args: socket, way: { path: socketPath(folder) } };
      }
      writeFileSync(aclFile, users(), { flag: 'wx', mode: 0o600 });
      return { args: [...socket, '--aclfile', aclFile], way: way() };
    },
  };
};

const TOO_OLD = `AGENT_MONITOR_REDIS_PASSWORD needs redis-server ${FIRST_WITH_USERS}.0 or later`;

/** As Redis is told it, within its folder. */
const SOCKET = 'redis.sock';

/** The kernel takes 104 bytes on macOS, 108 on Linux, with a zero at the end. */
const MAX_PATH = 103;

/** The shorter of the two ways there: a long one cannot be connected to. */
const socketPath = (folder: string): string => {
  const path = join(folder, SOCKET);
  const paths = [path, relative(process.cwd(), path)];
  const short = paths.find((one) => Buffer.byteLength(one) <= MAX_PATH);
  if (short !== undefined) return short;
  throw new Error(`${path} is too long for a socket; set AGENT_MONITOR_DATA_DIR or REDIS_URL`);
};

/** 256 bits in a file that is made at the first call, and anew where it is damaged or was open. */
const loadSecret = (folder: string): string => {
  const path = join(folder, 'secret');
  const found = readSecret(path);
  if (found !== null) return found;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  const secret = randomBytes(32).toString('base64url');
  writeFileSync(path, `${secret}\n`, { flag: 'wx', mode: 0o600, flush: true });
  return secret;
};

const readSecret = (path: string): string | null => {
  if (!existsSync(path) || (statSync(path).mode & 0o077) !== 0) return null;
  const text = readFileSync(path, 'utf8').trim();
  return /^[\w-]{43}$/.test(text) ? text : null;
};
