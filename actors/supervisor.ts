/**
 * The root actor: keeps every long-lived part and every session actor running. One for one: a crash
 * restarts that child only, after a growing delay, and a child that keeps crashing is set aside.
 *
 * Plain actor logic rather than a machine: a machine copies its table of children at each change,
 * which at a thousand sessions costs seconds.
 */

import {
  type ActorLogic,
  type ActorScope,
  type AnyActor,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyEventObject,
  createActor,
  type EventObject,
  type Snapshot,
} from 'xstate';
import { type Budget, FULL_BUDGET, onFailure, type RestartPolicy } from '../machines/restart.ts';
import type { Attribution, Clock, Log } from './ports.ts';

export interface Child {
  key: string;
  logic(): AnyActorLogic;
  input(restarts: number): unknown;
  /** The snapshot to resume from, or undefined to begin clean. */
  restore?(): Snapshot<unknown> | undefined;
  /** What a child is told first, according to how it began. */
  greetings?(began: 'resumed' | 'clean', restarts: number, at: number): EventObject[];
  /** Hears of an event that came while the child was not running. */
  unheard?(event: EventObject): void;
  /** What happens when its restarts are used up. */
  whenSpent: 'quarantine' | 'escalate' | 'keep-trying';
}

export type SupervisorEvent =
  | { type: 'child.start'; child: Child }
  | { type: 'child.stop'; key: string }
  | { type: 'child.tell'; key: string; event: EventObject }
  /** Restarts a running child, or lifts a quarantine. */
  | { type: 'child.restart'; key: string }
  /** An error got away from it, which counts as a crash. */
  | { type: 'child.escaped'; key: string; error: unknown }
  | { type: 'children.tell'; event: EventObject }
  | { type: 'backoff.ended'; key: string; generation: number; clean: boolean }
  | { type: 'trial.ended'; key: string; generation: number };

type ChildState =
  | { at: 'running' }
  | { at: 'waiting'; since: number; error: unknown; until: number }
  /** Its budget is used up, and it is tried all the same; `until` is null while it runs on trial. */
  | { at: 'spent'; since: number; error: unknown; until: number | null }
  | { at: 'quarantined'; since: number; error: unknown };

export interface ChildReport {
  key: string;
  restarts: number;
  /** Times in ms since the epoch. */
  state: ChildState;
}

export type SupervisorSnapshot = Snapshot<undefined> & {
  running: number;
  restarts: number;
  /** The keys of the children that are not started again. */
  quarantined: string[];
  /** The children that must run, and all others that do not. */
  children: ChildReport[];
};

export interface Crash {
  key: string;
  error: unknown;
  /** Milliseconds until it is restarted; null where its budget is spent. */
  restartInMs: number | null;
}

export interface SupervisorOptions {
  clock: Clock;
  log: Log;
  policy: RestartPolicy;
  attribution: Attribution;
  /** Children to start with the supervisor, in this order. */
  children: Child[];
  /** Not called again for one whose budget is spent, until it was restarted. */
  crashed(crash: Crash): void;
  /** It runs again; one whose budget was spent only once that has lasted. */
  restarted(key: string): void;
  /** Events of its children that are not about supervision. */
  heard(event: AnyEventObject, self: AnyActorRef): void;
}

interface Cell {
  child: Child;
  generation: number;
  restarts: number;
  budget: Budget;
  state: ChildState;
  ref: AnyActor | null;
  timer: unknown;
}

/** Its own events, and whatever its children tell their parent. */
type AnyEvent = SupervisorEvent | AnyEventObject;
type Scope = ActorScope<SupervisorSnapshot, AnyEvent>;

export const supervisorLogic = (
  options: SupervisorOptions,
): ActorLogic<SupervisorSnapshot, AnyEvent> => {
  const { clock, log, policy, attribution } = options;
  const cells = new Map<string, Cell>();
  let restarts = 0;
  let isViewOld = false;

  /** Most events change no child's state: with a thousand children a new view costs as much. */
  const view = (snapshot: SupervisorSnapshot): SupervisorSnapshot => {
    if (!isViewOld) return snapshot;
    isViewOld = false;
    const all = [...cells.values()];
    return {
      ...snapshot,
      restarts,
      running: all.filter(({ ref }) => ref !== null).length,
      quarantined: all
        .filter(({ state }) => state.at === 'quarantined')
        .map(({ child }) => child.key),
      children: all
        .filter(({ child, state }) => child.whenSpent !== 'quarantine' || state.at !== 'running')
        .map(({ child: { key }, restarts: times, state }) => ({ key, restarts: times, state })),
    };
  };

  const become = (cell: Cell, state: ChildState) => {
    cell.state = state;
    isViewOld = true;
  };

  const boot = (cell: Cell, scope: Scope, clean: boolean) => {
    const { key } = cell.child;
    begin(cell, scope);
    try {
      const { ref, began } = create(cell, scope, clean);
      cell.ref = ref;
      // After this step: a child that throws at its start is then reported like any other crash.
      scope.defer(() =>
        attribution.to(key, () => {
          ref.start();
          if (ref.getSnapshot().status !== 'active') return;
          const greetings = cell.child.greetings?.(began, cell.restarts, clock.now()) ?? [];
          for (const event of greetings) ref.send(event);
        }),
      );
    } catch (error) {
      // Such as a child whose input cannot be had: no child's fault may end the others.
      crash(cell, error, scope);
    }
  };

  /** What kept failing runs on trial at first. */
  const begin = (cell: Cell, scope: Scope) => {
    const { state, generation } = cell;
    const { key } = cell.child;
    if (state.at !== 'spent') {
      become(cell, { at: 'running' });
      if (cell.restarts > 0) options.restarted(key);
      return;
    }
    become(cell, { ...state, until: null });
    wake(cell, { type: 'trial.ended', key, generation }, policy.withinMs, scope);
  };

  const passTrial = (cell: Cell) => {
    cell.budget = FULL_BUDGET;
    become(cell, { at: 'running' });
    options.restarted(cell.child.key);
  };

  const wake = (cell: Cell, event: SupervisorEvent, afterMs: number, scope: Scope) => {
    clock.clearTimeout(cell.timer);
    cell.timer = clock.setTimeout(() => scope.self.send(event), afterMs);
  };

  const create = (cell: Cell, scope: Scope, clean: boolean) => {
    const { child, generation } = cell;
    const base = {
      parent: scope.self as AnyActorRef,
      // A generation per life: a late error of an earlier one cannot harm this one.
      id: `${child.key}#${generation}`,
      systemId: child.key,
      input: child.input(cell.restarts),
    };
    const saved = clean ? undefined : restored(child, log);
    const ref = createActor(child.logic(), saved ? { ...base, snapshot: saved } : base) as AnyActor;
    return { ref, began: saved ? ('resumed' as const) : ('clean' as const) };
  };

  const halt = (cell: Cell, scope: Scope) => {
    clock.clearTimeout(cell.timer);
    if (cell.ref) scope.stopChild(cell.ref);
    cell.ref = null;
  };

  const start = (child: Child, scope: Scope) => {
    if (cells.has(child.key)) return;
    const cell: Cell = {
      child,
      generation: 1,
      restarts: 0,
      budget: FULL_BUDGET,
      state: { at: 'running' },
      ref: null,
      timer: null,
    };
    cells.set(child.key, cell);
    boot(cell, scope, false);
  };

  const restart = (cell: Cell, scope: Scope, clean: boolean) => {
    cell.generation += 1;
    cell.restarts += 1;
    restarts += 1;
    boot(cell, scope, clean);
  };

  const crash = (cell: Cell, error: unknown, scope: Scope) => {
    reapOrphans(cell.ref);
    cell.ref = null;
    clock.clearTimeout(cell.timer);
    const { key, whenSpent } = cell.child;
    const decision = onFailure(policy, cell.budget, clock.monotonic(), key);
    const { budget, afterMs, clean, isNews } = decision;
    const { isSpent } = budget;
    if (isSpent && whenSpent === 'escalate')
      throw new Error(`${key} keeps crashing`, { cause: error });
    cell.budget = budget;
    const now = clock.now();
    if (isSpent && whenSpent === 'quarantine')
      become(cell, { at: 'quarantined', since: now, error });
    else {
      const since = cell.state.at === 'spent' ? cell.state.since : now;
      become(cell, { at: isSpent ? 'spent' : 'waiting', since, error, until: now + afterMs });
      const { generation } = cell;
      // Always through the clock: a child that dies at its start would be an endless loop otherwise.
      wake(cell, { type: 'backoff.ended', key, generation, clean }, afterMs, scope);
    }
    if (isNews) options.crashed({ key, error, restartInMs: isSpent ? null : afterMs });
    else log.debug({ actor: key, err: error, againInMs: afterMs }, 'it was tried in vain');
  };

  /** A child that is down already is not told to crash again: one fault may show more than once. */
  const escaped = (cell: Cell | undefined, { key, error }: EscapedEvent, scope: Scope) => {
    if (cell?.ref) {
      halt(cell, scope);
      crash(cell, error, scope);
    } else
      log.error({ actor: key, err: error }, 'an error escaped from an actor that does not run');
  };

  const lift = (cell: Cell, scope: Scope) => {
    halt(cell, scope);
    cell.budget = FULL_BUDGET;
    become(cell, { at: 'running' });
    // Whoever asks for it distrusts what was remembered.
    restart(cell, scope, true);
  };

  const crashed = ({ actorId, error }: ErrorEvent, scope: Scope) => {
    const key = actorId.slice(0, actorId.lastIndexOf('#'));
    const cell = cells.get(key);
    if (!cell) log.error({ child: key, err: error }, 'a child crashed as it was ending');
    else if (actorId === `${key}#${cell.generation}`) crash(cell, error, scope);
  };

  const stop = (cell: Cell, scope: Scope) => {
    halt(cell, scope);
    cells.delete(cell.child.key);
    isViewOld = true;
  };

  const tell = ({ child, ref }: Cell, event: EventObject) => {
    if (ref) attribution.to(child.key, () => ref.send(event));
    else child.unheard?.(event);
  };

  const handle = (event: SupervisorEvent, scope: Scope): void => {
    const cell = 'key' in event ? cells.get(event.key) : undefined;
    switch (event.type) {
      case 'child.start':
        start(event.child, scope);
        break;
      case 'child.stop':
        if (cell) stop(cell, scope);
        break;
      case 'child.tell':
        if (cell) tell(cell, event.event);
        break;
      case 'child.restart':
        if (cell) lift(cell, scope);
        break;
      case 'child.escaped':
        escaped(cell, event, scope);
        break;
      case 'children.tell':
        for (const each of cells.values()) if (each.ref) tell(each, event.event);
        break;
      case 'backoff.ended':
        if (cell?.ref === null && cell.generation === event.generation)
          restart(cell, scope, event.clean);
        break;
      case 'trial.ended':
        if (cell?.ref && cell.generation === event.generation) passTrial(cell);
    }
  };

  const step = (
    snapshot: SupervisorSnapshot,
    event: AnyEvent,
    scope: Scope,
  ): SupervisorSnapshot => {
    if (event.type === 'xstate.stop') {
      for (const cell of [...cells.values()].reverse()) stop(cell, scope);
      return { ...view(snapshot), status: 'stopped', error: undefined };
    }
    if (isError(event)) crashed(event, scope);
    else if (isOwn(event)) handle(event, scope);
    else options.heard(event, scope.self as AnyActorRef);
    return view(snapshot);
  };

  return {
    getInitialSnapshot: (scope) => {
      // Once the supervisor itself runs: its children need a parent that can hear them.
      scope.defer(() => {
        for (const child of options.children) scope.self.send({ type: 'child.start', child });
      });
      return { ...NO_CHILDREN };
    },
    getPersistedSnapshot: (snapshot) => snapshot,
    // Whoever's event it is: what it starts here, such as a child's next life, is not theirs.
    transition: (snapshot, event, scope) =>
      attribution.toNobody(() => step(snapshot, event, scope)),
  };
};

type EscapedEvent = Extract<SupervisorEvent, { type: 'child.escaped' }>;

interface ErrorEvent extends EventObject {
  actorId: string;
  error: unknown;
}

const NO_CHILDREN: SupervisorSnapshot = {
  status: 'active',
  output: undefined,
  error: undefined,
  running: 0,
  restarts: 0,
  quarantined: [],
  children: [],
};

const OWN_EVENTS = new Set<string>([
  'child.start',
  'child.stop',
  'child.tell',
  'child.restart',
  'child.escaped',
  'children.tell',
  'backoff.ended',
  'trial.ended',
] satisfies SupervisorEvent['type'][]);

const isOwn = (event: EventObject): event is SupervisorEvent => OWN_EVENTS.has(event.type);

const isError = (event: EventObject): event is ErrorEvent =>
  event.type.startsWith('xstate.error.actor.');

/** A snapshot that cannot be read is no reason not to watch: the child then begins clean. */
const restored = (child: Child, log: Log): Snapshot<unknown> | undefined => {
  try {
    return child.restore?.();
  } catch (error) {
    log.warn({ child: child.key, error: String(error) }, 'the stored snapshot could not be read');
    return undefined;
  }
};

/**
 * A machine that errors leaves its own children running (xstate 5.33, statelyai/xstate#5153), and
 * nothing public stops them afterwards.
 */
const reapOrphans = (ref: AnyActorRef | null): void => {
  const children: Record<string, AnyActorRef | undefined> = ref?.getSnapshot()?.children ?? {};
  for (const child of Object.values(children)) {
    if (!child) continue;
    reapOrphans(child);
    (child as AnyActorRef & { _stop(): void })._stop();
  }
};
