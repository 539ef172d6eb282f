import { PassThrough, type Readable } from 'node:stream';
import type { EventQuery, Log, Monitor } from '../../actors/ports.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';

type Filter = Pick<EventQuery, 'session' | 'event'>;

/** Where a reader wants to go on. Without an epoch the seq is taken to be of the current one. */
export interface Position {
  epoch: string | null;
  seq: number;
}

/** The journal as Server-Sent Events, replayed and then live, for any number of readers. */
export interface Feed {
  /** Without a position it begins with what happens next. */
  open(from: Position | null, filter: Filter): Readable;
  close(): void;
}

/**
 * Nothing is kept for a reader that does not keep up: it gets the rest from the journal when it
 * reads again, and is dropped after `stallMs`.
 */
export const createFeed = (options: {
  monitor: Pick<Monitor, 'events' | 'stats' | 'subscribe'>;
  log: Log;
  heartbeatMs: number;
  stallMs: number;
}): Feed => {
  const readers = new Set<Reader>();
  const stop = options.monitor.subscribe((events) => {
    for (const reader of readers) reader.committed(events);
  });
  const heartbeat = setInterval(() => {
    for (const reader of readers) reader.beat();
  }, options.heartbeatMs);
  heartbeat.unref();

  return {
    open: (from, filter) => {
      const reader = createReader(options, from, filter);
      readers.add(reader);
      reader.stream.once('close', () => readers.delete(reader));
      return reader.stream;
    },
    close: () => {
      stop();
      clearInterval(heartbeat);
      for (const reader of readers) reader.stream.end();
    },
  };
};

/** Reads a `Last-Event-ID`; one that this server never gave is a position in an unknown epoch. */
export const parseEventId = (id: string): Position => {
  const match = /^(?:(.+)-)?(\d{1,15})$/.exec(id);
  return match === null
    ? { epoch: '', seq: 0 }
    : { epoch: match[1] ?? null, seq: Number(match[2]) };
};

interface Reader {
  stream: PassThrough;
  committed(events: MonitorEvent[]): void;
  beat(): void;
}

const PAGE = 100;
const RETRY_MS = 2000;

const createReader = (
  options: { monitor: Pick<Monitor, 'events' | 'stats'>; log: Log; stallMs: number },
  from: Position | null,
  filter: Filter,
): Reader => {
  const { monitor, log, stallMs } = options;
  const stream = new PassThrough();
  let { epoch, last: newest } = monitor.stats().events;
  /** The last seq that this reader has been told, or that its filter left out, and its epoch. */
  let position = from?.seq ?? newest;
  let told = from?.epoch ?? epoch;
  let stall: NodeJS.Timeout | undefined;

  const isBlocked = () => stall !== undefined || stream.destroyed || stream.writableEnded;
  const write = (text: string) => {
    if (stream.write(text)) return;
    stall = setTimeout(() => {
      log.info({ stallMs }, 'a reader of the event stream does not read: it is dropped');
      stream.destroy();
    }, stallMs);
  };
  const restart = () => {
    position = newest;
    told = epoch;
    write(
      `event: reset\nid: ${epoch}-${position}\ndata: ${JSON.stringify({ epoch, seq: position })}\n\n`,
    );
  };
  /** Tells what the journal has after the position, as far as the reader reads. */
  const replay = () => {
    if (told !== epoch || position > newest) return restart();
    while (!isBlocked() && position < newest) {
      const page = monitor.events({ after: position, limit: PAGE, ...filter });
      if (page.reset) return restart();
      if (page.events.length > 0) write(page.events.map(frame).join(''));
      position = page.next ?? newest;
    }
  };

  /** For listeners, which have nobody above them: the reader ends, and may come back with its id. */
  const replayOrEnd = () => {
    try {
      replay();
    } catch (error) {
      log.error({ err: error }, 'the journal could not be read for the event stream');
      stream.destroy();
    }
  };

  stream.on('drain', () => {
    clearTimeout(stall);
    stall = undefined;
    replayOrEnd();
  });
  stream.once('close', () => clearTimeout(stall));

  // An id without data: a reader that is cut off before its first event still knows its place.
  write(`retry: ${RETRY_MS}\n${from === null ? `id: ${epoch}-${position}\n` : ''}\n`);
  replay();

  return {
    stream,
    committed: (events) => {
      newest = events.at(-1)?.seq ?? newest;
      epoch = events.at(-1)?.epoch ?? epoch;
      if (isBlocked()) return;
      if (told !== epoch || events[0]?.seq !== position + 1) return replayOrEnd();
      position = newest;
      const wanted = events.filter((event) => matches(event, filter));
      if (wanted.length > 0) write(wanted.map(frame).join(''));
    },
    beat: () => {
      if (!isBlocked()) write(': still here\n\n');
    },
  };
};

const matches = (event: MonitorEvent, filter: Filter): boolean =>
  (filter.session === undefined || filter.session === event.session) &&
  (filter.event === undefined || filter.event === event.event);

const frame = (event: MonitorEvent): string =>
  `id: ${event.epoch}-${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
