/** Tells committed events to Redis, in order and from where it stopped, whatever Redis does. */

import { fromCallback } from 'xstate';
import type { MonitorEvent } from '../machines/vocabulary.ts';
import { BusForeign } from './errors.ts';
import type { Bus, Clock, Log, Outbox, RelayStatus } from './ports.ts';
import { createPump, type Pump } from './pump.ts';

export interface RelayPorts {
  outbox: Outbox;
  bus: Bus;
  clock: Clock;
  log: Log;
  /** From 0 to 1, to keep several monitors from trying in step. */
  random: () => number;
  report: (status: RelayStatus) => void;
}

const STREAM_BATCH = 500;
/** BullMQ prepares all jobs of one call in one go: a fifth blocks the event loop a fifth as long. */
const JOBS_BATCH = 100;
/** A stream that was emptied while nothing happens is noticed after this. */
const LOOK_EVERY_MS = 30_000;
const CONNECTING = 'connecting to Redis';
const AWAY = 'Redis is away; events wait in the journal';

/**
 * The relay never fails and never gives up. Stream and job queue each have a pump of their own, so
 * that trouble with one does not hold up the other.
 */
export const relayLogic = (ports: RelayPorts) =>
  fromCallback(() => {
    const { outbox, bus, clock } = ports;
    const status = createStatus(ports);
    let isReady = false;
    let timer: unknown;

    const startPump = (name: string, step: () => Promise<boolean>): Pump =>
      createPump({
        clock,
        random: ports.random,
        step: async () => {
          if (!isReady) return false;
          const more = await step();
          status.worked(name);
          return more;
        },
        isStubborn: (error) => error instanceof BusForeign,
        failed: (error) => status.failed(name, error),
      });

    const stream = createStreamStep(ports, status.relayed);
    const jobs = createJobsStep(ports);
    const pumps = [startPump('stream', stream.step), startPump('jobs', jobs.step)];

    const look = (): void => {
      stream.forget();
      for (const pump of pumps) pump.wake();
      timer = clock.setTimeout(look, LOOK_EVERY_MS);
    };
    timer = clock.setTimeout(look, LOOK_EVERY_MS);

    const stopCommits = outbox.onCommit((events) => {
      stream.offer(events);
      jobs.offer(events);
      for (const pump of pumps) pump.wake();
    });
    const stopReady = bus.onReady((ready, why) => {
      isReady = ready;
      status.ready(ready, why);
      stream.forget();
      if (ready) for (const pump of pumps) pump.restart();
    });

    return () => {
      stopCommits();
      stopReady();
      clock.clearTimeout(timer);
      for (const pump of pumps) pump.stop();
    };
  });

/** A step tells one batch and answers whether there may be more. */
interface Step {
  step(): Promise<boolean>;
  /** What was just committed; saves reading it back. */
  offer(events: MonitorEvent[]): void;
}

const createStreamStep = (
  { outbox, bus, log }: RelayPorts,
  relayed: (seq: number) => void,
): Step & { forget(): void } => {
  const take = createReader(outbox, STREAM_BATCH);
  /** Where the stream ends, or null where only the stream knows. */
  let at: number | null = null;
  let published = 0;
  let surprises = 0;

  const findPosition = async (): Promise<number> => {
    let position = await bus.position();
    if (position > outbox.last()) {
      log.error(
        { position, last: outbox.last() },
        'the journal is older than the stream: new epoch',
      );
      outbox.renewEpoch();
      position = await bus.position();
    }
    // What is in the stream was published with it; what was published may have left the stream.
    published = outbox.cursor('published');
    publishedUpTo(position);
    relayed(position);
    return position;
  };

  const publishedUpTo = (seq: number): void => {
    if (seq <= published) return;
    published = seq;
    outbox.moveCursor('published', seq);
  };

  const moveTo = (seq: number): void => {
    at = seq;
    surprises = 0;
    publishedUpTo(seq);
    relayed(seq);
  };

  return {
    offer: take.offer,
    forget: () => {
      at = null;
    },
    step: async () => {
      const from = at ?? (await findPosition());
      const events = take.after(Math.max(from, outbox.last() - bus.streamLength));
      const last = events.at(-1);
      // While the answer is out, nobody knows where the stream ends.
      at = last === undefined ? from : null;
      if (last === undefined) return false;

      const end = await bus.append(events, from, published);
      if (end === last.seq) moveTo(end);
      else surprises += 1;
      if (surprises > 1) throw new Error('something else writes to the event stream in Redis');
      return true;
    },
  };
};

const createJobsStep = ({ outbox, bus }: RelayPorts): Step => {
  const take = createReader(outbox, JOBS_BATCH);
  return {
    offer: take.offer,
    step: async () => {
      const events = take.after(outbox.cursor('jobs'));
      const last = events.at(-1);
      if (last === undefined) return false;
      await bus.enqueue(events);
      outbox.moveCursor('jobs', last.seq);
      return true;
    },
  };
};

/** Reads the outbox in batches, but what was just committed only where it does not follow on. */
const createReader = (outbox: Outbox, limit: number) => {
  let offered: MonitorEvent[] = [];
  return {
    offer: (events: MonitorEvent[]): void => {
      offered = events;
    },
    after: (seq: number): MonitorEvent[] => {
      const [first] = offered;
      const follows = first?.seq === seq + 1 && first.epoch === outbox.epoch;
      const events = follows ? offered.slice(0, limit) : outbox.after(seq, limit);
      offered = [];
      return events;
    },
  };
};

/** Keeps what is wrong with each pump, reports every change, and logs when the trouble is another. */
const createStatus = ({ report, log }: RelayPorts) => {
  const problems = new Map<string, string>();
  let lastRelayed = 0;
  let link = CONNECTING;
  let logged = CONNECTING;

  const tell = (): void => {
    const detail = link === '' ? [...problems.values()].join('; ') : link;
    report({ state: detail === '' ? 'relaying' : 'degraded', lastRelayed, detail });
    if (detail === logged) return;
    logged = detail;
    if (detail === '') log.info({ lastRelayed }, 'events are told to Redis');
    else log.warn({ detail, lastRelayed }, 'events are not told to Redis');
  };

  tell();
  return {
    ready: (ready: boolean, why = ''): void => {
      link = ready ? '' : `${AWAY}${why === '' ? '' : `: ${why}`}`;
      tell();
    },
    relayed: (seq: number): void => {
      lastRelayed = seq;
      tell();
    },
    worked: (pump: string): void => {
      if (problems.delete(pump)) tell();
    },
    failed: (pump: string, error: unknown): void => {
      const message = error instanceof Error ? error.message : String(error);
      problems.set(pump, `${pump}: ${message}`);
      tell();
    },
  };
};
