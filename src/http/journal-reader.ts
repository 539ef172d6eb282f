import type { EventQuery, Log, Monitor, Stop } from '../../actors/ports.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';

/** What a reader wants to hear of; of everything where nothing is named. */
export type Filter = Pick<EventQuery, 'session' | 'sessions' | 'event'>;

/** Where a reader wants to go on. Without an epoch the seq is taken to be of the current one. */
export interface Position {
  epoch: string | null;
  seq: number;
}

/** Where one reader's part of the journal goes. */
export interface Outlet {
  /** False while it can take no more; `resume` is called when it can again. */
  isOpen(): boolean;
  /** What the filter lets through, in order. */
  events(events: MonitorEvent[]): void;
  /** What was told before is no longer true: the agents must be read anew, events go on after `at`. */
  reset(at: { epoch: string; seq: number }): void;
  /** The journal could not be read: the reader must come back by itself. */
  fail(): void;
}

export interface JournalReader {
  /** How far the journal was when it began. */
  readonly start: { epoch: string; seq: number };
  /** How far it has told. */
  position(): Position;
  /** Tells what the journal has after the position, as far as the outlet takes it. */
  resume(): void;
  /** Takes what was just committed. */
  committed(events: MonitorEvent[]): void;
  /** Tells no more. */
  stop: Stop;
}

/** What is read and told in one turn of the event loop. */
const PAGE = 100;

/**
 * Tells the journal from a position on, replayed and then live, each event once and in order.
 * Nothing is kept for an outlet that takes no more: it gets the rest from the journal at `resume`.
 * @param from - without a position it begins with what happens next.
 */
export const readJournal = (options: {
  monitor: Pick<Monitor, 'events' | 'stats'>;
  log: Log;
  from: Position | null;
  filter: Filter;
  outlet: Outlet;
}): JournalReader => {
  const { monitor, log, from, filter, outlet } = options;
  let { epoch, last: newest } = monitor.stats().events;
  /** The last seq that this reader has been told, or that its filter left out, and its epoch. */
  let position = from?.seq ?? newest;
  let told = from?.epoch ?? epoch;

  const restart = () => {
    position = newest;
    told = epoch;
    outlet.reset({ epoch, seq: position });
  };
  const replayPage = () => {
    if (told !== epoch || position > newest) return restart();
    if (!outlet.isOpen() || position === newest) return;
    const page = monitor.events({ after: position, limit: PAGE, ...filter });
    if (page.reset) return restart();
    // One by one: a page of large events is more than an outlet may hold.
    for (const event of page.events) {
      if (!outlet.isOpen()) return;
      outlet.events([event]);
      position = event.seq;
    }
    // The journal may be ahead of what this reader was told of.
    position = page.next ?? Math.max(newest, page.events.at(-1)?.seq ?? 0);
    if (page.next !== null) nextPage = setImmediate(replay);
  };

  const replay = () => {
    nextPage = null;
    try {
      replayPage();
    } catch (error) {
      log.error({ err: error }, 'the journal could not be read for one who follows it');
      outlet.fail();
    }
  };
  let nextPage: NodeJS.Immediate | null = null;
  const resume = () => {
    if (nextPage === null) replay();
  };

  return {
    start: { epoch, seq: newest },
    position: () => ({ epoch: told, seq: position }),
    resume,
    committed: (events) => {
      newest = events.at(-1)?.seq ?? newest;
      epoch = events.at(-1)?.epoch ?? epoch;
      if (nextPage !== null || !outlet.isOpen()) return;
      if (told !== epoch || events[0]?.seq !== position + 1) return resume();
      position = newest;
      const wanted = events.filter((event) => matches(event, filter));
      if (wanted.length > 0) outlet.events(wanted);
    },
    stop: () => {
      if (nextPage !== null) clearImmediate(nextPage);
    },
  };
};

/** A session that changes its name is told to those of both names. */
const matches = ({ session, event, previousSession }: MonitorEvent, filter: Filter): boolean => {
  const isNamed = (name: unknown): boolean =>
    (filter.session ?? name) === name && (filter.sessions?.includes(String(name)) ?? true);
  return (
    (filter.event ?? event) === event &&
    (isNamed(session) || (event === 'session_renamed' && isNamed(previousSession)))
  );
};
