/** A journal that goes on by itself while somebody looks at it. */

import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { Problem } from './api.ts';
import { hear } from './feed.ts';
import { createFramed } from './framed.ts';
import {
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
import { FEW, readBack, readExtent } from './journal-reader.ts';

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

export const followJournal = (wanted: Wanted): LiveJournal => {
  const framed = createFramed(emptyJournal(wanted), REST_MS);
  const reading = signal<Reading>({ at: 'reading' });
  const oldest = signal<number | null>(null);
  let heard = 0;
  let settling: ReturnType<typeof setTimeout> | undefined;
  const read = (isOlder: boolean): void => {
    void readPast(isOlder, { framed, reading, oldest });
  };
  const end = hear((message) => {
    if (message.type === 'snapshot') {
      framed.change(emptyJournal(framed.latest().wanted));
      read(false);
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
      reading.value = { at: 'reading' };
      clearTimeout(settling);
      settling = setTimeout(() => read(false), SETTLE_MS);
    },
    pause: () => framed.change(paused(framed.latest())),
    resume: () => framed.change(resumed(framed.latest())),
    readOlder: () => read(true),
    end: () => {
      clearTimeout(settling);
      end();
    },
  };
};

interface Parts {
  framed: ReturnType<typeof createFramed<Journal>>;
  reading: Signal<Reading>;
  oldest: Signal<number | null>;
}

const readPast = async (isOlder: boolean, { framed, reading, oldest }: Parts): Promise<void> => {
  const { wanted, from } = framed.latest();
  reading.value = { at: 'reading' };
  try {
    const extent = await readExtent();
    const before = isOlder && from !== null ? from : extent.last + 1;
    const past = await readBack(wanted, { before, oldest: extent.oldest });
    // Something else is wanted meanwhile, and read by another call.
    if (framed.latest().wanted !== wanted) return;
    const room = isOlder ? withRoom(framed.latest(), FEW) : framed.latest();
    framed.change(withPast(room, past));
    oldest.value = extent.oldest;
    reading.value = { at: 'rest' };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (framed.latest().wanted === wanted) reading.value = { at: 'failed', problem: error.message };
  }
};
