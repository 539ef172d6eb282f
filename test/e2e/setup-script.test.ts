/** scripts/setup.sh in a folder of its own, with a PATH that has only what a test puts there. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBareMachine, root } from '../support/bare-machine.ts';

describe('scripts/setup.sh', () => {
  it('does nothing and says nothing where nothing is missing', async () => {
    const machine = createMachine({ programs: ['tmux', 'redis-server'] });
    await machine.setup();

    expect(await machine.setup()).toEqual({ code: 0, output: '' });
    expect(machine.calls()).toEqual(FIRST_INSTALL);
  });

  it('installs again once the lock file has changed', async () => {
    const machine = createMachine({ programs: ['tmux', 'redis-server'] });
    await machine.setup();
    machine.write('package-lock.json', '{"changed":true}');

    expect(await machine.setup()).toMatchObject({ code: 0 });
    expect(machine.calls()).toEqual([...FIRST_INSTALL, ...FIRST_INSTALL]);
  });

  it('builds the dashboard again once one of its files is newer', async () => {
    const machine = createMachine({ programs: ['tmux', 'redis-server'] });
    await machine.setup();
    const built = statSync(join(machine.folder, 'dashboard/dist/index.html')).mtimeMs;
    machine.write('dashboard/src/main.tsx', 'newer');
    utimesSync(join(machine.folder, 'dashboard/src/main.tsx'), 0, built / 1000 + 1);

    expect(await machine.setup()).toEqual({
      code: 0,
      output: 'agent-monitor: building the dashboard\n',
    });
    expect(machine.calls()).toEqual([...FIRST_INSTALL, BUILD]);
  });

  it('fails where the dashboard cannot be built, and tries again the next time', async () => {
    const machine = createMachine({ programs: ['tmux', 'redis-server'] });
    machine.program('bin/builder', 'case "$*" in *vite*) exit 1 ;; esac');

    const { code, output } = await machine.setup();
    expect(code).toBe(1);
    expect(output).toContain('the dashboard could not be built; see above\n');
    machine.program('node_modules/node/bin/node', nodeThatBuilds);
    expect(await machine.setup()).toMatchObject({ code: 0 });
    expect(machine.calls()).toEqual(FIRST_INSTALL);
  });

  it('fails where npm fails, and tries again the next time', async () => {
    const machine = createMachine({ programs: ['tmux', 'redis-server'], npm: 'exit 1' });

    expect(await machine.setup()).toEqual({
      code: 1,
      output:
        'agent-monitor: installing the npm packages and Node 24\n' +
        'agent-monitor: npm ci failed; see above\n',
    });
    machine.program('bin/npm', npmThatInstalls);
    expect(await machine.setup()).toMatchObject({ code: 0 });
  });

  it('asks for Node 24 where neither npm nor the machine has it', async () => {
    const machine = createMachine({
      programs: ['tmux', 'redis-server'],
      npm: 'mkdir -p node_modules',
    });
    machine.program('bin/node', 'exit 1');

    const { code, output } = await machine.setup();
    expect(code).toBe(1);
    expect(output).toContain('Node 24 or newer missing. Install it, then run this again\n');
  });

  it.each([
    { missing: 'tmux redis-server', programs: [] },
    { missing: 'tmux', programs: ['redis-server'] },
    { missing: 'redis-server', programs: ['tmux'] },
  ])('says in one line that $missing must be installed where it cannot', async (row) => {
    const machine = createMachine({ programs: row.programs });

    expect(await machine.setup()).toEqual({
      code: 1,
      output: `agent-monitor: ${row.missing} missing. Install with this machine's package manager, then run this again\n`,
    });
    expect(machine.calls()).toEqual([]);
  });

  it('names the command to run where apt-get needs a password', async () => {
    const machine = createMachine({ user: 1000 });
    machine.program('bin/apt-get', aptThatInstalls);
    machine.program('bin/sudo', 'exit 1');

    expect(await machine.setup()).toEqual({
      code: 1,
      output:
        'agent-monitor: tmux redis-server missing. Install with: ' +
        'sudo apt-get update && sudo apt-get install -y tmux redis-server\n',
    });
    expect(machine.calls()).toEqual([]);
  });

  it.each([
    { user: 0, by: 'root' },
    { user: 1000, by: 'sudo without a password' },
  ])('installs with apt-get as $by', async ({ user }) => {
    const machine = createMachine({ user });
    machine.program('bin/apt-get', aptThatInstalls);
    machine.program('bin/sudo', 'shift; "$@"');

    expect(await machine.setup()).toMatchObject({ code: 0 });
    const options = 'apt-get noninteractive -qq -o DPkg::Lock::Timeout=120';
    expect(machine.calls()).toEqual([
      `${options} update`,
      `${options} install -y --no-install-recommends tmux redis-server`,
      ...FIRST_INSTALL,
    ]);
  });

  it('installs with brew, which calls redis-server redis', async () => {
    const machine = createMachine({ programs: ['tmux'] });
    machine.program('bin/brew', `echo "brew $*" >>calls`);

    expect(await machine.setup()).toMatchObject({ code: 0 });
    expect(machine.calls()).toEqual(['brew install -q redis', ...FIRST_INSTALL]);
  });

  it('lets one run install and the other wait for it', async () => {
    const machine = createMachine({
      programs: ['tmux', 'redis-server'],
      npm: `until [ -e go ]; do sleep 0.1; done\n${npmThatInstalls}`,
    });
    const first = machine.start();
    await first.says('installing');
    const second = machine.start();
    await second.says(`waiting for the set-up that process ${first.pid} runs`);
    machine.write('go', '');

    expect(await Promise.all([first.exit, second.exit])).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(machine.calls()).toEqual(FIRST_INSTALL);
    expect(readdirSync(join(machine.folder, '.cache'))).toEqual([]);
  });

  it('takes over the lock of a run that was killed, one of all that find it', async () => {
    const machine = createMachine({ programs: ['tmux', 'redis-server'] });
    const killed = spawn('true');
    await once(killed, 'exit');
    mkdirSync(join(machine.folder, '.cache'));
    symlinkSync(String(killed.pid), join(machine.folder, '.cache/setup.lock'));

    const runs = await Promise.all(Array.from({ length: 6 }, () => machine.setup()));
    expect(runs.map(({ code }) => code)).toEqual(Array(6).fill(0));
    expect(machine.calls()).toEqual(FIRST_INSTALL);
    expect(readdirSync(join(machine.folder, '.cache'))).toEqual([]);
  });
});

describe('package-lock.json', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

  it('names no registry, so that each machine asks its own', () => {
    expect(Object.values(lock.packages).filter((entry) => 'resolved' in (entry as object))).toEqual(
      [],
    );
  });

  it('lists the optional packages of every platform, or `npm ci` refuses it', () => {
    const packages = lock.packages as Record<string, { optionalDependencies?: object }>;
    const optional = Object.values(packages).flatMap((entry) =>
      Object.keys(entry.optionalDependencies ?? {}),
    );
    expect(optional.length).toBeGreaterThan(0);
    expect(optional.filter((name) => !(`node_modules/${name}` in packages))).toEqual([]);
  });
});

const INSTALL = [
  'npm ci --ignore-scripts --include=dev --no-audit --no-fund --loglevel=error',
  'npm rebuild --loglevel=error node',
];
const BUILD = 'node node_modules/vite/bin/vite.js build dashboard --logLevel error';
const FIRST_INSTALL = [...INSTALL, BUILD];

/** Does what the script relies on: the packages, then Node's binary, which here builds the dashboard. */
const npmThatInstalls = `echo "npm $*" >>calls
mkdir -p node_modules/node/bin
cp bin/builder node_modules/node/bin/node`;

const nodeThatBuilds = `case "$*" in
  *vite*) echo "node $*" >>calls; mkdir -p dashboard/dist; echo built >dashboard/dist/index.html ;;
esac`;

const aptThatInstalls = `echo "apt-get $DEBIAN_FRONTEND $*" >>calls
case "$*" in
  *install*) for name in tmux redis-server; do cp bin/nothing "bin/$name"; done ;;
esac`;

interface Run {
  pid: number | undefined;
  /** Resolves once the run has printed `text`. */
  says(text: string): Promise<void>;
  exit: Promise<{ code: number; output: string }>;
}

/** What every machine has, linked so that the PATH of a test holds nothing else. */
const TOOLS = 'sh cat cmp cp dirname env find head id ln mkdir readlink rm sed sleep uname'.split(
  ' ',
);

const createMachine = (options: { programs?: string[]; npm?: string; user?: number } = {}) => {
  const machine = createBareMachine({ tools: TOOLS, files: ['scripts/setup.sh'] });
  const { folder, bin, program } = machine;
  machine.write('package-lock.json', '{}');
  machine.write('dashboard/index.html', '');
  machine.write('machines/vocabulary.ts', '');
  program('bin/builder', nodeThatBuilds);
  for (const name of options.programs ?? []) program(`bin/${name}`, 'exit 0');
  program('bin/nothing', 'exit 0');
  program('bin/npm', options.npm ?? npmThatInstalls);
  if (options.user !== undefined) program('bin/id', `echo ${options.user}`);

  const children = new Set<ChildProcess>();
  onTestFinished(() => {
    for (const { pid, exitCode } of children) {
      if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL');
    }
  });
  const start = (): Run => {
    // A process group of its own, so that what it waits for can be ended with it.
    const child = spawn(join(bin, 'sh'), ['scripts/setup.sh'], {
      cwd: folder,
      env: { PATH: bin },
      detached: true,
    });
    children.add(child);
    let output = '';
    const heard = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', heard);
    const says = async (text: string) => {
      while (!output.includes(text)) await once(child.stderr, 'data');
    };
    const exit = once(child, 'close').then(([code]) => ({ code, output }));
    return { pid: child.pid, says, exit };
  };
  return { ...machine, start, setup: () => start().exit };
};
