/**
 * Loaded before the daemon and in each of its threads, with `--import`: obeys what `daemon-orders.ts`
 * puts into the folder that CHAOS_ORDERS names.
 */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, MessagePort, type Worker } from 'node:worker_threads';

const folder = process.env.CHAOS_ORDERS ?? '';
const order = join(folder, 'order');
const realNow = Date.now;
const threads = new Set<Worker>();
let offMs = 0;

/** As the machine's clock it outlasts the daemon, so each start asks how far it is off. */
const setClock = (): void => {
  const file = join(folder, 'clock');
  offMs = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
};

const obey = (): void => {
  if (!existsSync(order)) return;
  if (readFileSync(order, 'utf8') === 'clock') setClock();
  else for (const thread of threads) void thread.terminate();
  rmSync(order);
};

/** A thread that never comes back from what it was asked. */
const hang = (): void => {
  if (existsSync(join(folder, 'hang')))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

if (isMainThread) {
  setClock();
  Date.now = () => realNow() + offMs;
  process.on('worker', (thread) => {
    threads.add(thread);
    thread.once('exit', () => threads.delete(thread));
  });
  process.on('SIGUSR2', obey);
} else {
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (this: MessagePort, ...given) {
    hang();
    post.apply(this, given);
  } as typeof post;
}
