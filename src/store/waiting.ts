/** What waits for a commit, in order. */
export interface Waiting<T> {
  push(item: T): void;
  all(): readonly T[];
  clear(): void;
  /** How many were dropped since the last `clear`, because too many waited. */
  dropped(): number;
}

/** Keeps at most `max` items: where the disk stays full, the oldest goes for each new one. */
export const createWaiting = <T>(max: number): Waiting<T> => {
  let items: T[] = [];
  let dropped = 0;
  return {
    push: (item) => {
      items.push(item);
      if (items.length <= max) return;
      items.shift();
      dropped += 1;
    },
    all: () => items,
    clear: () => {
      items = [];
      dropped = 0;
    },
    dropped: () => dropped,
  };
};
