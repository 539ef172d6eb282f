/** Sight on its own thread: many screens a task, and a deadline that no screen can hold up. */

import type { Clock, JudgeRequest, Log, Part, Sight } from '../../actors/ports.ts';
import type { Verdict } from '../../machines/vocabulary.ts';
import { unknownVerdict } from './classify.ts';
import type { ProfileTables } from './custom-schema.ts';
import { identityOf } from './fingerprint.ts';
import { createThread, LateError } from './judging-thread.ts';

export interface SightOptions {
  clock: Clock;
  log: Log;
  /** The thread. One that ends at a screen is replaced at once; this is about one that cannot begin. */
  part: Part;
  /** The user's own, as they were checked at the start. */
  profiles?: ProfileTables;
  /** How long one task may take beside what its screens are allowed, time in the queue aside. */
  deadlineMs?: number;
  /** How long a new thread may take until it answers. */
  startWithinMs?: number;
  /** Screens in one task at most. */
  maxBatch?: number;
  /** The worker's file, exporting `judge`. */
  filename?: URL;
}

export interface ClosableSight extends Sight {
  close(): Promise<void>;
}

/**
 * One thread judges some 10,000 screens a second. Requests of one turn of the event loop, and those
 * that come while it is busy, go as one task. A task that misses the deadline or fails is done again
 * screen by screen, so that a screen that cannot be judged costs no other screen's verdict.
 */
export const createSight = ({
  clock,
  log,
  part,
  profiles = {},
  deadlineMs = 500,
  startWithinMs = 10_000,
  maxBatch = 128,
  filename = new URL('./worker.ts', import.meta.url),
}: SightOptions): ClosableSight => {
  const thread = createThread({ filename, profiles, startWithinMs, log });
  const waiting: Waiting[] = [];
  let isBusy = false;
  let isScheduled = false;
  let isReady = false;
  let isClosed = false;
  const { reportBatch, reportScreen } = createReports(clock, log);

  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      if (waiting.length > 0 && !isBusy) start(waiting.splice(0, nextSize()));
    });
  };

  const nextSize = (): number => {
    const loner = waiting.findIndex(({ alone }) => alone);
    return loner === 0 ? 1 : Math.min(loner === -1 ? waiting.length : loner, maxBatch);
  };

  const start = (batch: Waiting[]) => {
    isBusy = true;
    judgeWithThread(batch)
      .catch((error: unknown) => {
        log.error({ err: error }, 'verdicts were lost');
        // Nobody may be left to wait for one: what is typed waits for a look.
        giveUp(batch, 'failed');
      })
      .finally(() => {
        isBusy = false;
        schedule();
      });
  };

  /** Without a thread there are no verdicts, whatever the screens; what comes next waits for one. */
  const judgeWithThread = async (batch: Waiting[]): Promise<void> => {
    const trouble = await beginThread();
    if (trouble === null || isClosed) return judgeBatch(batch);
    giveUp(batch, 'unavailable');
    await pause(clock, part.failed(trouble));
  };

  /** Null once a thread answers, else why none does. */
  const beginThread = async (): Promise<unknown> => {
    if (isReady || isClosed) return null;
    try {
      await thread.begin();
    } catch (error) {
      return error;
    }
    isReady = true;
    part.running();
    return null;
  };

  const giveUp = (batch: Waiting[], why: Failure) => {
    for (const { resolve } of batch) resolve(unknownVerdict(why, `sight.${why}`));
  };

  const judgeBatch = async (batch: Waiting[]): Promise<void> => {
    const verdicts = await attempt(batch);
    if (Array.isArray(verdicts)) {
      for (const [index, { resolve }] of batch.entries()) resolve(verdicts[index] as Verdict);
      return;
    }
    if (batch.length > 1 && !isClosed) {
      reportBatch(batch.length, verdicts);
      waiting.unshift(...batch.map((each) => ({ ...each, alone: true })));
      return;
    }
    giveUp(batch, verdicts);
  };

  /** The verdicts, or why there are none. */
  const attempt = async (batch: readonly Waiting[]): Promise<Verdict[] | Failure> => {
    if (isClosed) return 'closed';
    try {
      const requests = batch.map(({ request }) => request);
      return await thread.judge(requests, deadlineMs + batch.length * SCREEN_MS);
    } catch (error) {
      isReady = false;
      if (isClosed) return 'closed';
      const [only, ...others] = batch;
      if (only && others.length === 0) reportScreen(error, only.request);
      return error instanceof LateError ? 'deadline' : 'failed';
    }
  };

  return {
    judge: (request) =>
      new Promise((resolve) => {
        waiting.push({ request, resolve, alone: false });
        schedule();
      }),
    close: async () => {
      isClosed = true;
      await thread.close();
    },
  };
};

/** What fails is asked for many times a second, so not each failure is told. */
const createReports = (clock: Clock, log: Log) => {
  const reported = new Set<string>();
  let batches = 0;
  let nextAt = Number.NEGATIVE_INFINITY;

  return {
    reportBatch: (screens: number, failure: Failure) => {
      batches += 1;
      if (clock.monotonic() < nextAt) return;
      nextAt = clock.monotonic() + REPORT_EVERY_MS;
      log.warn({ screens, failure, batches }, 'judging screen by screen');
      batches = 0;
    },
    /** What fails at a screen is told once. */
    reportScreen: (error: unknown, { kind, text, width, height }: JudgeRequest) => {
      const failure = `${kind} ${error instanceof Error ? error.message : error}`;
      if (reported.has(failure)) return;
      reported.add(failure);
      const [oldest = ''] = reported;
      if (reported.size > MAX_REPORTED) reported.delete(oldest);
      const size = `${width}x${height}`;
      log.warn(
        { err: error, kind, size, screen: identityOf([text]) },
        'a screen could not be judged',
      );
    },
  };
};

/** A hundred times what a screen costs: a loaded machine, or code not yet compiled, is no failure. */
const SCREEN_MS = 10;
const MAX_REPORTED = 100;
/** Of batches that failed; those between are counted. */
const REPORT_EVERY_MS = 60_000;

interface Waiting {
  request: JudgeRequest;
  resolve: (verdict: Verdict) => void;
  /** It was in a task that failed: it may be the reason. */
  alone: boolean;
}

type Failure = 'deadline' | 'failed' | 'unavailable' | 'closed';

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimeout(resolve, ms);
  });
