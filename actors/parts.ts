/**
 * The parts that adapters start again by themselves, because only they know how: one policy for
 * all of them, and one place that knows how they are. None is ever given up: one whose budget is
 * spent is tried now and then, so that it heals with its cause.
 */

import { onCrash, type RestartPolicy } from '../machines/restart.ts';
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
  /** `beginning`: it never ran. */
  status: 'beginning' | 'running' | 'waiting' | 'spent';
  restarts: number;
  failures: number[];
  since: number;
  error: string;
  nextAt: number;
  /** It was told that it is given up for now, so that it must prove itself before more is told. */
  isProbing: boolean;
  proof: unknown;
}

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
    const now = clock.monotonic();
    const at = clock.now();
    entry.failures = [...entry.failures.filter((time) => now - time < policy.withinMs), now];
    const { kind, afterMs } = onCrash(policy, entry.failures, now, actor);
    const isSpent = kind === 'spent';
    // Told when it ends and when it is given up for now: not each of the attempts in between.
    const isNews = !entry.isProbing && (isSpent || status === 'running');
    clock.clearTimeout(entry.proof);
    entry.isProbing ||= isSpent;
    if (isNews) {
      const crash = { actor, session: '', error, restartInMs: isSpent ? null : afterMs };
      log.warn({ actor, err: error, againInMs: afterMs }, 'a part does not run');
      journal.announce([crashEvent(crash, at)]);
    }
    entry.since = status === 'waiting' || status === 'spent' ? entry.since : at;
    entry.status = isSpent ? 'spent' : 'waiting';
    entry.error = messageOf(error);
    entry.nextAt = at + afterMs;
    return afterMs;
  };

  const running = (entry: Entry): void => {
    const { status } = entry;
    if (status === 'running') return;
    entry.status = 'running';
    if (status === 'beginning') return;
    entry.restarts += 1;
    if (entry.isProbing) entry.proof = clock.setTimeout(() => tellRunning(entry), policy.withinMs);
    else tellRunning(entry);
  };

  const tellRunning = (entry: Entry): void => {
    entry.isProbing = false;
    log.info({ actor: entry.name }, 'a part runs again');
    journal.announce([restartEvent({ actor: entry.name, session: '' }, clock.now())]);
  };

  return {
    add: (name) => {
      const entry: Entry = {
        ...{ name, status: 'beginning', restarts: 0, failures: [] },
        ...{ since: clock.now(), error: '', nextAt: 0 },
        ...{ isProbing: false, proof: null },
      };
      entries.push(entry);
      return {
        running: () => running(entry),
        failed: (error) => failed(entry, error),
      };
    },
    reports: () => entries.map(report),
    stop: () => {
      for (const { proof } of entries) clock.clearTimeout(proof);
    },
  };
};

const report = ({ name, status, restarts, since, error, nextAt }: Entry): Supervised => {
  const about = { actor: name, session: '', restarts };
  return status === 'waiting' || status === 'spent'
    ? { ...about, status, since, error, nextAt }
    : { ...about, status: 'running', since: null, error: '', nextAt: null };
};
