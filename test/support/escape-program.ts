/**
 * Loaded before the daemon: on SIGUSR2 an error escapes from a timer of each actor whose key stands
 * on a line of the file that AM_TEST_ESCAPE names, or from nobody's where the file is empty.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';

const file = process.env.AM_TEST_ESCAPE ?? '';
const run = AsyncLocalStorage.prototype.run;
/** What was last done for each actor, to go on from there. */
const contexts = new Map<unknown, (call: () => void) => void>();

AsyncLocalStorage.prototype.run = function (
  this: AsyncLocalStorage<unknown>,
  store: unknown,
  callback: (...given: unknown[]) => unknown,
  ...given: unknown[]
) {
  return run.call(this, store, () => {
    contexts.set(store, AsyncLocalStorage.snapshot());
    return callback(...given);
  });
} as typeof run;

const failLater = () => {
  setTimeout(() => {
    throw new Error('an error that escaped');
  });
};

process.on('SIGUSR2', () => {
  const keys = readFileSync(file, 'utf8');
  if (keys === '') failLater();
  else for (const key of keys.split('\n')) contexts.get(key)?.(failLater);
});
