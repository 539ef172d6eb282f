/**
 * The parts that adapters start again by themselves, because only they know how: one policy for
 * all of them, and one place that knows how they are. None is ever given up: one whose budget is
 * spent is tried now and then, so that it heals with its cause, and runs on trial at first.
 */

import { type Budget, FULL_BUDGET, onFailure, type RestartPolicy } from '../machines/restart.ts';
import { crashEvent, messageOf, restartEvent } from './crash-news.ts';
import type { Clock, Journal, Log, Part, Stop, Supervised } from './ports.ts';

export interface Parts {
  /** A new part under this name. */
  add(name: string): Part;
  reports(): Supervised[];
  stop: Stop;
}

interface Entry {
  name: string;
  /** `idle`: it has not begun, or there is nothing for it to do. */
  status: 'idle' | 'running' | 'waiting';
  budget: Budget;
  restarts: number;
  /** A crash was told, and no restart since. */
  isToldDown: boolean;
  /** Since when it does not run, or not for long. */
  since: number;
  error: string;
  nextAt: number;
  /** Waits until one whose budget is spent has not failed for as long as the window. */
  trial: unknown;
}

const NEW_ENTRY = {
  status: 'idle',
  budget: FULL_BUDGET,
  restarts: 0,
  isToldDown: false,
  since: 0,
  error: '',
  nextAt: 0,
  trial: null,
} as const;

export const createParts = (options: {
  policy: RestartPolicy;
  journal: Pick<Journal, 'announce'>;
  clock: Clock;
  log: Log;
}): Parts => {
  const { policy, journal, clock, log } = options;
  const entries: Entry[] = [];

  const failed = (entry: Entry, error: unknown): number => {
    const { name: actor, status } = entry;
    const at = clock.now();
    const decision = onFailure(policy, entry.budget, clock.monotonic(), actor);
    const { budget, afterMs } = decision;
    const { isSpent } = budget;
    endTrial(entry);
    if (!isDown(entry)) entry.since = at;
    entry.status = 'waiting';
    entry.budget = budget;
    entry.error = messageOf(error);
    entry.nextAt = at + afterMs;
    // Told when it ends and when it is given up for now: not each of the attempts in between.
    if (decision.isNews && (isSpent || status === 'running')) {
      entry.isToldDown = true;
      log.warn({ actor, err: error, againInMs: afterMs }, 'a part does not run');
      const crash = { actor, session: '', error, restartInMs: isSpent ? null : afterMs };
      journal.announce([crashEvent(crash, at)]);
    }
    return afterMs;
  };

  const running = (entry: Entry): void => {
    const { status, isToldDown } = entry;
    if (status === 'running') return;
    entry.status = 'running';
    if (status === 'idle' && !isToldDown) return;
    entry.restarts += 1;
    if (entry.budget.isSpent) beginTrial(entry);
    else tellRunning(entry);
  };

  const idle = (entry: Entry): void => {
    entry.status = 'idle';
    if (entry.budget.isSpent) beginTrial(entry);
    // Whoever heard of the crash hears that it is over.
    else if (entry.isToldDown) tellRunning(entry);
  };

  const beginTrial = (entry: Entry): void => {
    entry.trial ??= clock.setTimeout(() => {
      entry.trial = null;
      entry.budget = FULL_BUDGET;
      if (entry.isToldDown && entry.status !== 'waiting') tellRunning(entry);
    }, policy.withinMs);
  };

  const endTrial = (entry: Entry): void => {
    clock.clearTimeout(entry.trial);
    entry.trial = null;
  };

  const tellRunning = (entry: Entry): void => {
    entry.isToldDown = false;
    log.info({ actor: entry.name }, 'a part is well again');
    journal.announce([restartEvent({ actor: entry.name, session: '' }, clock.now())]);
  };

  return {
    add: (name) => {
      const entry: Entry = { ...NEW_ENTRY, name };
      entries.push(entry);
      return {
        running: () => running(entry),
        idle: () => idle(entry),
        failed: (error) => failed(entry, error),
      };
    },
    reports: () => entries.map(report),
    stop: () => entries.forEach(endTrial),
  };
};

/** One that runs on trial counts as down still: how it is would change with every try. */
const isDown = ({ status, budget }: Entry): boolean =>
  status === 'waiting' || (status === 'running' && budget.isSpent);

const report = (entry: Entry): Supervised => {
  const { name: actor, status, budget, restarts, since, error, nextAt } = entry;
  const about = { actor, session: '', restarts };
  if (!isDown(entry)) return { ...about, status: 'running', since: null, error: '', nextAt: null };
  return {
    ...about,
    status: budget.isSpent ? 'spent' : 'waiting',
    since,
    error,
    nextAt: status === 'waiting' ? nextAt : null,
  };
};
