/** The agents, each of which is begun again under its name whenever its session has ended. */

import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Truth } from '../../demo/agent/state.ts';
import type { TestSession, TestTmux } from '../../test/support/tmux.ts';
import { witnessServer } from '../server-witness.ts';
import { type Kept, ORDERS, readKept } from './agent-files.ts';
import { isRunning } from './processes.ts';
import { scriptOf } from './scripts.ts';

/** One agent from its start to its end. */
interface Life extends TestSession {
  agent: number;
  folder: string;
  /** Milliseconds since the epoch: no later than its start, no earlier than its end was noticed. */
  startedAt: number;
  endedAt: number | null;
  /** Whether it was asked to end. */
  asked: boolean;
}

/** What the agent itself knows. */
export interface OwnState {
  phase: 'before' | 'prompt' | 'turn' | 'dialog' | 'exited';
  truth: Truth;
  draft: string;
  queued: string[];
}

export interface Troupe extends AsyncDisposable {
  readonly size: number;
  /** The name of its session, now. */
  name(agent: number): string;
  rename(agent: number, name: string): void;
  /** The last life, be it over or not. */
  life(agent: number): Life;
  lives(): readonly (Life & Kept)[];
  /** Gives an order and answers how the agent is then; null where it does not answer. */
  order(agent: number, line: string): Promise<OwnState | null>;
  /** Has it leave by itself. */
  end(agent: number, status: number): Promise<OwnState | null>;
  /** How often the server died though nobody killed it. */
  ownDeaths(): number;
  /** How often somebody told it to end: nobody may. */
  toldToEnd(): number;
  /** The next end of the server is not its own. */
  serverKilled(): void;
  /** All are there now, and from now on whoever ends stays so. */
  settle(): Promise<void>;
}

const PROGRAM = resolve(import.meta.dirname, 'agent-program.ts');
const LOOK_EVERY_MS = 200;
const MOST_TRIES = 25;
const ANSWER_WITHIN_MS = 5_000;

export const startTroupe = async (
  tmux: TestTmux,
  { size, folder }: { size: number; folder: string },
): Promise<Troupe> => {
  const lives: Life[] = [];
  const names = Array.from({ length: size }, (_, agent) => `agent-${agent + 1}`);
  const ending = new AbortController();
  let serverPid = (await tmux.identity()).pid;
  let killedPid = 0;
  let ownDeaths = 0;
  let toldToEnd = 0;
  let witness = await witnessServer(tmux);
  let begun = 0;

  const begin = async (agent: number): Promise<Life> => {
    // One that cannot begin has its folder all the same.
    begun += 1;
    const ownFolder = join(folder, `life-${begun}`);
    await mkdir(ownFolder);
    const script = join(ownFolder, 'script.json');
    await writeFile(script, JSON.stringify(scriptOf(agent)));
    const startedAt = Date.now();
    const session = await tmux.newSession({
      name: names[agent] ?? '',
      cwd: ownFolder,
      command: [process.execPath, PROGRAM, script, ownFolder],
    });
    const life = { ...session, agent, folder: ownFolder, startedAt, endedAt: null, asked: false };
    lives.push(life);
    return life;
  };

  const current: Life[] = [];
  for (let agent = 0; agent < size; agent += 1) current.push(await begin(agent));

  const lookAfterServer = async (): Promise<void> => {
    if (isRunning(serverPid)) return;
    if (serverPid !== killedPid) {
      if ((await witness.end()) === 'died') ownDeaths += 1;
      else toldToEnd += 1;
      killedPid = serverPid; // It is told once, however often the next one fails to start.
    }
    await tmux.start();
    serverPid = (await tmux.identity()).pid;
    await witness[Symbol.asyncDispose]();
    witness = await witnessServer(tmux);
  };

  /** Begins again whoever has ended; answers what was in the way of the last one, or null. */
  const lookAfterAll = async (): Promise<unknown> => {
    let failure: unknown = null;
    try {
      await lookAfterServer();
    } catch (error) {
      failure = error;
    }
    for (const [agent, life] of current.entries()) {
      if (isRunning(life.panePid)) continue;
      life.endedAt ??= Date.now();
      try {
        current[agent] = await begin(agent);
      } catch (error) {
        failure = error;
      }
    }
    return failure;
  };

  const keep = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await delay(LOOK_EVERY_MS);
      // The server ends while it is being asked, or has the old session for a moment more: what
      // does not succeed is tried again.
      await lookAfterAll();
    }
  };
  const keeping = keep();
  keeping.catch(() => undefined); // Awaited by `settle`.

  const leave = async (): Promise<void> => {
    ending.abort();
    await keeping;
  };

  const settle = async (): Promise<void> => {
    await leave();
    for (let tries = 1; ; tries += 1) {
      const failure = await lookAfterAll();
      if (failure === null) return;
      if (tries === MOST_TRIES) throw new Error('an agent cannot be begun', { cause: failure });
      await delay(LOOK_EVERY_MS);
    }
  };
  return {
    size,
    name: (agent) => names[agent] ?? '',
    rename: (agent, name) => {
      names[agent] = name;
    },
    life: (agent) => current[agent] as Life,
    lives: () => lives.map((life) => ({ ...life, ...readKept(life.folder) })),
    order: (agent, line) => giveOrder((current[agent] as Life).folder, line),
    end: (agent, status) => {
      const life = current[agent] as Life;
      life.asked = true;
      return giveOrder(life.folder, `exit ${status}`);
    },
    ownDeaths: () => ownDeaths,
    toldToEnd: () => toldToEnd,
    serverKilled: () => {
      killedPid = serverPid;
    },
    settle,
    [Symbol.asyncDispose]: async () => {
      await leave();
      await witness[Symbol.asyncDispose]();
    },
  };
};

/** What it tells besides the reply is in its journal too. */
const giveOrder = async (folder: string, line: string): Promise<OwnState | null> => {
  const socket = connect(join(folder, ORDERS));
  socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy()); // It has ended, or has only just begun.
  socket.write(`${line}\n`);
  try {
    for await (const told of createInterface({ input: socket })) {
      const said = JSON.parse(told) as { reply?: string } & OwnState;
      if (said.reply !== undefined) return said;
    }
    return null;
  } catch {
    return null; // As an error of the socket says it.
  } finally {
    socket.destroy();
  }
};
