/** One thread that judges; it is replaced where it does not answer in time, ended, or never began. */

import { Piscina } from 'piscina';
import type { JudgeRequest, Log } from '../../actors/ports.ts';
import type { Verdict } from '../../machines/vocabulary.ts';
import type { ProfileTables } from './custom-schema.ts';

export interface ThreadOptions {
  /** The worker's file, exporting `judge`. */
  filename: URL;
  profiles: ProfileTables;
  /** How long a new thread may take until it answers. */
  startWithinMs: number;
  log: Log;
}

export interface JudgingThread {
  /** Resolves once a thread answers; rejects with why none does, and the next call begins another. */
  begin(): Promise<void>;
  /** Rejects with a `LateError` where it took longer, else with what it failed with. */
  judge(requests: readonly JudgeRequest[], withinMs: number): Promise<Verdict[]>;
  close(): Promise<void>;
}

/** No answer came in time. */
export class LateError extends Error {
  override readonly name = 'LateError';
}

export const createThread = (options: ThreadOptions): JudgingThread => {
  const { startWithinMs, log } = options;
  let pool: Piscina | null = createPool(options);

  const run = async (requests: readonly JudgeRequest[], withinMs: number): Promise<Verdict[]> => {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), withinMs);
    pool ??= createPool(options);
    try {
      return await pool.run(requests, { name: 'judge', signal: deadline.signal });
    } catch (error) {
      throw deadline.signal.aborted ? new LateError(`no answer in ${withinMs} ms`) : error;
    } finally {
      clearTimeout(timer);
    }
  };

  /** Not awaited where it is replaced: it may be one that cannot even be ended. */
  const close = async (): Promise<void> => {
    const ending = pool;
    pool = null;
    await ending?.destroy();
  };

  return {
    begin: async () => {
      try {
        await run([], startWithinMs);
      } catch (error) {
        // Piscina 5.3 never replaces a thread that hangs, or failed, before it said that it is ready.
        close().catch((err: unknown) => log.error({ err }, 'a sight worker could not be ended'));
        throw error;
      }
    },
    judge: run,
    close,
  };
};

const createPool = ({ filename, profiles, log }: ThreadOptions): Piscina => {
  const pool = new Piscina({
    filename: filename.href,
    minThreads: 1,
    maxThreads: 1,
    workerData: { profiles },
    idleTimeout: Number.POSITIVE_INFINITY,
    // A screen that fills it ends the thread, not the monitor.
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MB },
  });
  pool.on('error', (error) => log.error({ err: error }, 'a sight worker failed'));
  return pool;
};

/** Some ten times what judging keeps. */
const THREAD_MB = 192;
