/** A map that forgets its oldest entries: what agents tell of may be without end. */

export interface Bounded<Value> {
  get(key: string): Value | undefined;
  /** As the newest. Answers what had to make room for it. */
  set(key: string, value: Value): Value | undefined;
  delete(key: string): void;
  /** The oldest first. */
  values(): Iterable<Value>;
}

export const createBounded = <Value>(max: number): Bounded<Value> => {
  const entries = new Map<string, Value>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      const [oldest] = entries;
      if (entries.size <= max || oldest === undefined) return undefined;
      entries.delete(oldest[0]);
      return oldest[1];
    },
    delete: (key) => {
      entries.delete(key);
    },
    values: () => entries.values(),
  };
};
