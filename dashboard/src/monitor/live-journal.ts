/** A journal that goes on by itself while somebody looks at it. */

import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { Problem } from './api.ts';
import { hear } from './feed.ts';
import { createFramed } from './framed.ts';
import {
  begunAnew,
  emptyJournal,
  type Journal,
  paused,
  resumed,
  rewanted,
  type Wanted,
  withNewEvent,
  withPast,
  withRoom,
} from './journal.ts';
import { type Extent, FEW, readBack, readExtent } from './journal-reader.ts';
import type { Feed } from './socket-feed.ts';

type Reading = { at: 'reading' } | { at: 'rest' } | { at: 'failed'; problem: string };

export interface LiveJournal {
  readonly journal: ReadonlySignal<Journal>;
  /** Of the past. */
  readonly reading: ReadonlySignal<Reading>;
  /** The oldest event that the monitor keeps; null where that is not known yet. */
  readonly oldest: ReadonlySignal<number | null>;
  /** How many events came at all since it began. */
  heard(): number;
  want(wanted: Wanted): void;
  pause(): void;
  resume(): void;
  readOlder(): void;
  end(): void;
}

/** So long after the last key press it is looked for what was typed. */
const SETTLE_MS = 250;

/** Nobody reads faster, and what is drawn more often only flickers. */
const REST_MS = 100;

interface Source {
  feed: Pick<Feed, 'hear'>;
  readExtent(): Promise<Extent>;
  readBack: typeof readBack;
}

export const followJournal = (
  wanted: Wanted,
  source: Source = { feed: { hear }, readExtent, readBack },
): LiveJournal => {
  const framed = createFramed(emptyJournal(wanted), REST_MS);
  const reading = signal<Reading>({ at: 'reading' });
  const oldest = signal<number | null>(null);
  let heard = 0;
  const nextTurn = createTurns();
  let settling: ReturnType<typeof setTimeout> | undefined;
  const read = (isOlder: boolean): void => {
    void readPast(isOlder, { ...source, framed, reading, oldest, isMine: nextTurn() });
  };
  const rest = (): void => {
    nextTurn();
    reading.value = { at: 'rest' };
  };
  const resume = (): void => {
    const { isOld } = framed.latest();
    framed.change(resumed(framed.latest()));
    if (isOld) read(false);
  };
  const end = source.feed.hear((message) => {
    if (message.type === 'snapshot') {
      framed.change(begunAnew(framed.latest()));
      // Who holds the page still is told all when it goes on.
      if (framed.latest().isOld) rest();
      else read(false);
    } else if (message.type === 'event') {
      heard += 1;
      const { type: _, ...event } = message;
      framed.change(withNewEvent(framed.latest(), event));
    }
  });
  read(false);
  return {
    ...{ journal: framed.shown, reading, oldest, heard: () => heard },
    want: (next) => {
      framed.change(rewanted(framed.latest(), next));
      nextTurn();
      reading.value = { at: 'reading' };
      clearTimeout(settling);
      settling = setTimeout(() => read(false), SETTLE_MS);
    },
    pause: () => framed.change(paused(framed.latest())),
    resume,
    readOlder: () => (framed.latest().isOld ? resume() : read(true)),
    end: () => {
      nextTurn();
      clearTimeout(settling);
      end();
    },
  };
};

/** Begins the next turn, and answers whether that is still the last one. */
const createTurns = (): (() => () => boolean) => {
  let last = 0;
  return () => {
    last += 1;
    const mine = last;
    return () => mine === last;
  };
};

interface Parts extends Source {
  framed: ReturnType<typeof createFramed<Journal>>;
  reading: Signal<Reading>;
  oldest: Signal<number | null>;
  /** Whether nobody has asked for anything else meanwhile. */
  isMine(): boolean;
}

const readPast = async (
  isOlder: boolean,
  { framed, reading, oldest, isMine, readExtent, readBack }: Parts,
): Promise<void> => {
  const { wanted, from } = framed.latest();
  reading.value = { at: 'reading' };
  try {
    const extent = await readExtent();
    const before = isOlder && from !== null ? from : extent.last + 1;
    const past = await readBack(wanted, { before, oldest: extent.oldest });
    if (!isMine()) return;
    const room = isOlder ? withRoom(framed.latest(), FEW) : framed.latest();
    framed.change(withPast(room, past));
    oldest.value = extent.oldest;
    reading.value = { at: 'rest' };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (isMine()) reading.value = { at: 'failed', problem: error.message };
  }
};
