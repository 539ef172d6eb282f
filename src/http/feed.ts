import { PassThrough, type Readable } from 'node:stream';
import type { Log, Monitor } from '../../actors/ports.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { type Filter, type JournalReader, type Position, readJournal } from './journal-reader.ts';
import { type DropReason, type HttpMeter, NO_METER } from './meter.ts';

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
  meter?: HttpMeter;
  heartbeatMs: number;
  stallMs: number;
}): Feed => {
  const { meter = NO_METER } = options;
  const readers = new Set<Reader>();
  const counted = () => meter.reading('sse', readers.size);
  const stop = options.monitor.subscribe((events) => {
    for (const reader of readers) reader.committed(events);
  });
  const heartbeat = setInterval(() => {
    for (const reader of readers) reader.beat();
  }, options.heartbeatMs);
  heartbeat.unref();

  return {
    open: (from, filter) => {
      const reader = createReader({ ...options, meter }, from, filter);
      readers.add(reader);
      counted();
      reader.stream.once('close', () => {
        readers.delete(reader);
        counted();
      });
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

interface Reader extends Pick<JournalReader, 'committed'> {
  stream: PassThrough;
  beat(): void;
}

const RETRY_MS = 2000;

const createReader = (
  options: {
    monitor: Pick<Monitor, 'events' | 'stats'>;
    log: Log;
    meter: HttpMeter;
    stallMs: number;
  },
  from: Position | null,
  filter: Filter,
): Reader => {
  const { monitor, log, meter, stallMs } = options;
  const stream = new PassThrough();
  let stall: NodeJS.Timeout | undefined;

  const isBlocked = () => stall !== undefined || stream.destroyed || stream.writableEnded;
  const drop = (reason: DropReason) => {
    if (!stream.destroyed) meter.dropped('sse', reason);
    stream.destroy();
  };
  const write = (text: string) => {
    if (stream.write(text)) return;
    stall ??= setTimeout(() => {
      log.info({ stallMs }, 'a reader of the event stream does not read: it is dropped');
      drop('stalled');
    }, stallMs);
  };
  const journal = readJournal({
    ...{ monitor, log, from, filter },
    outlet: {
      isOpen: () => !isBlocked(),
      events: (events) => write(events.map(frame).join('')),
      reset: (at) =>
        write(`event: reset\nid: ${at.epoch}-${at.seq}\ndata: ${JSON.stringify(at)}\n\n`),
      fail: () => drop('unreadable'),
    },
  });

  stream.on('drain', () => {
    clearTimeout(stall);
    stall = undefined;
    journal.resume();
  });
  stream.once('close', () => {
    clearTimeout(stall);
    journal.stop();
  });

  // An id without data: a reader that is cut off before its first event still knows its place.
  const { epoch, seq } = journal.start;
  write(`retry: ${RETRY_MS}\n${from === null ? `id: ${epoch}-${seq}\n` : ''}\n`);
  journal.resume();

  return {
    stream,
    committed: journal.committed,
    beat: () => {
      if (!isBlocked()) write(': still here\n\n');
    },
  };
};

const frame = (event: MonitorEvent): string =>
  `id: ${event.epoch}-${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
