/** A thread that seals one copy: `workerData` is its path, the one message what is wrong with it, or null. */

import { parentPort, workerData } from 'node:worker_threads';
import { sealCopy } from './copies.ts';

parentPort?.postMessage(sealCopy(workerData));
