/**
 * Loaded before the daemon: on SIGUSR2 an error escapes from a timer of each actor whose key stands
 * on a line of the file that AM_TEST_ESCAPE names, or from nobody's where the file is empty. With
 * `always` before the key it does so in each life of that actor, for as long as the line stands there.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';

const file = process.env.AM_TEST_ESCAPE ?? '';
const run = AsyncLocalStorage.prototype.run;
/** What was last done for each actor, to go on from there. */
const contexts = new Map<unknown, (call: () => void) => void>();
const keptFailing = new Set<unknown>();
const lines = () => readFileSync(file, 'utf8').split('\n');
const ALWAYS = 'always ';

AsyncLocalStorage.prototype.run = function (
  this: AsyncLocalStorage<unknown>,
  store: unknown,
  callback: (...given: unknown[]) => unknown,
  ...given: unknown[]
) {
  return run.call(this, store, () => {
    contexts.set(store, AsyncLocalStorage.snapshot());
    if (keptFailing.has(store) && lines().includes(`${ALWAYS}${store}`)) failLater();
    return callback(...given);
  });
} as typeof run;

const failLater = () => {
  setTimeout(() => {
    throw new Error('an error that escaped');
  });
};

process.on('SIGUSR2', () => {
  for (const line of lines()) {
    const key = line.replace(ALWAYS, '');
    if (line.startsWith(ALWAYS)) keptFailing.add(key);
    if (key === '') failLater();
    else contexts.get(key)?.(failLater);
  }
});
