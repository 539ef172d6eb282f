import type { Part } from '../../actors/ports.ts';

export interface RecordedPart extends Part {
  /** What it failed with, in order. */
  readonly failures: unknown[];
  /** How often it was said to run. */
  readonly runs: number;
  /** How often it was said to have nothing to do. */
  readonly idles: number;
}

/** A part that is always to be tried again after the same time. */
export const createRecordedPart = (retryMs = 20): RecordedPart => {
  const failures: unknown[] = [];
  let runs = 0;
  let idles = 0;
  return {
    failures,
    get runs() {
      return runs;
    },
    get idles() {
      return idles;
    },
    running: () => {
      runs += 1;
    },
    idle: () => {
      idles += 1;
    },
    failed: (error) => {
      failures.push(error);
      return retryMs;
    },
  };
};
