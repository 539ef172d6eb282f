/** Chance that can be repeated. */

export type Random = () => number;

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export const createRandom = (seed: number): Random => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const newSeed = (): number => Math.floor(Math.random() * 2 ** 31);
