/**
 * The API over a queue on disk, without anything that types: what it costs to accept a command.
 * `one-by-one` commits each in a transaction of its own before it looks at the next; `never` keeps
 * nothing, and so shows what the API alone costs.
 */

import { randomUUID } from 'node:crypto';
import type { AcceptedCommand, CommandInbox } from '../actors/ports.ts';
import { systemClock as clock } from '../src/clock.ts';
import { createCommandDesk } from '../src/command-desk.ts';
import { createCommands } from '../src/store/commands.ts';
import { openStore } from '../src/store/store.ts';
import { createFakeMonitor } from '../test/src/http/fake-monitor.ts';
import { startServer } from '../test/src/http/start.ts';
import { TARGET } from '../test/support/commands.ts';
import { createRecordedLog } from '../test/support/recorded-log.ts';
import { FACTS } from '../test/support/sessions.ts';
import { createDataFolder } from '../test/support/store.ts';
import { givenOptions, serve } from './program.ts';

export interface AcceptingOptions {
  commits: 'grouped' | 'one-by-one' | 'never';
}

export interface AcceptingCalls {
  port(): number;
  /** How many commands were taken. */
  accepted(): number;
}

const { commits } = givenOptions<AcceptingOptions>();
const { path: dataDir, [Symbol.dispose]: removeFolder } = createDataFolder();
process.on('exit', removeFolder);

const log = createRecordedLog();
const store = openStore({
  ...{ dataDir, host: 'bench', clock, log, newId: randomUUID, snapshotVersion: 1 },
});
const queue = createCommands({
  ...{ dataDir, clock, log, newId: randomUUID, journal: store.journal },
  limits: { sessionDepth: Number.POSITIVE_INFINITY, totalDepth: Number.POSITIVE_INFINITY },
});

let before: Promise<unknown> = Promise.resolve();
const inTurn: CommandInbox['accept'] = (draft) => {
  const accepting = before.then(() => queue.accept(draft));
  before = accepting.catch(() => undefined); // Told to the one who asked.
  return accepting;
};

let unkept = 0;
let example: Promise<AcceptedCommand> | null = null;
const keepNothing: CommandInbox['accept'] = (draft) => {
  unkept += 1;
  example ??= queue.accept(draft);
  return example;
};

const ACCEPT = { grouped: queue.accept, 'one-by-one': inTurn, never: keepNothing };
const desk = createCommandDesk({
  queue: { ...queue, accept: ACCEPT[commits] },
  watched: new Map([['10.1000.$1', { server: TARGET.server, facts: FACTS, exited: false }]]),
  find: () => {
    throw new Error('there is one session, and it is watched');
  },
  interactions: commits === 'never' ? { ...store.interactions, log: () => {} } : store.interactions,
  heldBy: () => null,
  clock,
});
const server = await startServer({ monitor: createFakeMonitor({ commands: desk }) });

serve<AcceptingCalls>({
  port: () => server.port,
  accepted: () => (commits === 'never' ? unkept : queue.counts().queued),
});
