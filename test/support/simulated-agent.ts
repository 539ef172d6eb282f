/** A simulated agent in a pane of a private tmux server, driven and heard through its control socket. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { NewSession, TestSession, TestTmux } from './tmux.ts';

/** One line of its journal: what is true since `t` (milliseconds since the epoch). */
interface JournalEntry {
  t: number;
  frame: number;
  event: string;
  truth: string;
  attention: string;
  [detail: string]: unknown;
}

interface OrderReply {
  reply: string;
  phase?: string;
  draft?: string;
  queued?: string[];
  error?: string;
}

export interface PaneAgent extends TestSession, AsyncDisposable {
  /** Gives an order, such as `next`; what it changed has been drawn when this returns. */
  order(line: string): Promise<OrderReply>;
  /** The next entry of that event, or that matches, after the one this was last called for. */
  until(wanted: string | ((entry: JournalEntry) => boolean)): Promise<JournalEntry>;
  entries(): readonly JournalEntry[];
  /** What the pane shows, without trailing blanks; no-break spaces are spaces. */
  screen(): Promise<string>;
  /** Waits until the pane shows it. */
  showing(wanted: string | RegExp): Promise<string>;
  /** Types text, or presses keys by their tmux names. */
  type(text: string): Promise<void>;
  press(...keys: string[]): Promise<void>;
}

export interface AgentOptions extends Omit<NewSession, 'command'> {
  /** Steps that take time wait for an order `next`. */
  stepped?: boolean;
  /** Runs it in a shell that stays, and says its exit code; tmux 3.3a does not always know it. */
  shell?: boolean;
}

/** Starts it with a script, or with a script's file. */
export const startAgent = async (
  tmux: TestTmux,
  script: object | string,
  { stepped = false, shell = false, ...session }: AgentOptions = {},
): Promise<PaneAgent> => {
  const folder = await mkdtemp(join(tmpdir(), 'am-agent-'));
  const file = typeof script === 'string' ? resolve(script) : join(folder, 'script.json');
  if (typeof script !== 'string') await writeFile(file, JSON.stringify(script));
  const control = join(folder, 'control.sock');
  const program = resolve(import.meta.dirname, '../../demo/simulated-agent.ts');
  const started = await tmux.newSession({
    ...session,
    command: [
      ...(shell ? ['sh', '-c', '"$@"; echo "left with $?"; exec cat', 'sh'] : []),
      ...[process.execPath, program, file, '--control', control],
      ...(stepped ? ['--stepped'] : []),
    ],
  });
  const { paneId } = started;
  const captured = async (): Promise<string> =>
    (await tmux.run('capture-pane', '-p', '-J', '-t', paneId))
      .replaceAll('\u00a0', ' ')
      .replace(/ +$/gm, '')
      .trimEnd();
  const socket = await connected(control, captured);

  const entries: JournalEntry[] = [];
  const replies: OrderReply[] = [];
  let heard = Promise.withResolvers<void>();
  createInterface({ input: socket }).on('line', (line) => {
    const told = JSON.parse(line) as JournalEntry | OrderReply;
    if ('reply' in told) replies.push(told as OrderReply);
    else entries.push(told as JournalEntry);
    heard.resolve();
    heard = Promise.withResolvers();
  });
  let next = 0;

  const hear = async (what: string): Promise<void> => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new Error(`never said: ${what}; last: ${JSON.stringify(entries.slice(-5))}`));
    }, TIMEOUT_MS);
    await Promise.race([heard.promise, promise]).finally(() => clearTimeout(timer));
  };

  const until: PaneAgent['until'] = async (wanted) => {
    const matches = typeof wanted === 'string' ? (e: JournalEntry) => e.event === wanted : wanted;
    for (;;) {
      for (; next < entries.length; next += 1) {
        const entry = entries[next] as JournalEntry;
        if (!matches(entry)) continue;
        next += 1;
        return entry;
      }
      await hear(String(wanted));
    }
  };

  return {
    ...started,
    until,
    entries: () => entries,
    order: async (line) => {
      socket.write(`${line}\n`);
      for (;;) {
        const reply = replies.shift();
        if (reply !== undefined) return reply;
        await hear(`the reply to ${line}`);
      }
    },
    screen: captured,
    showing: async (wanted) => {
      const deadline = performance.now() + TIMEOUT_MS;
      for (;;) {
        const screen = await captured();
        if (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen))
          return screen;
        if (performance.now() > deadline) throw new Error(`never shown: ${wanted}\n${screen}`);
        await delay(20);
      }
    },
    type: async (text) => {
      await tmux.run('send-keys', '-t', paneId, '-l', '--', text);
    },
    press: async (...keys) => {
      await tmux.run('send-keys', '-t', paneId, ...keys);
    },
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const TIMEOUT_MS = 20_000;

const connected = async (path: string, screen: () => Promise<string>): Promise<Socket> => {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const socket = await new Promise<Socket | null>((done) => {
      const trying = connect(path);
      trying.once('connect', () => done(trying)).once('error', () => done(null));
    });
    if (socket !== null) return socket.on('error', () => socket.destroy());
    if (performance.now() > deadline)
      throw new Error(`the agent does not start:\n${await screen()}`);
    await delay(20);
  }
};
