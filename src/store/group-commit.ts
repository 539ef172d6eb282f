import { AsyncLocalStorage } from 'node:async_hooks';
import type Database from 'better-sqlite3';
import type { Check, Clock, Log } from '../../actors/ports.ts';
import { type CommitTold, timeCommits } from './commit-time.ts';
import { isPassing } from './failure.ts';

/** One who has something to write in the next commit. */
export interface Participant {
  /** Writes all that waits. Called again, with what came since, where the commit failed. */
  write(): void;
  /** What was written is on disk: forget it. */
  committed(): void;
  /** Tells others; called after every participant's `committed`. May ask for another commit. */
  tell?(): void;
  /** The commit failed. Whoever cannot wait for the next try gives up what it has here. */
  failed?(error: Error): void;
  /** How much waits, for people: `3 events`; empty for nothing worth a word. */
  waiting(): string;
}

export interface GroupCommit {
  join(participant: Participant): void;
  /** `now`: with all that this turn of the event loop brings; `soon`: within a second. */
  ask(when: 'now' | 'soon'): void;
  health(): Check;
  /** Commits what waits, at once, and takes no more. Answers false where that failed. */
  close(): boolean;
}

const SOON_MS = 1000;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 10_000;

interface Failure {
  error: Error;
  since: number;
  tries: number;
}

/**
 * The one writer of a database: everything that one turn of the event loop wants written goes into
 * one transaction. What cannot be written now stays with its participants and is tried again.
 */
export const createGroupCommit = (options: {
  sql: Database.Database;
  clock: Clock;
  log: Log;
  commitTold?: CommitTold | undefined;
}): GroupCommit => {
  const { sql, clock, log } = options;
  const timed = timeCommits(clock, options.commitTold);
  const participants: Participant[] = [];
  let immediate: NodeJS.Immediate | undefined;
  let timer: unknown;
  let failure: Failure | null = null;
  let closed = false;

  const writeAll = sql.transaction(() => {
    for (const participant of participants) participant.write();
  });

  const waiting = (): string =>
    participants
      .map((participant) => participant.waiting())
      .filter((text) => text !== '')
      .join(', ');

  const commit = (): boolean => {
    clearImmediate(immediate);
    clock.clearTimeout(timer);
    immediate = undefined;
    timer = undefined;
    try {
      timed(() => writeAll.immediate());
    } catch (error) {
      if (!isPassing(error)) throw error;
      failed(error);
      return false;
    }
    succeeded();
    for (const participant of participants) participant.committed();
    for (const participant of participants) participant.tell?.();
    return true;
  };

  const failed = (error: Error): void => {
    const { since, tries } = failure ?? { since: clock.now(), tries: 0 };
    failure = { error, since, tries: tries + 1 };
    if (tries === 0) log.error({ err: error }, `cannot write ${sql.name}: changes wait in memory`);
    for (const participant of participants) participant.failed?.(error);
    if (!closed) timer = clock.setTimeout(commit, retryDelay(tries));
  };

  const succeeded = (): void => {
    if (failure === null) return;
    log.info({ tries: failure.tries }, `${sql.name} is written again`);
    failure = null;
  };

  const ask = (when: 'now' | 'soon'): void => {
    if (closed || failure !== null || immediate !== undefined) return;
    if (when === 'now') immediate = setImmediate(commit);
    else timer ??= clock.setTimeout(commit, SOON_MS);
  };

  return {
    join: (participant) => participants.push(participant),
    // A commit is for all: what goes wrong with it is not the fault of the one who asked first.
    ask: AsyncLocalStorage.bind(ask),
    health: () => {
      if (failure === null) return { status: 'ok', detail: `writing ${sql.name}` };
      const since = new Date(failure.since).toISOString();
      const detail = `cannot write ${sql.name} since ${since}: ${failure.error.message}`;
      return { status: 'down', detail: `${detail}; waiting: ${waiting() || 'nothing'}` };
    },
    close: () => {
      closed = true;
      if (commit()) return true;
      log.error({ waiting: waiting() }, `${sql.name} could not be written before the end`);
      return false;
    },
  };
};

/** Every delay is the same for all: there is one writer, so nobody to stay out of step with. */
const retryDelay = (tries: number): number => Math.min(RETRY_MIN_MS * 2 ** tries, RETRY_MAX_MS);
