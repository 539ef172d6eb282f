/** daemon.js with a stand-in for src/main.ts, started by a Node that is new enough and by one that is not. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBareMachine } from '../support/bare-machine.ts';

describe.each([{ by: 'a new' }, { by: 'an old' }] as const)(
  'daemon.js started by $by Node',
  ({ by }) => {
    it('runs the daemon with its arguments under Node 24 or newer', async () => {
      const checkout = createCheckout();
      const daemon = checkout.start(by, ['shop-api', 'two words']);

      const { args, node } = await daemon.started;
      expect(args).toEqual(['shop-api', 'two words']);
      expect(node).toBeGreaterThanOrEqual(24);
    });

    it.each(['SIGINT', 'SIGTERM'] as const)(
      'stops it by %s and ends with its exit code',
      async (signal) => {
        const checkout = createCheckout();
        const daemon = checkout.start(by, ['exit-with', '7']);
        await daemon.started;
        daemon.kill(signal);

        expect(await daemon.exit).toBe(7);
        expect(daemon.heard()).toEqual([signal]);
      },
    );

    it('gives it a Ctrl-C, which goes to the whole process group, once', async () => {
      const checkout = createCheckout();
      const daemon = checkout.start(by, ['exit-with', '0']);
      await daemon.started;
      daemon.killGroup('SIGINT');

      expect(await daemon.exit).toBe(0);
      expect(daemon.heard()).toEqual(['SIGINT']);
    });

    it('ends with the code that it exits with by itself', async () => {
      const checkout = createCheckout();
      expect(await checkout.start(by, ['fail']).exit).toBe(3);
    });

    it('passes its messages on, and those for it', async () => {
      const checkout = createCheckout();
      const daemon = checkout.start(by, []);

      expect(await daemon.message()).toBe('ready');
      const answer = daemon.message();
      daemon.send('shutdown');
      expect(await answer).toEqual({ heard: 'shutdown' });
    });

    it('says in one line what to do where no packages are installed', async () => {
      const checkout = createCheckout({ packages: false });
      const daemon = checkout.start(by, []);

      expect(await daemon.exit).toBe(1);
      expect(daemon.output()).toBe(
        'agent-monitor: the packages are missing. `npm start` sets it all up.\n',
      );
    });
  },
);

describe('daemon.js that stands for a newer Node', () => {
  it('takes the daemon with it when it is killed', async () => {
    const checkout = createCheckout();
    const daemon = checkout.start('an old', []);
    await daemon.message(); // Its last word before it waits.
    daemon.kill('SIGKILL');

    await daemon.closed; // Not before the daemon has let go of its output too.
    expect(daemon.heard()).toEqual(['SIGTERM']);
  });
});

describe('daemon.js without a Node that is new enough', () => {
  it('says in one line what to do', async () => {
    const checkout = createCheckout({ bundledNode: false });
    const daemon = checkout.start('an old', []);

    expect(await daemon.exit).toBe(1);
    expect(daemon.output()).toMatch(
      /^agent-monitor: Node 24 or newer is needed, this is v\d+\.\d+\.\d+\. `npm start` sets it all up\.\n$/,
    );
  });
});

const STAND_IN = `
const args: string[] = process.argv.slice(2);
if (args[0] === 'fail') process.exit(3);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    console.log(signal);
    // Late enough that a second signal, had there been one, would have been heard.
    setTimeout(() => process.exit(Number(args[1] ?? 0)), 50);
  });
}
process.on('message', (message) => process.send?.({ heard: message }));
setInterval(() => undefined, 1000);
console.log(JSON.stringify({ args, node: Number.parseInt(process.versions.node, 10), pid: process.pid }));
process.send?.('ready');
`;

/** Makes the Node that runs it look old, and is not handed on to the Node it starts. */
const PRETEND_OLD = `
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } });
process.execArgv.length = 0;
`;

/** The machine's own Node where it is old, else ours in disguise. */
const oldNode = (folder: string): string[] => {
  const system = '/usr/bin/node';
  try {
    const version = execFileSync(system, ['--version'], { encoding: 'utf8' });
    if (Number.parseInt(version.slice(1), 10) < 24) return [system];
  } catch {
    // None there: the disguise it is.
  }
  return [process.execPath, '--import', join(folder, 'pretend-old.mjs')];
};

const createCheckout = ({ packages = true, bundledNode = true } = {}) => {
  const { folder, write } = createBareMachine({ tools: [], files: ['daemon.js', 'launch.js'] });
  write('src/main.ts', STAND_IN);
  write('package.json', '{"type":"module"}');
  write('pretend-old.mjs', PRETEND_OLD);
  if (packages) mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true });
  if (packages && bundledNode) {
    symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'));
  }

  const started = new Set<{ end: () => void }>();
  onTestFinished(() => {
    for (const daemon of started) daemon.end();
  });
  const start = (by: 'a new' | 'an old', args: string[]) => {
    const [node = '', ...options] = by === 'a new' ? [process.execPath] : oldNode(folder);
    const child = spawn(node, [...options, join(folder, 'daemon.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    const daemon = watch(child);
    started.add(daemon);
    return daemon;
  };

  return { start };
};

const watch = (child: ChildProcess) => {
  const { stdout, stderr, pid } = child;
  if (stdout === null || stderr === null || pid === undefined) throw new Error('not started');
  let output = '';
  for (const stream of [stdout, stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const firstLine = async () => {
    while (!output.includes('\n')) await once(stdout, 'data');
    return JSON.parse(output.slice(0, output.indexOf('\n')));
  };
  const started: Promise<{ args: string[]; node: number; pid: number }> = firstLine();
  started.catch(() => undefined); // Not every test waits for it.

  return {
    started,
    output: () => output,
    /** The signals that the stand-in says it got. */
    heard: () => output.split('\n').filter((line) => line.startsWith('SIG')),
    message: async (): Promise<unknown> => (await once(child, 'message'))[0],
    send: (message: string) => child.send(message),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    killGroup: (signal: NodeJS.Signals) => process.kill(-pid, signal),
    exit: once(child, 'exit').then(([code]): number | null => code),
    closed: once(child, 'close'),
    end: () => {
      child.kill('SIGKILL');
      const daemon = /"pid":(\d+)/.exec(output)?.[1];
      if (daemon !== undefined && child.exitCode === null) endProcess(Number(daemon));
    },
  };
};

const endProcess = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already, as it should be.
  }
};
