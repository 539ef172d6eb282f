/**
 * The session machine with its effects: every step that changes something is handed to the journal
 * together with what it tells the world, and the next deadline is kept by one timer.
 */

import type { ActorScope, AnyActorLogic, AnyActorRef, AnyEventObject } from 'xstate';
import { announcements } from '../machines/announcements.ts';
import { weigh } from '../machines/hearing.ts';
import { isOldNews } from '../machines/old-news.ts';
import { nextDeadline, type SessionSnapshot, sessionMachine } from '../machines/session.ts';
import type { SessionEvent } from '../machines/session-context.ts';
import { indicatorsOf } from '../machines/told.ts';
import { type ConnectionPorts, connectionLogic } from './connection.ts';
import type { AgentRow, Clock, Journal } from './ports.ts';

export interface SessionPorts extends ConnectionPorts {
  journal: Pick<Journal, 'record'>;
}

/** Answers a maker of logic: each session actor needs its own, since it keeps a timer. */
export const sessionLogics = (ports: SessionPorts): (() => AnyActorLogic) => {
  const machine = sessionMachine.provide({ actors: { connection: connectionLogic(ports) } });
  return () => recording(machine, ports);
};

const recording = (machine: typeof sessionMachine, { journal, clock }: SessionPorts) => {
  const alarm = createAlarm(clock);
  let output = '';

  const record = (before: SessionSnapshot, after: SessionSnapshot, at: number) => {
    const events = announcements(before, after, at, output);
    if (events.length === 0 && !differs(before, after)) return;
    journal.record({ row: toRow(after), snapshot: persisted(machine, after), events });
  };

  const step = (
    before: SessionSnapshot,
    event: AnyEventObject,
    scope: ActorScope<SessionSnapshot, AnyEventObject>,
  ): SessionSnapshot => {
    if (typeof event.output === 'string') output = event.output;
    const weighed = weigh(before.context, event as SessionEvent);
    if (isOldNews(before, weighed)) return before;
    if (event.type === 'clock.jumped') alarm.heardOfJump();
    const after = machine.transition(before, weighed as never, scope as never) as SessionSnapshot;
    if (after.status !== 'active') {
      alarm.clear();
      return after;
    }
    record(before, after, typeof event.at === 'number' ? event.at : clock.now());
    alarm.set(nextDeadline(after), scope.self);
    return after;
  };

  // The machine is the prototype, so that dev tools still find its definition.
  return Object.assign(Object.create(machine) as typeof machine, {
    transition: (
      before: SessionSnapshot,
      event: AnyEventObject,
      scope: ActorScope<SessionSnapshot, AnyEventObject>,
    ) => {
      try {
        return step(before, event, scope);
      } catch (error) {
        alarm.clear();
        throw error;
      }
    },
  }) as AnyActorLogic;
};

/** A timer this late, or a wall clock this far from where it was, says that time was not lived through. */
const MAX_DRIFT_MS = 5_000;
/** The wall clock counts whole milliseconds: the same deadline seems to be sooner by less than one. */
const SAME_MS = 1;

/**
 * One timer for the earliest deadline. Deadlines are compared by the time that is left, since a clock
 * that was set forth makes the soonest of them seem the latest. One that moved further away is found
 * out on waking. So is a clock that was set and a process that was stopped, before any deadline is
 * taken for past: whoever watches the clock for all may say so only a moment later.
 */
const createAlarm = (clock: Clock) => {
  let timer: unknown = null;
  let dueAt = Number.POSITIVE_INFINITY;
  const offsetNow = () => clock.now() - clock.monotonic();
  let offset = offsetNow();
  const heardOfJump = () => {
    offset = offsetNow();
  };
  const clear = () => {
    if (timer !== null) clock.clearTimeout(timer);
    timer = null;
    dueAt = Number.POSITIVE_INFINITY;
  };
  const wake = (self: AnyActorRef) => {
    const lateMs = clock.monotonic() - dueAt;
    const driftMs = Math.abs(offsetNow() - offset);
    heardOfJump();
    clear();
    if (lateMs > MAX_DRIFT_MS || driftMs > MAX_DRIFT_MS)
      self.send({ type: 'clock.jumped', at: clock.now() });
    self.send({ type: 'clock.ticked', at: clock.now() });
  };
  const set = (deadline: number | null, self: AnyActorRef) => {
    if (deadline === null) return clear();
    const inMs = Math.max(0, deadline - clock.now());
    const at = clock.monotonic() + inMs;
    if (at + SAME_MS >= dueAt) return;
    clear();
    dueAt = at;
    timer = clock.setTimeout(() => wake(self), inMs);
  };
  return { set, clear, heardOfJump };
};

/** What can be stored and restored. The connection is made anew, so its part is left out. */
const persisted = (machine: typeof sessionMachine, snapshot: SessionSnapshot): unknown => ({
  ...(machine.getPersistedSnapshot(snapshot) as object),
  children: {},
});

const differs = (before: SessionSnapshot, after: SessionSnapshot): boolean =>
  before.context.lastActivity !== after.context.lastActivity ||
  // Without news it changes only where the clock was set: the next life must know that.
  before.context.meaningfulAt !== after.context.meaningfulAt ||
  before.context.since !== after.context.since ||
  before.context.facts !== after.context.facts ||
  // What is ticked in it, or where its cursor stands.
  before.context.dialog !== after.context.dialog ||
  before.context.reason !== after.context.reason ||
  before.context.progressSource !== after.context.progressSource ||
  before.context.restarts !== after.context.restarts ||
  before.context.told !== after.context.told ||
  before.value.connection !== after.value.connection;

const toRow = ({ value, context }: SessionSnapshot): AgentRow => {
  const { facts, counted } = context;
  return {
    key: context.key,
    session: facts.session,
    kind: facts.kind,
    state: value.activity,
    since: context.since,
    reason: context.reason,
    rule: context.rule,
    evidence: context.evidence,
    attention: value.attention,
    dialog: context.dialog,
    todos: context.todos,
    progress: context.progress,
    progressSource: context.progressSource,
    indicators: indicatorsOf(counted.indicators, context.told),
    connection: value.connection,
    restarts: context.restarts,
    lastActivity: context.lastActivity,
    pane: facts.pane,
    otherPanes: facts.otherPanes,
    cwd: facts.cwd,
    title: facts.title,
    queued: 0,
    machine: value,
    goneAt: context.goneAt,
  };
};
