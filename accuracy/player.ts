/** A real tmux pane that shows what recorded bytes draw, as fast as they can be played. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createParser, unescapeOutput } from '../src/tmux/parser.ts';
import { commandLine } from '../src/tmux/quoting.ts';
import { createRequests } from '../src/tmux/requests.ts';
import type { TestTmux } from '../test/support/tmux.ts';

export interface Sighting {
  text: string;
  title: string;
  width: number;
  height: number;
}

export interface Player extends AsyncDisposable {
  /** Draws the bytes; what comes after is answered with them on the screen. */
  play(bytes: Buffer): Promise<void>;
  look(): Promise<Sighting>;
}

/** A pane of its own on this server, until it is disposed of. */
export const createPlayer = async (
  tmux: TestTmux,
  { width, height }: { width: number; height: number },
): Promise<Player> => {
  players += 1;
  const pipe = join(dirname(tmux.socket), `bytes-${players}`);
  execFileSync('mkfifo', [pipe]);
  // Recordings hold questions to the terminal: its answers must not be echoed into the picture.
  const command = ['sh', '-c', 'stty raw -echo && exec cat "$0"', pipe];
  const { sessionId, paneId } = await tmux.newSession({ width, height, command });
  const client = await attach(tmux.socket, sessionId);
  const bytes = await open(pipe, 'w');
  const requests = createRequests('<look>');

  return {
    play: async (chunk) => {
      const drawn = client.untilWritten(chunk.length);
      await bytes.writeFile(chunk);
      await drawn;
    },
    look: async () => {
      const { commands, parse } = requests.look(paneId);
      const answers = await Promise.all(commands.map((each) => client.run(commandLine(each))));
      const { look } = parse(answers.join(''));
      return { text: look.text, title: look.title, width: look.width, height: look.height };
    },
    [Symbol.asyncDispose]: async () => {
      await bytes.close();
      await client.close();
    },
  };
};

let players = 0;

interface Client {
  /** Resolves when the pane has written so many bytes more: tmux tells so once it has drawn them. */
  untilWritten(more: number): Promise<void>;
  /** @throws {Error} with tmux's words where it refuses. */
  run(line: string): Promise<string>;
  close(): Promise<void>;
}

const attach = async (socket: string, sessionId: string): Promise<Client> => {
  const child = spawn('tmux', ['-S', socket, '-C', 'attach-session', '-t', sessionId], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // Without it tmux prints no character beyond ASCII.
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
  });
  // It ends by itself too, with its session.
  const closed = once(child, 'close');
  const parse = createParser();
  const attached = Promise.withResolvers<void>();
  const asked: PromiseWithResolvers<string>[] = [];
  let awaited = 0;
  let drawn = Promise.withResolvers<void>();

  const end = (): void => {
    const gone = new Error('the tmux client has ended');
    for (const each of [attached, drawn, ...asked.splice(0)]) each.reject(gone);
  };
  drawn.promise.catch(ignore);
  child.on('close', end);
  child.stdout.on('data', (chunk: Buffer) => {
    for (const message of parse(chunk)) {
      if (message.type === 'output') awaited -= unescapeOutput(message.data).length;
      if (message.type === 'output' && awaited <= 0) drawn.resolve();
      if (message.type !== 'reply') continue;
      const body = message.body.toString();
      if (!message.fromStdin) attached.resolve();
      else if (message.ok) asked.shift()?.resolve(body);
      else asked.shift()?.reject(new Error(body));
    }
  });
  await attached.promise;

  return {
    untilWritten: (more) => {
      awaited += more;
      drawn = Promise.withResolvers<void>();
      drawn.promise.catch(ignore);
      return drawn.promise;
    },
    run: (line) => {
      const answer = Promise.withResolvers<string>();
      asked.push(answer);
      child.stdin.write(`${line}\n`);
      return answer.promise;
    },
    close: async () => {
      child.stdin.end();
      await closed;
    },
  };
};

/** Who waits for it hears of it; nobody need wait. */
const ignore = (): void => {};
