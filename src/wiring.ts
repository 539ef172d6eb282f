/** The whole wiring, top to bottom: build the adapters, make the actors, serve, stop in reverse. */

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createActor, type EventObject, fromCallback } from 'xstate';
import { discoveryLogic } from '../actors/discovery.ts';
import { createDispatcher } from '../actors/dispatcher.ts';
import { createParts } from '../actors/parts.ts';
import type { Check, Clock, Log } from '../actors/ports.ts';
import { relayLogic } from '../actors/relay.ts';
import { rootLogic } from '../actors/root.ts';
import { sessionLogics } from '../actors/session.ts';
import { createSessions } from '../actors/sessions.ts';
import { commandMachine } from '../machines/command.ts';
import type { Wanted } from '../machines/discovery.ts';
import { SNAPSHOT_VERSION, sessionMachine } from '../machines/session.ts';
import type { SessionEvent, SessionPolicy } from '../machines/session-context.ts';
import type { EventName } from '../machines/vocabulary.ts';
import { onlyReads } from './analysis/commands.ts';
import { loadProfiles } from './analysis/custom-profiles.ts';
import { kindOf } from './analysis/kinds.ts';
import { type ClosableSight, createSight } from './analysis/pool.ts';
import { createAttribution } from './attribution.ts';
import { recordBoot } from './boots.ts';
import { systemClock, watchClock } from './clock.ts';
import type { Config } from './config.ts';
import { watchEventLoop } from './event-loop.ts';
import { matchesGlob } from './glob.ts';
import { createHooks } from './hooks/hooks.ts';
import { createServer } from './http/server.ts';
import { openTokens } from './http/tokens.ts';
import { createInspectHub } from './inspect/hub.ts';
import { createMachines } from './inspect/machines.ts';
import { takeLocks } from './locks.ts';
import { cleanText, isSecretKey } from './log.ts';
import { createMetrics } from './metrics/metrics.ts';
import { createMonitor } from './monitor.ts';
import { createPaneReader } from './pane-reader.ts';
import { startedAt } from './processes/started-at.ts';
import { createProcesses } from './processes/tree.ts';
import { createRedis } from './redis/redis.ts';
import { createScreens } from './screens.ts';
import { watchSpecs } from './specs/spec-watch.ts';
import { createCommands } from './store/commands.ts';
import { freeBytesOf } from './store/disk-space.ts';
import { keepReserve, spendReserve } from './store/reserve.ts';
import { openStore } from './store/store.ts';
import { reapLeftovers } from './tmux/leftovers.ts';
import { createTmux } from './tmux/tmux.ts';

const RESTARTS = { maxRestarts: 3, withinMs: 5_000, baseMs: 100, capMs: 15_000 };
/** For what is started again by its adapter, and lives beside us: it may just be restarting itself. */
const PART_RESTARTS = { maxRestarts: 6, withinMs: 60_000, baseMs: 100, capMs: 15_000 };
const AGREE_MS = 300;
/** What is still to be told when stopping gets this long; the next start tells the rest. */
const RELAY_WITHIN_MS = 1_000;
/** What is being typed when stopping begins may end; what takes longer is `unknown` afterwards. */
const TYPE_WITHIN_MS = 2_500;

export interface Running {
  address: { host: string; port: number };
  /** Rejects when a part without which the monitor cannot go on keeps crashing. */
  crashed: Promise<never>;
  /** False where an error that nobody caught is no actor's; an actor is restarted for its own. */
  escaped(error: unknown): boolean;
  /** `as asked`: not because of a crash, whatever is started next. */
  stop(how?: 'as asked' | 'after a crash'): Promise<void>;
}

/**
 * Starts the monitor: when it resolves the store is open and the API answers; tmux and Redis may
 * still be missing. What had begun is ended where it cannot start.
 * @throws {AlreadyRunning} {BadSettings} {StoreFailed}
 */
export const start = async (options: {
  config: Config;
  log: Log;
  version: string;
  /** Instead of the real time. */
  clock?: Clock;
  /** Instead of the worker threads. */
  sight?: ClosableSight;
}): Promise<Running> => {
  const { config, log, version, clock = systemClock } = options;
  const { dataDir } = config;
  const host = hostname();
  const timing = { clock, log };
  const metrics = createMetrics(version);
  const { meters } = metrics;
  const attribution = createAttribution();
  // What has begun is ended in reverse: when the monitor stops, or when a later part cannot begin.
  await using begun = new AsyncDisposableStack();

  // The outside things, each behind its port.
  const tokens = openTokens({ dataDir, log });
  begun.defer(tokens.stop);
  const { tmuxSocket } = config;
  const crashed = Promise.withResolvers<never>();
  begun.defer(takeLocks({ ...timing, dataDir, tmuxSocket, lost: crashed.reject }));
  spendReserve({ dataDir, log });
  const boots = recordBoot({ ...timing, path: join(dataDir, 'starts') });
  begun.defer(boots.stop);
  const leftoversFile = join(dataDir, 'tmux-clients');
  const reaped = reapLeftovers(leftoversFile, log);
  if (reaped.length > 0) log.warn({ reaped }, 'tmux clients of an earlier run were ended');
  const snapshotVersion = SNAPSHOT_VERSION;
  const store = openStore({
    ...{ ...timing, dataDir, host, newId: randomUUID, snapshotVersion },
    commitTold: meters.commits('agent-state'),
  });
  begun.defer(() => {
    if (!store.close()) log.error({}, 'the last changes could not be written');
  });
  const { journal, outbox } = store;
  const parts = createParts({ ...timing, journal, policy: PART_RESTARTS });
  begun.defer(parts.stop);
  const queue = createCommands({
    ...{ ...timing, dataDir, newId: randomUUID, journal },
    commitTold: meters.commits('command-queue'),
  });
  begun.defer(() => {
    if (!queue.close()) log.error({}, 'the last commands could not be written');
  });
  begun.defer(keepReserve({ ...timing, dataDir }));
  const { connectionBudget } = config;
  const tmux = createTmux({
    ...timing,
    socket: tmuxSocket,
    connectionBudget,
    leftoversFile,
    meter: meters.output,
    parts: { watcher: parts.add('tmux-watcher'), shared: parts.add('tmux-shared') },
  });
  begun.defer(tmux.stop);
  const profiles = loadProfiles(config);
  const sight =
    options.sight ??
    createSight({ ...timing, part: parts.add('sight'), profiles: config.profiles });
  begun.defer(sight.close);
  const redis = createRedis({ ...timing, config, host, outbox, part: parts.add('redis') });
  begun.defer(redis.stop);

  // The actors.
  const wanted = wantedBy(config);
  let tmuxCheck: Check = { status: 'degraded', detail: 'tmux was not asked yet' };
  const sessions = createSessions({
    journal,
    clock,
    policy: policyOf(config),
    wanted,
    logic: sessionLogics({ ...timing, tmux, sight, journal, attribution }),
  });
  const tellSession = (key: string, event: SessionEvent) =>
    root.send({ type: 'child.tell', key, event });
  const hooks = createHooks({
    ...timing,
    agents: () => sessions.watched,
    report: (key, report) => tellSession(key, { type: 'hook.received', report, at: clock.now() }),
    count: (key, path, counts) =>
      tellSession(key, { type: 'transcript.read', path, counts, at: clock.now() }),
    onlyReads,
    startedAt,
  });
  begun.defer(hooks.stop);
  const reader = createPaneReader({ tmux, sight, profiles });
  const dispatcher = createDispatcher({
    ...timing,
    commands: queue,
    journal: outbox,
    typist: tmux.typist,
    reader,
    prompts: hooks,
    mayType: boots.mayType,
    unsubmitted: (key) => tellSession(key, { type: 'text.unsubmitted', at: clock.now() }),
    answered: (key, dialog) =>
      tellSession(key, { type: 'dialog.answered', dialog, at: clock.now() }),
    agent: (key) => {
      const kind = sessions.watched.get(key)?.facts.kind;
      if (kind === undefined) return null;
      const row = journal.row(key);
      const since = row?.since ?? null;
      const state = row && since !== null ? row.state : null;
      return { kind, state, since, dialog: row?.dialog?.id ?? null };
    },
  });
  const clean = { text: cleanText, isSecretKey };
  const inspector = createInspectHub({ clean, now: clock.now, log });
  const root = createActor(
    rootLogic({
      ...timing,
      sessions,
      journal,
      policy: RESTARTS,
      attribution,
      wanted,
      dispatcher: dispatcher.logic,
      relay: relayLogic({
        ...timing,
        outbox,
        bus: redis.bus,
        random: Math.random,
        report: redis.report,
      }),
      discovery: discoveryLogic({
        ...timing,
        tmux,
        processes: createProcesses(),
        kindOf: (seen) => kindOf(seen, profiles),
        report: (status, detail) => {
          tmuxCheck = { status: status === 'failed' ? 'down' : 'ok', detail };
        },
      }),
      watchers: {
        specs: fromCallback(() =>
          watchSpecs({
            ...timing,
            files: config.specFiles,
            agents: () => sessions.watched,
            tell: (key, progress) =>
              tellSession(key, { type: 'spec.read', progress, at: clock.now() }),
          }),
        ),
        clock: fromCallback(() =>
          watchClock(clock, (at, byMs) => {
            if (byMs === 0) log.warn({}, 'this process was stopped, or starved, for some seconds');
            else log.warn({ byMs }, 'the clock was set, or the machine slept');
            if (byMs < 0) queue.clockSetBack(-byMs);
            root.send({
              type: 'children.tell',
              event: { type: 'clock.jumped', at } as EventObject,
            });
          }),
        ),
      },
    }),
    { inspect: inspector.inspect },
  );
  const eventLoop = watchEventLoop();
  begun.defer(eventLoop.stop);
  const monitor = createMonitor({
    ...{ store, queue, tmux, reader, sessions, hooks, boots, clock, version },
    machines: createMachines([sessionMachine, commandMachine], clean),
    ...{ inspector, metrics },
    heldBy: dispatcher.heldBy,
    screens: createScreens({ ...timing, capture: tmux.screen }),
    supervisor: {
      getSnapshot: () => root.getSnapshot(),
      restart: (key) => root.send({ type: 'child.restart', key }),
    },
    parts: parts.reports,
    checks: { tmux: () => tmuxCheck, redis: redis.check },
    relayed: redis.relayed,
    eventLoop: eventLoop.read,
  });
  metrics.follow({
    ...{ monitor, outbox, commands: queue, clock },
    tmuxClients: tmux.clients,
    freeBytes: () => freeBytesOf(dataDir),
    watched: sessions.watched,
  });

  // Before anything is told or typed: a monitor whose port is taken must not have begun to act.
  const server = createServer({
    ...{ monitor, config, tokens, log, kinds: Object.keys(profiles), meter: meters.http },
    parts: { port: parts.add('http'), socket: parts.add('http-socket') },
  });
  const address = await server.listen();
  root.subscribe({ error: crashed.reject });
  root.start();
  begun.defer(() => void root.stop());
  const tell = (event: EventName, more = {}) =>
    journal.announce([{ event, session: '', timestamp: clock.now(), ...more }]);
  tell('monitor_started', {
    version,
    typing: boots.mayType() ? 'on' : 'off',
    damaged: [store.aside, queue.aside].filter((aside) => aside !== null),
  });
  begun.defer(() => {
    tell('monitor_stopped');
    return redis.relayedAll(RELAY_WITHIN_MS);
  });
  begun.defer(() => dispatcher.drain(TYPE_WITHIN_MS));
  begun.defer(server.close);
  const running = begun.move();
  return {
    address,
    crashed: crashed.promise,
    escaped: (error) => {
      const key = attribution.current();
      if (key !== null) root.send({ type: 'child.escaped', key, error });
      return key !== null;
    },
    stop: async (how = 'as asked') => {
      if (how === 'as asked') boots.forget();
      await running.disposeAsync();
    },
  };
};

const policyOf = ({ stuckAfterSeconds, stuckToolSeconds }: Config): SessionPolicy => ({
  stuckAfterMs: stuckAfterSeconds * 1000,
  stuckToolMs: stuckToolSeconds * 1000,
  agreeMs: AGREE_MS,
});

/** Named sessions are watched whatever runs in them; with none named, all in which an agent runs. */
const wantedBy = ({ sessions, agents }: Config): Wanted => ({
  named: (session) => sessions.some((glob) => matchesGlob(glob, session)),
  admits: () => sessions.length === 0,
  kindOf: (session) => agents.find((agent) => matchesGlob(agent.session, session))?.kind ?? null,
});
