/** The `Tmux` port: one tmux server, watched without being disturbed. */

import { randomBytes } from 'node:crypto';
import { PaneGone, TmuxFailed } from '../../actors/errors.ts';
import type { Clock, Listing, Log, Look, Part, Screen, Tmux, Typist } from '../../actors/ports.ts';
import type { PaneIdentity } from '../../machines/vocabulary.ts';
import { deleteStrayBuffers, newBufferName } from './buffers.ts';
import { createCalm } from './calm.ts';
import { coalesce } from './coalesce.ts';
import { messageOf, NoServer, saysGone, saysNoSessions } from './failures.ts';
import { createLeftovers, NO_LEFTOVERS } from './leftovers.ts';
import { ask, type Channel, createLooker, deathOf, isSameServer } from './look.ts';
import { refuseLostSocket } from './lost-socket.ts';
import { NO_METER, type OutputMeter } from './output-meter.ts';
import { createPresence } from './presence.ts';
import { createProgram } from './program.ts';
import {
  ANOTHER_SERVER,
  createRequests,
  killSession,
  type Requests,
  type StillLife,
} from './requests.ts';
import { createSharedConnection } from './shared-connection.ts';
import { createSweep } from './sweep.ts';
import { createThrottle } from './throttle.ts';
import { createTypist } from './typist.ts';
import { createWatching } from './watching.ts';

export interface TmuxOptions {
  /** The socket's path; see `socketPath`. */
  socket: string;
  clock: Clock;
  log: Log;
  /** How the two clients are kept that are no session's own. */
  parts: { watcher: Part; shared: Part };
  /** The most clients that are attached at a time; fewer where the server cannot bear them. */
  connectionBudget?: number;
  /** Where our clients are recorded for `reapLeftovers`; without it they are not. */
  leftoversFile?: string;
  meter?: OutputMeter;
  /** The tmux binary's name or path. */
  tmux?: string;
}

export interface WatchedTmux extends Tmux {
  typist: Typist;
  /** One look with colours; null where that pane life is over. @throws {TmuxFailed} */
  see(target: PaneIdentity): Promise<Look | null>;
  /**
   * What a terminal would show; null where that pane life is over. Of a row's end that was erased in
   * another colour tmux 3.3a does not tell. @throws {TmuxFailed}
   */
  screen(target: PaneIdentity): Promise<Screen | null>;
  /** `attached` includes the `swept`, whose output is switched off because there is too much. */
  watching(): { attached: number; shared: number; swept: number };
  /** How many tmux clients of ours live. */
  clients(): number;
  /** Ends all watches without a word; resolves once no tmux client of ours is left. */
  stop(): Promise<void>;
}

const CONNECTION_BUDGET = 200;
/** Notifications come in bursts, and some programs rename their window all the time. */
const CHANGE_SETTLE_MS = 10;
const CHANGE_GAP_MS = 250;

export const createTmux = (options: TmuxOptions): WatchedTmux => {
  const { socket, clock, log, connectionBudget = CONNECTION_BUDGET, tmux = 'tmux' } = options;
  const { leftoversFile, parts, meter = NO_METER } = options;
  const leftovers =
    leftoversFile === undefined ? NO_LEFTOVERS : createLeftovers(leftoversFile, log);
  const program = createProgram({ socket, tmux, clock, leftovers });
  // Unlike anything that a name or a title holds by chance.
  const requests = createRequests(`<${randomBytes(6).toString('hex')}>`);
  const looker = createLooker(requests, clock);
  const forks: Channel = { run: program.fork };
  const listeners = new Set<() => void>();
  let panes = 0;
  /** As it was when it last answered; null once it has ended. */
  let serverPid: number | null = null;
  let isTidy = false;

  const changes = createThrottle({
    clock,
    settleMs: CHANGE_SETTLE_MS,
    gapMs: CHANGE_GAP_MS,
    act: async () => {
      for (const listener of [...listeners]) listener();
    },
  });
  const changed = () => changes.mark();

  const calm = createCalm(clock, () => readStillLife(shared, requests));
  const presence = createPresence({
    ...{ program, clock, log, calm, socket, changed },
    part: parts.watcher,
  });

  const listOver = async (channel: Channel): Promise<Listing | null> => {
    const listing = presence.absent ? null : await readListing(channel, requests);
    panes = listing?.panes.length ?? 0;
    if (listing === null && serverPid !== null) await refuseLostSocket(socket, serverPid, clock);
    serverPid = listing?.server.pid ?? null;
    if (listing !== null) watching.compare(listing);
    return listing;
  };
  const listByFork = coalesce(() => listOver(forks));

  const shared = createSharedConnection({
    ...{ program, clock, log, requests, calm, changed },
    part: parts.shared,
    list: listByFork,
    preferred: () => watching.homes(),
    moved: () => {
      watching.resume();
      tidy();
    },
    broke: () => watching.doubt(),
  });
  /** Once is enough: with a server its buffers go. */
  const tidy = (): void => {
    if (isTidy) return;
    isTidy = true;
    deleteStrayBuffers(shared).catch((error: unknown) => {
      log.debug({ error: messageOf(error) }, 'old paste buffers could not be deleted');
    });
  };

  const sweep = createSweep({ clock, log, requests, looker, shared, panes: () => panes });
  const watching = createWatching({
    ...{ program, clock, log, requests, looker, calm, shared, sweep, meter },
    ...{ connectionBudget, changed },
    list: listByFork,
    panes: () => panes,
  });

  const nullWhereGone = (error: unknown): null => {
    // Where its pane was the last, the server has no sessions at all.
    const isGone = saysGone(error) || saysNoSessions(error) || error instanceof NoServer;
    return isGone ? null : rethrow(error);
  };
  const see = async ({ server, paneId, panePid }: PaneIdentity): Promise<Look | null> => {
    const seen = await ask(shared, requests.look(paneId, { ansi: true })).catch(nullWhereGone);
    const isMeant = seen !== null && isSameServer(seen.server, server);
    if (!isMeant || seen.look.panePid !== panePid || seen.look.dead) return null;
    return { ...seen.look, at: clock.now() };
  };
  const screen = async ({ server, paneId, panePid }: PaneIdentity): Promise<Screen | null> => {
    const seen = await ask(shared, requests.screen(paneId)).catch(nullWhereGone);
    const isMeant = seen?.panePid === panePid && isSameServer(seen.server, server);
    return isMeant ? seen.screen : null;
  };

  /** For what tmux notifies control clients of, such as a copy mode that is left. */
  const quietly = async <Answer>(act: () => Promise<Answer>): Promise<Answer> => {
    const done = await program.door.disturb();
    return act().finally(done);
  };

  const typist = createTypist({
    connections: (target) =>
      [watching.clientOf(target), shared.control].filter((client) => client !== null),
    fork: program.fork,
    newBufferName,
  });

  presence.start();
  return {
    typist: {
      paste: (...given) => quietly(() => typist.paste(...given)),
      press: (...given) => quietly(() => typist.press(...given)),
    },
    see,
    screen,
    list: () => listOver(shared).catch(rethrow),
    onChange: (listener) => {
      // Wrapped, so that the same function given twice is called twice and stopped one by one.
      const call = () => listener();
      listeners.add(call);
      return () => listeners.delete(call);
    },
    watch: watching.watch,
    capture: (paneId, what) =>
      ask(shared, requests.capture(paneId, what)).catch(rethrowFor(paneId)),
    killSession: async (server, sessionId) => {
      // Not over the shared connection: it may sit in this very session, and go before it answers.
      const kill = () => forks.run([killSession(server, sessionId)]);
      const answer = await quietly(kill).catch(rethrowFor(sessionId));
      if (answer.includes(ANOTHER_SERVER)) throw new PaneGone(sessionId);
    },
    watching: watching.count,
    clients: program.clients,
    stop: async () => {
      calm.stop();
      changes.stop();
      watching.stop();
      sweep.stop();
      shared.release();
      presence.stop();
      await program.ended();
    },
  };
};

const readListing = async (channel: Channel, requests: Requests): Promise<Listing | null> => {
  try {
    const listing = await ask(channel, requests.listing());
    if (listing === null) return null;
    const { server, panes } = listing;
    return { server, panes: panes.map((pane) => ({ ...pane, ...deathOf(pane, pane.pid) })) };
  } catch (error) {
    if (error instanceof NoServer) return null;
    if (!saysNoSessions(error)) throw error;
    return { server: await ask(channel, requests.identity()), panes: [] };
  }
};

const readStillLife = async (channel: Channel, requests: Requests): Promise<StillLife> => {
  try {
    return await ask(channel, requests.stillLife());
  } catch (error) {
    if (!saysNoSessions(error)) throw error;
    return { scene: '', typedAt: 0 };
  }
};

const rethrow = (error: unknown): never => {
  if (error instanceof TmuxFailed) throw error;
  throw new TmuxFailed(`tmux: ${messageOf(error)}`, { cause: error });
};

const rethrowFor =
  (target: string) =>
  (error: unknown): never => {
    if (saysGone(error) || error instanceof NoServer) throw new PaneGone(target, { cause: error });
    return rethrow(error);
  };
