import { readFile } from 'node:fs/promises';
import type { Log } from '../../actors/ports.ts';

/** Both ends of an accepted connection as Node tells them; undefined once the peer has reset it. */
export interface Ends {
  remoteAddress?: string | undefined;
  remotePort?: number | undefined;
  localAddress?: string | undefined;
  localPort?: number | undefined;
}

/**
 * Says whether the other end of a loopback connection was opened by this very user. It reads the
 * kernel's socket tables (Linux; elsewhere nobody is believed). The kernel walks all its buckets for
 * each reading, some 5 ms, so connections that arrive while one is under way share the next.
 */
export const createPeerCheck = (options: {
  ownUid: number | undefined;
  log: Log;
  readTable?: ((path: string) => Promise<string>) | undefined;
}): ((ends: Ends) => Promise<boolean>) => {
  const { readTable = (path) => readFile(path, 'latin1') } = options;
  let waiting: Waiter[] = [];
  let scanning = false;
  let warned = false;

  const scan = async (): Promise<void> => {
    if (scanning) return;
    scanning = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await decide(batch, options.ownUid, readTable).catch((error: unknown) => {
        if (!warned)
          options.log.warn({ err: error }, 'it cannot be told who calls: all need the token');
        warned = true;
        for (const { answer } of batch) answer(false);
      });
    }
    scanning = false;
  };

  return ({ remoteAddress, remotePort, localAddress, localPort }) => {
    const own = options.ownUid;
    if (own === undefined || own === NOBODY) return Promise.resolve(false);
    // Taken now: a socket forgets its ends when it closes.
    const ends = { remoteAddress, remotePort, localAddress, localPort };
    return new Promise((answer) => {
      waiting.push({ ends, answer });
      void scan();
    });
  };
};

interface Waiter {
  ends: Ends;
  answer(sameUser: boolean): void;
}

/** Shared by many, and what a user namespace shows for every uid that it does not know. */
const NOBODY = 65_534;

const TABLES = [
  { path: '/proc/net/tcp', address: (v4: string | null) => v4 },
  // An AF_INET6 socket that calls an IPv4 address stands here.
  {
    path: '/proc/net/tcp6',
    address: (v4: string | null) => (v4 === null ? V6_LOOPBACK : `${V4_IN_V6}${v4}`),
  },
];
const V6_LOOPBACK = '00000000000000000000000001000000';
const V4_IN_V6 = '0000000000000000FFFF0000';

const decide = async (
  batch: Waiter[],
  ownUid: number | undefined,
  readTable: (path: string) => Promise<string>,
): Promise<void> => {
  let open = batch;
  for (const { path, address } of TABLES) {
    if (open.length === 0) return;
    const table = await readTable(path);
    open = open.filter(({ ends, answer }) => {
      const rows = findRows(table, ends, address);
      if (rows.length === 0) return true;
      answer(rows.length === 1 && isTrusted(rows[0] ?? '', ownUid));
      return false;
    });
  }
  for (const { answer } of open) answer(false);
};

/**
 * Only an established socket that a process still holds says whose it is: once closed, its row has
 * inode 0 and, from FIN_WAIT2 on, uid 0, whoever opened it.
 */
const isTrusted = (row: string, ownUid: number | undefined): boolean => {
  const [state, , , , uid, , inode] = row.trim().split(/ +/);
  return state === '01' && Number(inode) > 0 && uid === String(ownUid);
};

/** The rest of each row whose local end is the peer's and whose remote end is ours. */
const findRows = (
  table: string,
  ends: Ends,
  address: (v4: string | null) => string | null,
): string[] => {
  const peer = endpoint(ends.remoteAddress, ends.remotePort, address);
  const own = endpoint(ends.localAddress, ends.localPort, address);
  if (peer === null || own === null) return [];
  const needle = `: ${peer} ${own} `;
  const rows: string[] = [];
  for (let at = table.indexOf(needle); at >= 0; at = table.indexOf(needle, at + 1)) {
    const start = at + needle.length;
    const end = table.indexOf('\n', start);
    rows.push(table.slice(start, end < 0 ? undefined : end));
  }
  return rows;
};

/**
 * An end as the tables write it: the address as 32-bit words in this machine's byte order. On a
 * big-endian machine nothing matches, and the token is asked for.
 */
const endpoint = (
  ip: string | undefined,
  port: number | undefined,
  address: (v4: string | null) => string | null,
): string | null => {
  const v4 = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip ?? '')?.slice(1);
  if (port === undefined || (v4 === undefined && ip !== '::1')) return null;
  const reversed = v4?.reverse().map((byte) => hex(Number(byte), 2));
  const written = address(reversed?.join('') ?? null);
  return written === null ? null : `${written}:${hex(port, 4)}`;
};

const hex = (value: number, width: number): string =>
  value.toString(16).toUpperCase().padStart(width, '0');
