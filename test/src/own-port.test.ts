import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../src/client.ts';
import { whoHears } from '../../src/own-port.ts';

const HEADER = '  sl  local_address rem_address   st\n';
const SERVER = '0100007F:0F08';
const CLIENT = '0100007F:9C40';
/** A connection of this program to 127.0.0.1:3848. */
const ENDS = {
  remoteAddress: '127.0.0.1',
  remotePort: 3848,
  localAddress: '127.0.0.1',
  localPort: 40_000,
};
const OWN = process.geteuid?.() ?? 0;

/** The other end's row, as the kernel has it. */
const held = (state: string, uid: number, inode: number): string =>
  `   7: ${SERVER} ${CLIENT} ${state} 00000000:00000000 00:00000000 00000000 ${uid} 0 ${inode} 1 0\n`;

const hears = (...rows: string[]) => {
  let reads = 0;
  return whoHears(ENDS, async (path) => {
    if (path !== '/proc/net/tcp') return HEADER;
    reads += 1;
    return `${HEADER}   6: ${CLIENT} ${SERVER} 01 0:0 0:0 0 ${OWN} 0 4 1 0\n${rows[Math.min(reads, rows.length) - 1] ?? ''}`;
  });
};

it.each([
  ['this user’s program', held('01', OWN, 5), 'own'],
  ['a program of root', held('01', 0, 5), 'own'],
  ['another user’s program', held('01', 4321, 5), 'another'],
  ['nobody’s program, which may be anybody’s', held('01', 65_534, 5), 'another'],
  ['one that is going', held('08', OWN, 0), 'unknown'],
  ['one that is not to be found', '', 'unknown'],
])('tells %s', async (_what, row, who) => {
  expect(await hears(row)).toBe(who);
});

it('waits until somebody has taken the connection', async () => {
  expect(await hears(held('01', 0, 0), held('01', 0, 0), held('01', 4321, 5))).toBe('another');
});

it('believes nothing where the tables cannot be read', async () => {
  expect(await whoHears(ENDS, () => Promise.reject(new Error('no such file')))).toBe('unknown');
});

/** Only root can be somebody else. */
const strangers = process.platform === 'linux' && OWN === 0 ? [65_534] : [];

it.each(strangers)(
  'a client tells nothing to what the user %d has put on the port',
  async (uid) => {
    const program = `require('node:http').createServer((request, response) => {
    console.log('heard', request.url);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: 'x', status: 'sent', url: 'http://foreign.example/' }));
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
    const as = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
    const child = spawn('setpriv', [...as, process.execPath, '-e', program], { cwd: '/' });
    onTestFinished(() => void child.kill());
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await once(child.stdout, 'data');
    const client = createClient({ socketPath: '/nonexistent/api.sock', port: Number(said) });
    const refused = { code: 'not_the_monitor', message: expect.stringMatching(/another user/) };
    await expect(client.sendCommand('shop-api', { command: 'go on' })).rejects.toMatchObject(
      refused,
    );
    await expect(client.makeLoginCode()).rejects.toMatchObject(refused);
    await expect(client.follow().next()).rejects.toMatchObject(refused);
    expect(said).not.toContain('heard');
  },
);
