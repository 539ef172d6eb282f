/**
 * The only one that types. Commands for one pane are typed one after the other, whichever sessions
 * show the pane; panes know nothing of each other.
 */

import { type AnyActorLogic, fromPromise } from 'xstate';
import type { Sight } from '../machines/command-context.ts';
import { nextToServe, type ServedAgent } from '../machines/serving.ts';
import { type DeliveryPorts, deliver, pause } from './delivery.ts';
import { StoreFailed } from './errors.ts';
import type { CommandOutbox, CommandOutcome, Outbox, StoredCommand } from './ports.ts';

export interface DispatcherPorts extends DeliveryPorts {
  commands: CommandOutbox;
  /** Sessions change: what waits may be due. */
  journal: Pick<Outbox, 'onCommit'>;
  /** The watched session with this key, or null. */
  agent(key: string): ServedAgent | null;
}

export interface Dispatcher {
  logic: AnyActorLogic;
  /** Begins nothing new; resolves when what is being typed has ended, or the time is over. */
  drain(withinMs: number): Promise<void>;
}

/** A draft that a person takes back is told by nobody; and a wake-up may be lost. */
const LOOK_AGAIN_MS = 1_000;
/** A timer of more than 24 days goes off at once. */
const LONGEST_TIMER_MS = 60 * 60 * 1_000;
/** Events come in bursts. */
const SETTLE_MS = 50;

const TARGET_GONE: CommandOutcome = {
  status: 'failed',
  evidence: 'not-typed',
  error: 'target_gone',
  attempts: 0,
};

export const createDispatcher = (ports: DispatcherPorts): Dispatcher => {
  const { clock } = ports;
  const inFlight = new Set<Promise<unknown>>();
  let isDraining = false;

  const track = <Result>(work: Promise<Result>): Promise<Result> => {
    inFlight.add(work);
    const done = () => void inFlight.delete(work);
    work.then(done, done);
    return work;
  };

  return {
    logic: fromPromise<never>(async ({ signal: stopped }) => {
      // What fails in one lane ends all of them: another dispatcher takes their place.
      const failed = new AbortController();
      const signal = AbortSignal.any([stopped, failed.signal]);
      const mayBegin = () => !isDraining && !signal.aborted;
      try {
        return await serve(ports, { signal, track, mayBegin });
      } finally {
        failed.abort();
      }
    }),
    drain: async (withinMs) => {
      isDraining = true;
      const late = Promise.withResolvers<void>();
      const timer = clock.setTimeout(late.resolve, withinMs);
      await Promise.race([Promise.allSettled(inFlight), late.promise]);
      clock.clearTimeout(timer);
    },
  };
};

interface Serving {
  signal: AbortSignal;
  track<Result>(work: Promise<Result>): Promise<Result>;
  mayBegin(): boolean;
}

/** Serves all lanes until it is stopped; rejects where the queue fails for more than want of disk. */
const serve = (ports: DispatcherPorts, serving: Serving): Promise<never> => {
  const { commands, journal, clock, log } = ports;
  const { signal, mayBegin } = serving;
  const failure = Promise.withResolvers<never>();
  const lanes = new Map<string, Lane>();
  let timer: unknown = null;
  let wakesAt = Number.POSITIVE_INFINITY;

  const laneFor = (key: string): Lane => {
    const lane = lanes.get(key) ?? createLane(ports, serving, key);
    lanes.set(key, lane);
    return lane;
  };

  const plan = (ms: number) => {
    const at = clock.monotonic() + ms;
    if (signal.aborted || at >= wakesAt) return;
    clock.clearTimeout(timer);
    wakesAt = at;
    timer = clock.setTimeout(wake, ms);
  };

  const wakeAll = () => {
    const expiresAt = commands.expire(clock.now());
    const waiting = commands.lanes();
    for (const key of lanes.keys())
      if (!waiting.includes(key) && lanes.get(key)?.isIdle()) lanes.delete(key);
    for (const key of waiting) laneFor(key).wake().catch(failure.reject);
    if (waiting.length > 0) plan(LOOK_AGAIN_MS);
    if (expiresAt !== null) plan(Math.min(Math.max(0, expiresAt - clock.now()), LONGEST_TIMER_MS));
  };

  const wake = () => {
    wakesAt = Number.POSITIVE_INFINITY;
    if (!mayBegin()) return;
    try {
      wakeAll();
    } catch (error) {
      if (!isDiskTrouble(error)) return failure.reject(error);
      log.error({ error: String(error) }, 'the command queue cannot be written');
      plan(LOOK_AGAIN_MS);
    }
  };

  const recovered = commands.recover();
  if (recovered > 0) log.warn({ recovered }, 'commands were being typed when the monitor ended');
  const stops = [
    commands.onChange(({ status }) => {
      if (status === 'queued') plan(0);
    }),
    journal.onCommit(() => plan(SETTLE_MS)),
  ];
  signal.addEventListener('abort', () => {
    for (const stop of stops) stop();
    clock.clearTimeout(timer);
  });
  wake();
  return failure.promise;
};

interface Lane {
  /** Types what may be typed; does nothing where it is at it. Rejects where the queue fails. */
  wake(): Promise<void>;
  isIdle(): boolean;
}

const createLane = (ports: DispatcherPorts, serving: Serving, lane: string): Lane => {
  const { commands, reader, agent, clock, log } = ports;
  const { signal, track, mayBegin } = serving;
  let phase: 'idle' | 'busy' | 'busy, woken' = 'idle';

  /** True where there may be more to do at once. */
  const step = async (): Promise<boolean> => {
    const head = commands.waiting(lane)[0];
    if (!head) return false;
    const known = agent(head.key);
    const sight = await look(head, known);
    if (!mayBegin() || sight === 'unreadable') return false;
    // What waits may have changed meanwhile.
    const waiting = commands
      .waiting(lane)
      .filter(({ target }) => target.panePid === head.target.panePid);
    if (sight === null) {
      for (const { id } of waiting) commands.finish(id, TARGET_GONE);
      return true;
    }
    const next = known && nextToServe(waiting, known, sight);
    return next ? track(type(next, known, sight)) : false;
  };

  const look = async (
    { id, session, target }: StoredCommand,
    known: ServedAgent | null,
  ): Promise<Sight | 'unreadable' | null> => {
    try {
      return await reader.read(target, known?.kind ?? 'generic');
    } catch (error) {
      log.debug({ id, session, error: String(error) }, 'the pane could not be looked at');
      return 'unreadable';
    }
  };

  const type = async (
    command: StoredCommand,
    { kind }: ServedAgent,
    first: Sight,
  ): Promise<boolean> => {
    const { id, session } = command;
    const begin = () => commands.begin(id);
    const outcome = await deliver(ports, { command, kind, first, begin, signal });
    if (signal.aborted || outcome === null) return false;
    if (outcome === 'put-back') {
      await written(id, () => commands.putBack(id));
      return false;
    }
    await written(id, () => commands.finish(id, outcome));
    log.info({ id, session, ...outcome }, 'a command ended');
    return true;
  };

  /** What has become of it is known here alone: it is tried until the disk takes it. */
  const written = async (id: string, write: () => void): Promise<void> => {
    while (!signal.aborted) {
      try {
        return write();
      } catch (error) {
        if (!isDiskTrouble(error)) throw error;
        log.error({ id, error: String(error) }, 'how a command ended cannot be written');
        await pause(clock, LOOK_AGAIN_MS);
      }
    }
  };

  return {
    isIdle: () => phase === 'idle',
    wake: async () => {
      if (phase !== 'idle') {
        phase = 'busy, woken';
        return;
      }
      try {
        let more = true;
        while (more && mayBegin()) {
          phase = 'busy';
          more = (await step()) || phase !== 'busy';
        }
      } catch (error) {
        if (!isDiskTrouble(error)) throw error;
        log.error({ lane, error: String(error) }, 'the command queue cannot be written');
      } finally {
        phase = 'idle';
      }
    },
  };
};

/** It passes, and what waits is tried again. */
const isDiskTrouble = (error: unknown): boolean => error instanceof StoreFailed;
