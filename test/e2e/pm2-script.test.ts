/** pm2.sh: which of PM2's commands each verb runs, shown with a PM2 that only writes down what it is told. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBareMachine } from '../support/bare-machine.ts';

const USAGE =
  'usage: ./pm2.sh {start|stop|restart|status|logs|monit|delete|startup} [what pm2 takes]\n';

describe('pm2.sh', () => {
  it.each([
    { args: ['start'], expected: ['setup', 'start ecosystem.config.js', 'save'] },
    {
      args: ['start', '--', 'shop api'],
      expected: ['setup', 'start ecosystem.config.js -- shop api', 'save'],
    },
    { args: ['stop'], expected: ['stop agent-monitor'] },
    {
      args: ['restart', '--update-env'],
      expected: ['setup', 'restart agent-monitor --update-env'],
    },
    { args: ['status'], expected: ['status'] },
    { args: ['logs', '--lines', '100'], expected: ['logs agent-monitor --lines 100'] },
    { args: ['monit'], expected: ['monit'] },
    { args: ['delete'], expected: ['delete agent-monitor', 'save --force'] },
    { args: ['startup'], expected: ['startup'] },
  ])('$args runs $expected', async ({ args, expected }) => {
    const checkout = createCheckout({ installed: true });

    expect(await checkout.run(args)).toEqual({ code: 0, output: '' });
    expect(checkout.calls()).toEqual(expected);
  });

  it('uses the PM2 among the packages where none is installed', async () => {
    const checkout = createCheckout({ packaged: true });

    expect(await checkout.run(['status'])).toMatchObject({ code: 0 });
    expect(checkout.calls()).toEqual(['status']);
  });

  it('says how to install PM2 where there is none', async () => {
    expect(await createCheckout({}).run(['status'])).toEqual({
      code: 1,
      output: 'pm2.sh: PM2 missing. Install it with: npm install -g pm2\n',
    });
  });

  it.each([{ args: [] }, { args: ['reboot'] }])(
    'explains itself when told $args',
    async ({ args }) => {
      expect(await createCheckout({ installed: true }).run(args)).toEqual({
        code: 2,
        output: USAGE,
      });
    },
  );

  it('saves nothing when the start fails', async () => {
    const checkout = createCheckout({ installed: true, fails: 'start' });

    expect(await checkout.run(['start'])).toMatchObject({ code: 1 });
    expect(checkout.calls()).toEqual(['setup', 'start ecosystem.config.js']);
  });
});

const createCheckout = (options: { installed?: boolean; packaged?: boolean; fails?: string }) => {
  const machine = createBareMachine({ tools: ['sh', 'dirname', 'env'], files: ['pm2.sh'] });
  const { folder, bin, program, calls } = machine;
  const pm2 = `echo "$*" >>calls\n[ "$1" != "${options.fails}" ]`;
  program('scripts/setup.sh', 'echo setup >>calls');
  if (options.installed) program('bin/pm2', pm2);
  if (options.packaged) program('node_modules/.bin/pm2', pm2);

  const run = (args: string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const settings = { cwd: folder, env: { PATH: bin } };
      execFile(join(folder, 'pm2.sh'), args, settings, (error, stdout, stderr) => {
        const output = (stdout + stderr).replaceAll(folder, '.');
        resolve({ code: error === null ? 0 : Number(error.code), output });
      });
    });
  return { run, calls };
};
