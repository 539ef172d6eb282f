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
  const { readTable = readKernelTable } = options;
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

/** Who holds the other end of a connection between two ends on this machine. */
interface Holder {
  uid: number;
  /** The kernel has made the connection, and no program has taken it yet: the uid says nothing. */
  isUntaken: boolean;
}

/**
 * Null where that cannot be told, or the connection is no longer there.
 * @throws where the tables cannot be read, as on other systems than Linux.
 */
export const holderOf = async (ends: Ends, readTable = readKernelTable): Promise<Holder | null> => {
  const [[text, ...more] = []] = await findRows([ends], readTable);
  if (text === undefined || more.length > 0) return null;
  const { state, uid, inode } = parseRow(text);
  return state === ESTABLISHED ? { uid, isUntaken: inode === 0 } : null;
};

const readKernelTable = (path: string): Promise<string> => readFile(path, 'latin1');

interface Waiter {
  ends: Ends;
  answer(sameUser: boolean): void;
}

/** Shared by many, and what a user namespace shows for every uid that it does not know. */
export const NOBODY = 65_534;

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
  for (let readings = 1; open.length > 0; readings += 1) {
    const found = await findRows(
      open.map(({ ends }) => ends),
      readTable,
    );
    open = open.filter(({ answer }, index) => {
      const rows = found[index] ?? [];
      if (rows.length !== 1 && readings < MOST_READINGS) return true;
      answer(rows.length === 1 && isTrusted(rows[0] ?? '', ownUid));
      return false;
    });
  }
};

/**
 * The kernel gives the table out in pieces and goes on where it was (Linux 6): a row whose neighbours
 * come or go meanwhile is left out, or is there twice, about once in a hundred times on a busy machine.
 */
const MOST_READINGS = 4;

/**
 * Only an established socket that a process still holds says whose it is: once closed, its row has
 * inode 0 and, from FIN_WAIT2 on, uid 0, whoever opened it.
 */
const isTrusted = (row: string, ownUid: number | undefined): boolean => {
  const { state, uid, inode } = parseRow(row);
  return state === ESTABLISHED && inode > 0 && uid === ownUid;
};

const ESTABLISHED = '01';

const parseRow = (row: string): { state: string; uid: number; inode: number } => {
  const [state = '', , , , uid, , inode] = row.trim().split(/ +/);
  return { state, uid: Number(uid ?? Number.NaN), inode: Number(inode ?? 0) };
};

/** The rest of each row whose local end is the peer's and whose remote end is ours, for each of them. */
const findRows = async (
  all: readonly Ends[],
  readTable: (path: string) => Promise<string>,
): Promise<string[][]> => {
  const found = all.map((): string[] => []);
  for (const { path, address } of TABLES) {
    if (found.every((rows) => rows.length > 0)) break;
    const rows = rowsByEnds(
      await readTable(path),
      all.map((ends) => written(ends, address)),
    );
    for (const [index, ends] of all.entries()) {
      if (found[index]?.length === 0) found[index] = rows.get(written(ends, address)) ?? [];
    }
  }
  return found;
};

/** In one pass: anybody on this machine can make the table long, and many can call at once. */
const rowsByEnds = (table: string, wanted: readonly string[]): Map<string, string[]> => {
  const rows = new Map(wanted.filter((ends) => ends !== '').map((ends) => [ends, [] as string[]]));
  const [{ length } = { length: 0 }] = rows.keys();
  for (let start = 0, end: number; length > 0 && start < table.length; start = end + 1) {
    end = table.indexOf('\n', start);
    if (end < 0) end = table.length;
    // Behind the row's number; the line of the headings has none.
    const at = table.indexOf(': ', start) + 2;
    if (at < end) rows.get(table.slice(at, at + length))?.push(table.slice(at + length, end));
  }
  return rows;
};

/** Both ends as a row has them, the peer's first; all of one table are of one length. */
const written = (ends: Ends, address: (v4: string | null) => string | null): string => {
  const peer = endpoint(ends.remoteAddress, ends.remotePort, address);
  const own = endpoint(ends.localAddress, ends.localPort, address);
  return peer === null || own === null ? '' : `${peer} ${own} `;
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
  const words = address(reversed?.join('') ?? null);
  return words === null ? null : `${words}:${hex(port, 4)}`;
};

const hex = (value: number, width: number): string =>
  value.toString(16).toUpperCase().padStart(width, '0');
