/**
 * The monitor as it would be without control mode: every 500 ms each pane is captured by a process
 * of its own. Judge, machine, store and relay are the daemon's, and the judge runs on the spot.
 */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { createActor } from 'xstate';
import { createParts } from '../actors/parts.ts';
import type { Log, Tmux } from '../actors/ports.ts';
import { relayLogic } from '../actors/relay.ts';
import { sessionLogics } from '../actors/session.ts';
import { sessionKey } from '../machines/discovery.ts';
import { SNAPSHOT_VERSION } from '../machines/session.ts';
import type { ServerIdentity, SessionFacts } from '../machines/vocabulary.ts';
import { classify } from '../src/analysis/classify.ts';
import { createAttribution } from '../src/attribution.ts';
import { systemClock as clock } from '../src/clock.ts';
import { createLog } from '../src/log.ts';
import { createRedis } from '../src/redis/redis.ts';
import { openStore } from '../src/store/store.ts';
import { createRequests } from '../src/tmux/requests.ts';
import { givenOptions, serve } from './program.ts';

export interface ForkPollerOptions {
  socket: string;
  redisUrl: string;
  dataDir: string;
  server: ServerIdentity;
  sessions: Pick<SessionFacts, 'session' | 'sessionId' | 'pane' | 'panePid'>[];
}

const POLL_MS = 500;
const RESTARTS = { maxRestarts: 3, withinMs: 5_000, baseMs: 100, capMs: 15_000 };
const POLICY = { stuckAfterMs: 300_000, stuckToolMs: 900_000, agreeMs: 300 };

const options = givenOptions<ForkPollerOptions>();
const { socket, server, dataDir, redisUrl } = options;
const run = promisify(execFile);
const requests = createRequests('<bench>');
const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' };
const log: Log = createLog({ level: 'warn' });

const capture = async (pane: string) => {
  const { commands, parse } = requests.look(pane);
  const inSequence = commands.flatMap((command, index) =>
    index === 0 ? command : [';', ...command],
  );
  const { stdout } = await run('tmux', ['-S', socket, ...inSequence], { env });
  return { ...parse(stdout.slice(0, -1)).look, at: clock.now() };
};

/** Evenly spread, so that the polls do not stand in each other's way. */
const delays = new Map(
  options.sessions.map(({ pane }, index) => [pane, (POLL_MS * index) / options.sessions.length]),
);

const watch: Tmux['watch'] = ({ paneId }, listener) => {
  let shown = '';
  let asked = true;
  let timer: NodeJS.Timeout | undefined;
  const poll = async (): Promise<void> => {
    const begun = clock.monotonic();
    const look = await capture(paneId);
    if (asked || look.text !== shown) listener.looked(look);
    shown = look.text;
    asked = false;
    timer = setTimeout(poll, Math.max(0, begun + POLL_MS - clock.monotonic()));
  };
  timer = setTimeout(poll, delays.get(paneId));
  listener.connected('shared');
  return {
    look: () => {
      asked = true;
    },
    stop: () => clearTimeout(timer),
  };
};

const store = openStore({
  ...{ dataDir, host: 'bench', clock, log, newId: randomUUID },
  snapshotVersion: SNAPSHOT_VERSION,
});
const { journal, outbox } = store;
const redis = createRedis({
  config: { redisUrl, redisPassword: null, redisPrefix: '', dataDir },
  ...{ host: 'bench', outbox, clock, log },
  part: createParts({ clock, log, journal, policy: RESTARTS }).add('redis'),
});
const { bus, report } = redis;
createActor(relayLogic({ outbox, bus, clock, log, random: Math.random, report })).start();

const logic = sessionLogics({
  ...{ clock, log, journal, tmux: { watch }, attribution: createAttribution() },
  sight: { judge: async (request) => classify(request) },
});
for (const session of options.sessions) {
  const facts: SessionFacts = {
    ...session,
    ...{ kind: 'claude-code', agentPid: null, cwd: '/', title: '', otherPanes: [], fragile: false },
  };
  const key = sessionKey(server, session.sessionId);
  createActor(logic(), { input: { key, server, facts, policy: POLICY, restarts: 0 } }).start();
}

serve({});
