/**
 * Ends what a test started even where the test itself never comes to its end: a test that hangs is
 * given up by its runner, and its `await using` with it.
 */

const endings = new Set<() => void>();
process.once('exit', () => {
  for (const end of endings) end();
});

/** Has `end` called when this process exits, unless the answer was called before. `end` must not wait. */
export const atExit = (end: () => void): (() => void) => {
  endings.add(end);
  return () => endings.delete(end);
};

/** As `atExit`, for processes that may be gone by then. */
export const killAtExit = (pids: () => Iterable<number>, signal: NodeJS.Signals): (() => void) =>
  atExit(() => {
    for (const pid of pids()) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended already.
      }
    }
  });
