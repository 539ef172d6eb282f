/** The least that control mode takes: one client per session, and the moment its output arrives. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { givenOptions, now, serve } from './program.ts';
import type { Sighting } from './subscriber.ts';

export interface FloorOptions {
  socket: string;
  sessions: string[];
}

export interface FloorCalls {
  /** The turns of which output arrived since the last call. */
  take(): Sighting[];
}

const { socket, sessions } = givenOptions<FloorOptions>();
let sightings: Sighting[] = [];

const attach = async (session: string): Promise<void> => {
  const client = spawn(
    'tmux',
    ['-N', '-S', socket, '-C', 'attach-session', '-E', '-t', `=${session}`, '-f', 'pause-after=1'],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, LC_ALL: 'C.UTF-8' } },
  );
  client.on('exit', () => {
    throw new Error(`the client of ${session} ended`);
  });
  const lines = createInterface({ input: client.stdout });
  let last = 0;
  lines.on('line', (line) => {
    const turn = Number(BUSY_TITLE.exec(line)?.[1] ?? 0);
    if (turn <= last) return;
    last = turn;
    sightings.push({ session, turn, at: now() });
  });
  await once(lines, 'line');
};

/** As `frameOf` writes it and tmux escapes it. */
const BUSY_TITLE = /\\033\]0;⠐ Turn (\d+)\\007/;

// One after the other: clients that come while others do can end a tmux 3.3a server.
for (const session of sessions) await attach(session);

serve<FloorCalls>({
  take: () => {
    const taken = sightings;
    sightings = [];
    return taken;
  },
});
