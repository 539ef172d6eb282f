import type { InteractionLog } from '../../actors/ports.ts';

type Counted = Parameters<InteractionLog['count']>[0];

/** Counts what comes often, so that a flood of it is a few rows. */
export interface Tallies {
  /** `begun`: it needs a row of its own, which is not to wait. */
  count(entry: Counted, what: string): 'begun' | 'counted';
  /** Writes all that has changed since the last `written`. */
  write(rows: {
    /** Answers the row's id. */
    insert(entry: Counted, detail: string): number;
    update(id: number, detail: string): void;
  }): void;
  /** What was written is on disk. */
  written(): void;
}

export const createTallies = (): Tallies => {
  /** By session, caller, source and action, the longest begun first. */
  const tallies = new Map<string, Tally>();
  const changed = new Set<Tally>();
  /** The rows that this transaction has begun, which may still fail. */
  const begun = new Map<Tally, number>();

  const begin = (key: string, entry: Counted): Tally => {
    const tally = { entry, counts: new Map<string, number>(), id: null };
    tallies.delete(key);
    tallies.set(key, tally);
    const [oldest] = tallies.keys();
    if (tallies.size > MOST_TALLIES && oldest !== undefined) tallies.delete(oldest);
    return tally;
  };

  return {
    count: (entry, what) => {
      const { session, key: life, caller, source, action, at } = entry;
      const key = JSON.stringify([session, life, caller, source, action]);
      const current = tallies.get(key);
      const isCurrent = current !== undefined && Math.abs(at - current.entry.at) < TALLY_MS;
      const tally = isCurrent ? current : begin(key, entry);
      const { counts } = tally;
      const name = counts.has(what) || counts.size < MOST_NAMES ? what : OTHERS;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      changed.add(tally);
      return isCurrent ? 'counted' : 'begun';
    },
    write: ({ insert, update }) => {
      begun.clear();
      for (const tally of changed) {
        const detail = detailOf(tally);
        if (tally.id !== null) update(tally.id, detail);
        else begun.set(tally, insert(tally.entry, detail));
      }
    },
    written: () => {
      for (const [tally, id] of begun) tally.id = id;
      begun.clear();
      changed.clear();
    },
  };
};

interface Tally {
  /** As it was first. */
  entry: Counted;
  counts: Map<string, number>;
  /** Of its row; null while there is none. */
  id: number | null;
}

const TALLY_MS = 60 * 60 * 1000;
const MOST_TALLIES = 10_000;
const MOST_NAMES = 20;
const OTHERS = 'others';

const detailOf = ({ counts }: Tally): string =>
  [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
