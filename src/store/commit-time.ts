import type { Clock } from '../../actors/ports.ts';

/** Told of each commit: how long it took, in seconds, and whether it holds. Must not throw. */
export type CommitTold = (seconds: number, holds: boolean) => void;

/** Runs a transaction, and tells how long it took. */
export const timeCommits =
  (clock: Clock, told: CommitTold = () => {}) =>
  <Result>(commit: () => Result): Result => {
    const begunAt = clock.monotonic();
    let holds = false;
    try {
      const result = commit();
      holds = true;
      return result;
    } finally {
      told((clock.monotonic() - begunAt) / 1000, holds);
    }
  };
