/**
 * The only one that types. Commands for one pane are typed one after the other, whichever sessions
 * show the pane; panes know nothing of each other.
 */

import { type AnyActorLogic, fromPromise } from 'xstate';
import { type Hold, laneOf, type PaneIdentity } from '../machines/vocabulary.ts';
import { createLane, isDiskTrouble, type Lane, type LanePorts, type Serving } from './lane.ts';
import type { Clock, Outbox } from './ports.ts';

export interface DispatcherPorts extends Omit<LanePorts, 'held'> {
  /** Sessions change: what waits may be due. */
  journal: Pick<Outbox, 'onCommit'>;
  /** Where it is false, what waits goes on waiting. Asked anew about once a second. */
  mayType(): boolean;
}

export interface Dispatcher {
  logic: AnyActorLogic;
  /** Begins nothing new; resolves when what is being typed has ended, or the time is over. */
  drain(withinMs: number): Promise<void>;
  /** Why a command that is queued is not typed; null where that is not known (yet). */
  heldBy(command: { id: string; target: PaneIdentity }): Hold | null;
}

/** A draft that a person takes back is told by nobody; and a wake-up may be lost. */
const LOOK_AGAIN_MS = 1_000;
/** A timer of more than 24 days goes off at once. */
const LONGEST_TIMER_MS = 60 * 60 * 1_000;
/** Events come in bursts. */
const SETTLE_MS = 50;

export const createDispatcher = (ports: DispatcherPorts): Dispatcher => {
  const { clock, mayType } = ports;
  const inFlight = new Set<Promise<unknown>>();
  const holdsByLane = new Map<string, ReadonlyMap<string, Hold>>();
  const held = (lane: string, holds: ReadonlyMap<string, Hold>) => {
    if (holds.size > 0) holdsByLane.set(lane, holds);
    else holdsByLane.delete(lane);
  };
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
      const isServing = () => !isDraining && !signal.aborted;
      const mayBegin = () => isServing() && mayType();
      try {
        return await serve({ ...ports, held }, { signal, track, mayBegin }, isServing);
      } finally {
        failed.abort();
      }
    }),
    heldBy: ({ id, target }) =>
      mayType() ? (holdsByLane.get(laneOf(target))?.get(id) ?? null) : 'typing-off',
    drain: async (withinMs) => {
      isDraining = true;
      const late = Promise.withResolvers<void>();
      const timer = clock.setTimeout(late.resolve, withinMs);
      await Promise.race([Promise.allSettled(inFlight), late.promise]);
      clock.clearTimeout(timer);
    },
  };
};

/** Serves all lanes until it is stopped; rejects where the queue fails for more than want of disk. */
const serve = (
  ports: DispatcherPorts & LanePorts,
  serving: Serving,
  isServing: () => boolean,
): Promise<never> => {
  const { commands, journal, clock, log } = ports;
  const { signal } = serving;
  const failure = Promise.withResolvers<never>();
  const lanes = new Map<string, Lane>();
  /** The lanes in which something has changed. */
  const due = new Set<string>();
  const soon = createTimer(clock, signal);
  const rounds = createTimer(clock, signal);
  let isRecovered = false;

  const wake = (key: string): void => {
    const lane = lanes.get(key) ?? createLane(ports, serving, key);
    lanes.set(key, lane);
    lane.wake().catch(failure.reject);
  };

  const wakeDue = (): void => {
    const keys = [...due];
    due.clear();
    if (!isServing() || !isRecovered) return;
    keys.forEach(wake);
    rounds.plan(round, LOOK_AGAIN_MS);
  };

  const round = (): void => {
    if (!isServing()) return;
    try {
      goRound();
    } catch (error) {
      if (isDiskTrouble(error)) {
        log.error({ error: error.message }, 'the command queue cannot be written');
        rounds.plan(round, LOOK_AGAIN_MS);
      } else failure.reject(error);
    }
  };

  /** Before anything is typed: what is being typed from then on is another matter. */
  const recover = (): void => {
    const recovered = commands.recover();
    isRecovered = true;
    if (recovered > 0) log.warn({ recovered }, 'commands were being typed when the monitor ended');
  };

  const goRound = (): void => {
    if (!isRecovered) recover();
    const expiresAt = commands.expire(clock.now());
    const waiting = commands.lanes();
    for (const [key, lane] of lanes) {
      if (waiting.includes(key) || !lane.isIdle()) continue;
      lanes.delete(key);
      ports.held(key, new Map());
    }
    waiting.forEach(wake);
    if (waiting.length > 0) rounds.plan(round, LOOK_AGAIN_MS);
    if (expiresAt === null) return;
    rounds.plan(round, Math.min(Math.max(0, expiresAt - clock.now()), LONGEST_TIMER_MS));
  };

  const stops = [
    commands.onChange(({ status, target, expiresAt }) => {
      if (status !== 'queued') return;
      due.add(laneOf(target));
      soon.plan(wakeDue, 0);
      rounds.plan(round, Math.min(Math.max(0, expiresAt - clock.now()), LOOK_AGAIN_MS));
    }),
    journal.onCommit((events) => {
      const sessions = new Set(events.map(({ session }) => session));
      for (const [key, lane] of lanes) if (lane.waitsFor(sessions)) due.add(key);
      if (due.size > 0) soon.plan(wakeDue, SETTLE_MS);
    }),
  ];
  signal.addEventListener('abort', () => {
    for (const stop of stops) stop();
  });
  round();
  return failure.promise;
};

/** One timer for the earliest of what is planned; it goes off no more once the signal aborts. */
const createTimer = (clock: Clock, signal: AbortSignal) => {
  let timer: unknown = null;
  let wakesAt = Number.POSITIVE_INFINITY;
  signal.addEventListener('abort', () => clock.clearTimeout(timer));
  return {
    plan: (act: () => void, ms: number): void => {
      const at = clock.monotonic() + ms;
      if (signal.aborted || at >= wakesAt) return;
      clock.clearTimeout(timer);
      wakesAt = at;
      timer = clock.setTimeout(() => {
        wakesAt = Number.POSITIVE_INFINITY;
        act();
      }, ms);
    },
  };
};
