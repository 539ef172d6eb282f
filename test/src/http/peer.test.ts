import { describe, expect, it } from 'vitest';
import { createPeerCheck, type Ends } from '../../../src/http/peer.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';

const HEADER =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** A line as the kernel writes it. */
const row = (local: string, remote: string, state: string, uid: number, inode: number) =>
  `   7: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 ${inode} 1 0000000000000000 20 4 30 10 -1                    \n`;

/** 127.0.0.1:40000 → 127.0.0.1:3848, and how each end is written. */
const V4: Ends = {
  remoteAddress: '127.0.0.1',
  remotePort: 40_000,
  localAddress: '127.0.0.1',
  localPort: 3848,
};
const CLIENT = '0100007F:9C40';
const SERVER = '0100007F:0F08';
const MAPPED = '0000000000000000FFFF0000';
const V6 = '00000000000000000000000001000000';

const check = (tables: { tcp?: string; tcp6?: string }, ends: Ends = V4, ownUid = 1000) =>
  createPeerCheck({
    ownUid,
    log: createRecordedLog(),
    readTable: async (path) =>
      HEADER + ((path === '/proc/net/tcp6' ? tables.tcp6 : tables.tcp) ?? ''),
  })(ends);

describe('the peer check', () => {
  it('believes an established socket of this user', async () => {
    expect(await check({ tcp: row(CLIENT, SERVER, '01', 1000, 5) })).toBe(true);
  });

  it('finds it among others, whose ports are alike or the other way round', async () => {
    const tcp = [
      row(SERVER, CLIENT, '01', 0, 9),
      row('0100007F:9C41', SERVER, '01', 0, 9),
      row(CLIENT, '0100007F:0F09', '01', 0, 9),
      row('0200007F:9C40', SERVER, '01', 0, 9),
      row(CLIENT, SERVER, '01', 1000, 5),
    ].join('');
    expect(await check({ tcp })).toBe(true);
  });

  /** Each looked for by itself takes half a minute. */
  it('finds each of many at once among very many', async () => {
    const port = (index: number) => index.toString(16).toUpperCase().padStart(4, '0');
    const all = Array.from({ length: 65_536 }, (_, index) =>
      row(`0100007F:${port(index)}`, SERVER, '01', index % 2 === 0 ? 1000 : 1001, 5),
    ).join('');
    const isOwn = createPeerCheck({
      ...{ ownUid: 1000, log: createRecordedLog() },
      readTable: async (path) => HEADER + (path === '/proc/net/tcp' ? all : ''),
    });
    const ports = Array.from({ length: 2000 }, (_, index) => 40_000 + index);
    const answers = await Promise.all(ports.map((remotePort) => isOwn({ ...V4, remotePort })));
    expect(answers).toEqual(ports.map((remotePort) => remotePort % 2 === 0));
  });

  it('finds an IPv6 socket that calls the IPv4 address, also on a listener for both', async () => {
    const tcp6 = row(`${MAPPED}${CLIENT}`, `${MAPPED}${SERVER}`, '01', 1000, 5);
    expect(await check({ tcp6 })).toBe(true);
    const mapped = { ...V4, remoteAddress: '::ffff:127.0.0.1', localAddress: '::ffff:127.0.0.1' };
    expect(await check({ tcp6 }, mapped)).toBe(true);
    expect(await check({ tcp: row(CLIENT, SERVER, '01', 1000, 5) }, mapped)).toBe(true);
  });

  it('finds an IPv6 loopback socket', async () => {
    const ends = { ...V4, remoteAddress: '::1', localAddress: '::1' };
    const tcp6 = row(`${V6}:9C40`, `${V6}:0F08`, '01', 1000, 5);
    expect(await check({ tcp6 }, ends)).toBe(true);
  });

  it.each([
    ['another user', row(CLIENT, SERVER, '01', 1001, 5)],
    ['root, where the monitor is not root', row(CLIENT, SERVER, '01', 0, 5)],
    ['FIN_WAIT1', row(CLIENT, SERVER, '04', 1000, 5)],
    ['FIN_WAIT1 without inode', row(CLIENT, SERVER, '04', 1000, 0)],
    ['established without inode', row(CLIENT, SERVER, '01', 1000, 0)],
    ['TIME_WAIT', row(CLIENT, SERVER, '06', 1000, 0)],
    ['LISTEN', row(CLIENT, SERVER, '0A', 1000, 5)],
    ['a row cut short', `   7: ${CLIENT} ${SERVER} 01 00000000:00000000`],
    ['two rows', row(CLIENT, SERVER, '01', 1000, 5) + row(CLIENT, SERVER, '01', 1000, 6)],
    ['no row', ''],
  ])('does not believe %s', async (_what, tcp) => {
    expect(await check({ tcp })).toBe(false);
  });

  it.each(['05', '06', '04', '01'])(
    'does not believe, as root, the uid 0 that a closed socket in state %s shows',
    async (state) => {
      expect(await check({ tcp: row(CLIENT, SERVER, state, 0, 0) }, V4, 0)).toBe(false);
      expect(await check({ tcp: row(CLIENT, SERVER, '01', 0, 5) }, V4, 0)).toBe(true);
    },
  );

  it('believes no one as nobody, who is many', async () => {
    expect(await check({ tcp: row(CLIENT, SERVER, '01', 65_534, 5) }, V4, 65_534)).toBe(false);
  });

  it.each([
    { ...V4, remoteAddress: undefined, remotePort: undefined },
    { ...V4, localAddress: undefined, localPort: undefined },
    { ...V4, remoteAddress: 'fe80::1%eth0' },
  ])('does not believe ends that are gone or strange: %j', async (ends) => {
    expect(await check({ tcp: row(CLIENT, SERVER, '01', 1000, 5) }, ends)).toBe(false);
  });

  it.each([
    { what: 'left out', faulty: '' },
    { what: 'given out twice', faulty: row(CLIENT, SERVER, '01', 1000, 5).repeat(2) },
  ])('reads again where a row was $what, and gives up in the end', async ({ faulty }) => {
    const answers = async (faults: number) => {
      let readings = 0;
      const isOwn = createPeerCheck({
        ...{ ownUid: 1000, log: createRecordedLog() },
        readTable: async (path) => {
          if (path !== '/proc/net/tcp') return HEADER;
          readings += 1;
          return HEADER + (readings > faults ? row(CLIENT, SERVER, '01', 1000, 5) : faulty);
        },
      });
      return [await isOwn(V4), readings];
    };
    expect(await answers(2)).toEqual([true, 3]);
    expect(await answers(100)).toEqual([false, 4]);
  });

  it('reads no second time for a socket of another user', async () => {
    let readings = 0;
    const isOwn = createPeerCheck({
      ...{ ownUid: 1000, log: createRecordedLog() },
      readTable: async () => {
        readings += 1;
        return HEADER + row(CLIENT, SERVER, '01', 1001, 5);
      },
    });
    expect([await isOwn(V4), readings]).toEqual([false, 1]);
  });

  it('believes no one where the tables cannot be read, and says so once', async () => {
    const log = createRecordedLog();
    const isSameUser = createPeerCheck({
      ownUid: 1000,
      log,
      readTable: () => Promise.reject(new Error('ENOENT')),
    });
    expect(await isSameUser(V4)).toBe(false);
    expect(await isSameUser(V4)).toBe(false);
    expect(log.messages('warn')).toHaveLength(1);
  });

  it('reads once for all that arrive during a reading, and never uses what it read before', async () => {
    const reads: ((table: string) => void)[] = [];
    const isSameUser = createPeerCheck({
      ownUid: 1000,
      log: createRecordedLog(),
      readTable: (path) =>
        path === '/proc/net/tcp6'
          ? Promise.resolve('')
          : new Promise((resolve) => {
              reads.push(resolve);
            }),
    });
    const mine = row(CLIENT, SERVER, '01', 1000, 5);
    const first = isSameUser(V4);
    const later = Array.from({ length: 100 }, () => isSameUser(V4));
    expect(reads).toHaveLength(1);
    reads[0]?.(mine);
    expect(await first).toBe(true);
    await new Promise(setImmediate);
    expect(reads).toHaveLength(2);
    reads[1]?.(row(CLIENT, SERVER, '01', 1001, 5));
    expect(new Set(await Promise.all(later))).toEqual(new Set([false]));
    expect(reads).toHaveLength(2);
  });

  it('does not know anybody without a uid of its own', async () => {
    const isSameUser = createPeerCheck({
      ownUid: undefined,
      log: createRecordedLog(),
      readTable: () => Promise.reject(new Error('must not be asked')),
    });
    expect(await isSameUser(V4)).toBe(false);
  });
});
