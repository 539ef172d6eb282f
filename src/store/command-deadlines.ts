import type { GroupCommit } from './group-commit.ts';

/**
 * Keeps deadlines where they were when the wall clock is set back: what waits expires when it would
 * have. A clock that is set forward looks like a machine that slept, where the time has really
 * passed; so what is due by the clock is never typed.
 */
export const keepDeadlines = (options: {
  commits: GroupCommit;
  setBack(byMs: number): void;
  /** The deadlines have moved, on disk. */
  moved(): void;
}): ((byMs: number) => void) => {
  const { commits, setBack, moved } = options;
  let owedMs = 0;
  let paidMs = 0;

  commits.join({
    write: () => {
      if (owedMs > 0) setBack(owedMs);
    },
    committed: () => {
      paidMs = owedMs;
      owedMs = 0;
    },
    tell: () => {
      if (paidMs > 0) moved();
      paidMs = 0;
    },
    waiting: () => '',
  });

  return (byMs) => {
    owedMs += byMs;
    commits.ask('now');
  };
};
