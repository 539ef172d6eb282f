/** Whatever becomes of the monitor, the watched programs go on, and their server is as it was. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ended, send } from '../support/command-calls.ts';
import { startDaemon } from '../support/daemon.ts';
import { asPaintedAgents, startPaintedAgent } from '../support/painted-agent.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

let scope: AsyncDisposableStack;
let tmux: TestTmux;
let redis: TestRedis;

beforeEach(async () => {
  scope = new AsyncDisposableStack();
  tmux = scope.use(await startTmux());
  redis = scope.use(await startRedis());
});

afterEach(() => scope.disposeAsync());

/** More than all buffers between the program and the monitor hold. */
const FAR_BYTES = 8 << 20;

const startWriter = async () => {
  const file = join(dirname(tmux.socket), 'bytes');
  const program = join(import.meta.dirname, '../support/counting-writer.ts');
  await tmux.newSession({ name: 'writer', command: [process.execPath, program, file] });
  const written = () => Number(readFileSync(file, 'utf8'));
  return {
    goesOn: async (while_: string) => {
      const before = written();
      await until(`it has written on while the monitor ${while_}`, () =>
        written() > before + FAR_BYTES ? true : null,
      );
    },
  };
};

const watchWriter = async (env: Record<string, string>) => {
  const daemon = scope.use(await startDaemon({ tmux, redis, sessions: ['writer'], env }));
  await daemon.agent('writer', ({ connection }) => connection === 'attached');
  return daemon;
};

const AILING = `--import ${new URL('../support/ailing.ts', import.meta.url)}`;

const nobodyIsAttached = () =>
  until('no client is left', async () => ((await tmux.run('list-clients')) === '' ? true : null));

const serverBytes = async (): Promise<number> => {
  const { pid } = await tmux.identity();
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
};

test.runIf(process.platform === 'linux')(
  'a program that writes without end goes on while the monitor runs, is slow, hangs and is killed',
  async () => {
    const writer = await startWriter();
    const daemon = await watchWriter({ NODE_OPTIONS: AILING, AILMENT: 'slow' });
    await writer.goesOn('runs');
    process.kill(daemon.pid, 'SIGUSR2');
    await writer.goesOn('is slow');
    process.kill(daemon.pid, 'SIGSTOP');
    const before = await serverBytes();
    await writer.goesOn('hangs');
    await writer.goesOn('hangs on');
    // What is not read is not kept for ever.
    expect(await serverBytes()).toBeLessThan(before + FAR_BYTES);
    await daemon.end('SIGKILL');
    await writer.goesOn('is dead');
    await nobodyIsAttached();
  },
);

test('a program that writes without end goes on when the monitor runs out of memory', async () => {
  const writer = await startWriter();
  const daemon = await watchWriter({
    NODE_OPTIONS: `--max-old-space-size=100 ${AILING}`,
    AILMENT: 'greed',
  });
  process.kill(daemon.pid, 'SIGUSR2');
  await writer.goesOn('is short of memory');
  await until('the monitor has died', () =>
    daemon.printed().includes('out of memory') ? true : null,
  );
  await writer.goesOn('is dead');
  await nobodyIsAttached();
});

/** All that a person may have set, and how large their windows are. */
const footprint = async (): Promise<Record<string, string>> => {
  const shown: Record<string, string> = {};
  for (const what of [
    ...[
      ['show-options', '-s'],
      ['show-options', '-g'],
      ['show-options', '-gw'],
    ],
    ...[['show-hooks', '-g'], ['show-environment', '-g'], ['list-buffers']],
    ...[
      ['show-options', '-t', 'shop-api:'],
      ['show-hooks', '-t', 'shop-api:'],
    ],
    ...[
      ['show-environment', '-t', 'shop-api:'],
      ['show-options', '-w', '-t', 'shop-api:'],
    ],
    ['list-windows', '-a', '-F', WINDOW],
  ]) {
    shown[what.join(' ')] = await tmux.run(...what);
  }
  return shown;
};

const WINDOW = [
  ...['session_name', 'window_index', 'window_name', 'window_width', 'window_height'],
  ...['window_layout', 'window_active', 'pane_width', 'pane_height', 'pane_in_mode'],
]
  .map((variable) => `#{${variable}}`)
  .join(' ');

const SETTINGS = [
  ['set-option', '-g', 'status-left', 'mine'],
  ['set-option', '-g', 'automatic-rename', 'off'],
  ['set-option', '-g', 'focus-events', 'on'],
  ['set-option', '-g', 'window-size', 'latest'],
  ['set-hook', '-g', 'alert-bell', 'display-message bell'],
  ['set-environment', '-g', 'EDITOR', 'vi'],
  ['set-environment', '-t', 'shop-api', 'SSH_AUTH_SOCK', '/home/user/agent.sock'],
  ['set-environment', '-t', 'shop-api', 'DISPLAY', ':0'],
  ['set-buffer', '-b', 'mine', 'kept'],
];

test('sizes, environment, options, hooks and buffers stay as they are', async () => {
  using agent = await startPaintedAgent(tmux, { name: 'shop-api', width: 97, height: 31 });
  await tmux.newSession({ name: 'shell', command: 'bash --norc' });
  for (const setting of SETTINGS) await tmux.run(...setting);
  const before = await footprint();
  agent.rest(1);
  const daemon = scope.use(
    await startDaemon({
      ...{ tmux, redis, sessions: ['*'] },
      env: {
        ...asPaintedAgents(tmux, 'shop-api'),
        ...{ SSH_AUTH_SOCK: '/run/other.sock', DISPLAY: ':99', EDITOR: 'emacs' },
      },
    }),
  );
  for (const session of ['shop-api', 'shell'])
    await daemon.agent(session, ({ connection }) => connection === 'attached');
  expect(await footprint()).toEqual(before);

  agent.flood('endless lines (yes)', 500);
  agent.work(2);
  await daemon.agent('shop-api', ({ state }) => state === 'reading');
  const { id } = await send(daemon, 'shell', 'true');
  await ended(daemon, id);
  expect(await footprint()).toEqual(before);

  await daemon.end('SIGKILL');
  await daemon.start();
  await daemon.agent('shop-api', ({ connection }) => connection === 'attached');
  expect(await footprint()).toEqual(before);
  await daemon.end('SIGTERM');
  await nobodyIsAttached();
  expect(await footprint()).toEqual(before);
});
