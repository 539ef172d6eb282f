/** pm2.sh: which of PM2's commands each verb runs, shown with a PM2 that only writes down what it is told. */

import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBareMachine } from '../support/bare-machine.ts';

const USAGE =
  'usage: ./pm2.sh {start|stop|restart|status|logs|monit|delete|startup} [what pm2 takes]\n';

/** What PM2 knows of an earlier start is taken off its list. */
const FORGOTTEN = ['describe agent-monitor', 'delete agent-monitor'];

describe('pm2.sh', () => {
  it.each([
    {
      args: ['start'],
      expected: ['setup', 'check', ...FORGOTTEN, 'start ecosystem.config.js', 'jlist', 'save'],
    },
    {
      args: ['start', '--env', 'development', '--', 'shop api'],
      expected: [
        ...['setup', 'check -- shop api', ...FORGOTTEN],
        ...['start ecosystem.config.js --env development -- shop api', 'jlist', 'save'],
      ],
    },
    { args: ['stop'], expected: ['stop agent-monitor'] },
    { args: ['restart'], expected: ['setup', 'restart agent-monitor', 'jlist'] },
    {
      args: ['restart', '--update-env'],
      expected: ['setup', 'check', 'restart agent-monitor --update-env', 'jlist'],
    },
    { args: ['status'], expected: ['status'] },
    { args: ['logs', '--lines', '100'], expected: ['logs agent-monitor --lines 100'] },
    { args: ['monit'], expected: ['monit'] },
    { args: ['delete'], expected: ['delete agent-monitor', 'save --force'] },
    { args: ['startup'], expected: ['startup'] },
  ])('$args runs $expected', async ({ args, expected }) => {
    const checkout = createCheckout({ pm2: 'installed' });

    expect(await checkout.run(args)).toEqual({ code: 0, output: '' });
    expect(checkout.calls()).toEqual(expected);
  });

  it('has nothing to forget where PM2 does not know it', async () => {
    const checkout = createCheckout({ fails: 'describe' });

    expect(await checkout.run(['start'])).toEqual({ code: 0, output: '' });
    expect(checkout.calls()).not.toContain('delete agent-monitor');
  });

  it('does the same through a link to it', async () => {
    const checkout = createCheckout({ pm2: 'packaged' });
    mkdirSync(join(checkout.folder, 'elsewhere'));
    symlinkSync('../pm2.sh', join(checkout.folder, 'elsewhere/monitor'));

    expect(await checkout.run(['status'], 'elsewhere/monitor')).toEqual({ code: 0, output: '' });
    expect(checkout.calls()).toEqual(['status']);
  });

  it('uses the PM2 among the packages where none is installed', async () => {
    const checkout = createCheckout({ pm2: 'packaged' });

    expect(await checkout.run(['start'])).toMatchObject({ code: 0 });
    expect(checkout.calls()).toContain('start ecosystem.config.js');
  });

  it('says how to install PM2 where there is none', async () => {
    expect(await createCheckout({ pm2: 'missing' }).run(['status'])).toEqual({
      code: 1,
      output: 'pm2.sh: PM2 missing. Install it with: npm install -g pm2\n',
    });
  });

  it.each([{ args: [] }, { args: ['reboot'] }])(
    'explains itself when told $args',
    async ({ args }) => {
      expect(await createCheckout({}).run(args)).toEqual({ code: 2, output: USAGE });
    },
  );

  it('starts nothing with a bad setting', async () => {
    const checkout = createCheckout({
      check: 'console.error("bad setting"); process.exitCode = 1',
    });

    expect(await checkout.run(['start'])).toEqual({ code: 1, output: 'bad setting\n' });
    expect(checkout.calls()).toEqual(['setup', 'check']);
  });

  it('saves nothing when the start fails', async () => {
    const checkout = createCheckout({ fails: 'start' });

    expect(await checkout.run(['start'])).toMatchObject({ code: 1 });
    expect(checkout.calls().slice(-1)).toEqual(['start ecosystem.config.js']);
  });

  it('waits until the daemon has said that it is ready', async () => {
    const checkout = createCheckout({ lists: [app({ axm_monitor: {} }), READY] });

    expect(await checkout.run(['start'])).toEqual({ code: 0, output: '' });
    expect(checkout.calls().slice(-3)).toEqual(['jlist', 'jlist', 'save']);
  });

  it.each([
    { what: 'nothing', list: '' },
    { what: 'no list', list: '[PM2][WARN] Current process list is not synchronized' },
  ])('asks again where PM2 prints $what', async ({ list }) => {
    const checkout = createCheckout({ lists: [list, READY] });

    expect(await checkout.run(['start'])).toEqual({ code: 0, output: '' });
    expect(checkout.calls().slice(-3)).toEqual(['jlist', 'jlist', 'save']);
  });

  it.each([
    { how: 'was given up', list: app({ status: 'errored' }), why: 'it ends again and again\n' },
    {
      how: 'keeps ending',
      list: app({ unstable_restarts: 3, axm_monitor: {} }),
      why: 'it ends again and again\n',
    },
    { how: 'was stopped', list: app({ status: 'stopped' }), why: 'it is stopped\n' },
    { how: 'is not there', list: '[]', why: 'PM2 knows no agent-monitor\n' },
  ])('fails where the daemon $how, and saves nothing', async ({ list, why }) => {
    const checkout = createCheckout({ lists: [list] });
    const { code, output } = await checkout.run(['start']);

    expect(code).toBe(1);
    expect(output).toContain(`pm2.sh: the daemon is not running: ${why}`);
    expect(checkout.calls()).not.toContain('save');
  });

  it('tells what the daemon wrote last where it keeps ending', async () => {
    const checkout = createCheckout({ lists: [app({ status: 'errored' })] });
    const earlier = 'agent-monitor: earlier\n'.repeat(5_000);
    checkout.write('error.log', `${earlier}agent-monitor: the port is\n  taken\n`);

    expect((await checkout.run(['restart'])).output).toBe(
      'pm2.sh: the daemon is not running: it ends again and again\nagent-monitor: the port is\n  taken\n',
    );
  });
});

/** What PM2 lists: all apps between lines of its own. */
const app = (pm2Env: object): string =>
  `>>>> In-memory PM2 is out-of-date\n${JSON.stringify([
    { name: 'other', pm2_env: { status: 'errored' } },
    {
      name: 'agent-monitor',
      pm2_env: {
        ...{ status: 'online', unstable_restarts: 0, pm_err_log_path: 'error.log' },
        ...{ axm_monitor: { API: { value: 'http://127.0.0.1:3848' } } },
        ...pm2Env,
      },
    },
  ])}\n[PM2][WARN] Current process list is not synchronized with saved list\n`;
const READY = app({});

const createCheckout = (options: {
  pm2?: 'installed' | 'packaged' | 'missing';
  /** The command that fails. */
  fails?: string;
  /** What `pm2 jlist` prints, one after the other, the last for ever. */
  lists?: string[];
  /** What `daemon.js --check` does. */
  check?: string;
}) => {
  const { pm2 = 'installed', lists = [READY], check = '' } = options;
  const { folder, bin, program, write, calls } = createBareMachine({
    tools: ['sh', 'dirname', 'readlink', 'env', 'node', 'sleep', 'cat', 'rm'],
    files: ['pm2.sh', 'scripts/pm2-state.js'],
  });
  for (const [index, list] of lists.entries()) write(`list-${index + 1}`, list);
  const answer = `echo "$*" >>calls
[ "$1" != "${options.fails}" ] || exit 1
[ "$1" = jlist ] || exit 0
for list in list-*; do break; done
cat "$list"
[ "$list" = list-${lists.length} ] || rm "$list"`;
  program('scripts/setup.sh', 'echo setup >>calls');
  write(
    'daemon.js',
    `require('node:fs').appendFileSync('calls', ['check', ...process.argv.slice(3)].join(' ') + '\\n');\n${check}`,
  );
  if (pm2 === 'installed') program('bin/pm2', answer);
  if (pm2 === 'packaged') program('node_modules/.bin/pm2', answer);

  const run = (args: string[], script = 'pm2.sh') =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const settings = { cwd: folder, env: { PATH: bin } };
      execFile(join(folder, script), args, settings, (error, stdout, stderr) => {
        const output = (stdout + stderr).replaceAll(folder, '.');
        resolve({ code: error === null ? 0 : Number(error.code), output });
      });
    });
  return { run, calls, write, folder };
};
