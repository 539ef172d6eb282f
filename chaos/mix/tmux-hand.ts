/** What happens on the tmux server: what people, programs and other clients do to it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestTmux } from '../../test/support/tmux.ts';
import type { Fault } from './plan.ts';
import { parentOf } from './processes.ts';
import type { Doings, Scene } from './scene.ts';
import type { Refusal } from './tmux-program.ts';

/** What a person types and takes away again; no key of it answers a dialog. */
export const HUMAN_TEXT = 'hmmm…';
/** Exists at the end where tmux or a shell carried out what was only a name or a title. */
export const CARRIED_OUT = 'carried-out';

const STRANGERS = 5;

export const tmuxHand = (scene: Scene): Doings<'tmux'> => {
  const { tmux, troupe, program, watched } = scene;
  const pane = ({ agent }: Fault): string => troupe.life(agent).paneId;
  const window = ({ agent }: Fault): string => troupe.life(agent).windowId;
  /** False where the server or the session has just ended: the other hands end them too. */
  const run = (...args: string[]): Promise<boolean> =>
    ask(tmux, ...args).then((out) => out !== null);
  let renames = 0;

  const besides = async (fault: Fault, command: string): Promise<boolean> => {
    const split = ['split-window', '-d', '-P', '-F', '#{pane_id}', '-t', window(fault), command];
    const other = await ask(tmux, ...split);
    if (other === null) return false;
    await delay(fault.lastsMs);
    await run('kill-pane', '-t', other);
    return true;
  };

  const clients = async (): Promise<number[]> => {
    const listed = (await ask(tmux, 'list-clients', '-F', '#{client_pid}')) ?? '';
    // One that is just coming has the pid 0, which would mean this process and all of its group.
    return listed
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 1);
  };
  /** The daemon loses its clients, and gets no others for a while. */
  const refuse = async (what: Refusal, ms: number): Promise<true> => {
    program.refuse(what);
    for (const pid of await clients())
      if (parentOf(pid) === watched.daemon.pid) signalled(pid, 'SIGKILL');
    await delay(ms);
    program.allow();
    return true;
  };

  return {
    'client-killed': async ({ choice }) => {
      const pids = await clients();
      const pid = pids[Math.floor(choice * pids.length)];
      return pid !== undefined && signalled(pid, 'SIGKILL');
    },
    'control-refused': ({ lastsMs }) => refuse('control', lastsMs),
    'version-refused': ({ lastsMs }) => refuse('version', lastsMs),
    'server-killed': async () => {
      troupe.serverKilled();
      await tmux.kill().catch(() => undefined); // It has just ended by itself.
      return true;
    },
    'session-killed': (fault) => run('kill-session', '-t', troupe.life(fault.agent).sessionId),
    'session-renamed': async ({ agent }) => {
      renames += 1;
      const name = `agent-${agent + 1}-${renames}`;
      const isRenamed = await run('rename-session', '-t', troupe.life(agent).sessionId, name);
      if (isRenamed) troupe.rename(agent, name);
      return isRenamed;
    },
    'agent-ended': async ({ agent, choice }) =>
      (await troupe.end(agent, choice < 0.5 ? 1 : 0)) !== null,
    'window-resized': (fault) => {
      const [width, height] = [
        80 + Math.floor(fault.choice * 120),
        24 + Math.floor(fault.choice * 40),
      ];
      return run('resize-window', '-t', window(fault), '-x', String(width), '-y', String(height));
    },
    'pane-split': (fault) => besides(fault, 'exec cat'),
    'pane-flooded': (fault) =>
      besides(fault, FLOODS[Math.floor(fault.choice * FLOODS.length)] ?? ''),
    'person-attached': async ({ agent, lastsMs }) => {
      const person = attachAsPerson(tmux, troupe.life(agent).sessionId);
      const left = once(person, 'exit');
      await delay(lastsMs);
      person.kill('SIGKILL');
      await left;
      return true;
    },
    'person-answered': async ({ agent }) => {
      // Whoever shows a dialog, that agent or the next one after it.
      for (let next = 0; next < troupe.size; next += 1) {
        const asked = (agent + next) % troupe.size;
        if ((await troupe.order(asked, 'state'))?.phase !== 'dialog') continue;
        return (await troupe.order(asked, 'next')) !== null;
      }
      return false;
    },
    'person-typed': async (fault) => {
      const isTyped = await run('send-keys', '-t', pane(fault), '-l', '--', HUMAN_TEXT);
      await delay(fault.lastsMs);
      // To the same pane, though another agent may be there by now.
      await run('send-keys', '-t', pane(fault), 'C-u');
      return isTyped;
    },
    'title-hostile': async (fault) => {
      const tty = await ask(tmux, 'display-message', '-p', '-t', pane(fault), '#{pane_tty}');
      return tty !== null && tty !== '' && writeTo(tty, `\x1b]2;${titleOf(scene, fault)}\x07`);
    },
    'name-hostile': async (fault) => {
      const made = await ask(tmux, 'new-session', '-d', '-P', '-F', '#{session_id}', 'exec cat');
      if (made === null) return false;
      await run('set-option', '-t', made, 'automatic-rename', 'off');
      await run('rename-session', '-t', made, named(fault));
      await delay(fault.lastsMs);
      await run('kill-session', '-t', made);
      return true;
    },
    'strangers-came': async ({ lastsMs }) => {
      const come = Array.from({ length: STRANGERS }, () =>
        ask(tmux, 'new-session', '-d', '-P', '-F', '#{session_id}', 'exec cat'),
      );
      const made = (await Promise.all(come)).filter((id) => id !== null);
      await delay(lastsMs);
      await Promise.all(made.map((id) => run('kill-session', '-t', id)));
      return made.length > 0;
    },
  };
};

const ask = (tmux: TestTmux, ...args: string[]): Promise<string | null> =>
  tmux.run(...args).catch(() => null); // Whatever it was about has ended, or the server has.

const signalled = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // It has ended already.
  }
};

/** Each for as long as its pane is there, and not a whole core for it. */
const FLOODS = [
  'while :; do seq 1 2000; sleep 0.05; done',
  'while :; do head -c 100000 /dev/urandom; sleep 0.05; done',
  `while :; do printf '\\033[2J\\033[H'; sleep 0.001; done`,
  `printf '\\033]0;'; while :; do printf 'never-ending'; sleep 0.001; done`,
  `head -c 2000000 /dev/zero | tr '\\0' x; exec cat`,
];

/** A client with a terminal of its own, as a person has one. */
const attachAsPerson = (tmux: TestTmux, session: string): ChildProcess => {
  const { TMUX, TMUX_PANE, ...env } = process.env;
  const attach = `exec tmux -S '${tmux.socket}' attach-session -t '${session}'`;
  return spawn('script', ['-q', '-c', attach, '/dev/null'], {
    env: { ...env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
};

/** As if the program in the pane had written it; false where that pane has just ended. */
const writeTo = (tty: string, text: string): Promise<boolean> =>
  appendFile(tty, text, { flag: constants.O_WRONLY | constants.O_NOCTTY }).then(
    () => true,
    () => false,
  );

const titleOf = ({ folder }: Scene, { choice }: Fault): string => {
  const touch = `touch ${join(folder, CARRIED_OUT)}`;
  const titles = [
    `#(${touch}) $(${touch}) \`${touch}\``,
    `%exit %error 1 1 1 ; kill-server`,
    `✳ \u202e ${'👩‍👩‍👧‍👦'.repeat(40)}`,
    `'"\\#{pane_pid}#{?1,a,b}#[fg=red]#(${touch}`,
  ];
  return titles[Math.floor(choice * titles.length)] ?? '';
};

/** None with `#(…)`: that tmux itself carries out in the name that it is given. */
const named = ({ choice }: Fault): string =>
  ['$(id) ; kill-server', '%exit', '"\'\\ {}#', '-t agent-1', '⁦名前‮\u200b'][
    Math.floor(choice * 5)
  ] ?? '';
