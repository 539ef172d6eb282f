import { setTimeout as delay } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Bus, Log } from '../../actors/ports.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import type { Names } from './names.ts';

const FINISHED_KEPT = 1000;
/** Nobody may be consuming: more than these are not kept waiting. */
const WAITING_KEPT = 10_000;
const TRIM_EVERY = 1000;
const CLOSE_TIMEOUT_MS = 500;

export interface Jobs extends Pick<Bus, 'enqueue'> {
  /** Lets go of the queue; its client is its owner's to close. */
  close(): Promise<void>;
}

/** Adds events to the BullMQ queue, for those who want each handled by one worker. */
export const createJobs = (options: {
  client: Redis;
  names: Names;
  log: Log;
  waitingKept?: number;
}): Jobs => {
  const { client, names, log, waitingKept = WAITING_KEPT } = options;
  let queue: Queue | undefined;
  let sinceTrim = TRIM_EVERY;

  const trim = async (waiting: Queue): Promise<void> => {
    const excess = (await waiting.getWaitingCount()) - waitingKept;
    if (excess <= 0) return;
    await waiting.clean(0, excess, 'wait');
    log.info({ trimmed: excess }, 'jobs that nobody took were dropped from the queue');
  };

  return {
    enqueue: async (events) => {
      // A queue that is created while Redis is away never recovers (BullMQ 6.7).
      if (client.status !== 'ready') throw new Error(`Redis is not ready: ${client.status}`);
      if (queue === undefined) await warnOfEviction(client, log);
      queue ??= await createQueue(client, names, log);
      await queue.addBulk(events.map(toJob));
      sinceTrim += events.length;
      if (sinceTrim < TRIM_EVERY) return;
      await trim(queue);
      sinceTrim = 0;
    },
    close: async () => {
      await Promise.race([queue?.close(), delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    },
  };
};

/** BullMQ is a fifth of the program: it is loaded here, behind the start, which others wait for. */
const createQueue = async (client: Redis, names: Names, log: Log): Promise<Queue> => {
  const { Queue } = await import('bullmq');
  const queue = new Queue(names.queue, {
    connection: client,
    prefix: names.queuePrefix,
    skipWaitingForReady: true,
    skipVersionCheck: true, // It writes to the console.
    defaultJobOptions: {
      removeOnComplete: { count: FINISHED_KEPT },
      removeOnFail: { count: FINISHED_KEPT },
    },
  });
  queue.on('error', (err) => log.debug({ err }, 'the job queue failed'));
  return queue;
};

/** A Redis that throws keys away when its memory is full throws parts of jobs away. */
const warnOfEviction = async (client: Redis, log: Log): Promise<void> => {
  const policy = /maxmemory_policy:(\S+)/.exec(await client.info('memory'))?.[1] ?? 'noeviction';
  if (policy === 'noeviction') return;
  log.warn({ policy }, 'Redis may drop events when it is full; set maxmemory-policy noeviction');
};

/** BullMQ takes no id that is a number or has a colon; the same id again adds nothing. */
const toJob = (event: MonitorEvent) => ({
  name: event.event,
  data: event,
  opts: { jobId: `${event.epoch}-${event.seq}` },
});
