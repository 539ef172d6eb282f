/** Lays one graph out in a thread of its own, and ends: the engine is a compiler's worth of code. */

import { parentPort, workerData } from 'node:worker_threads';
// The package is CommonJS: what it exports is its default, whatever its types say.
import Constructor, { type ELK, type ElkNode } from 'elkjs/lib/elk.bundled.js';

const engine = new (Constructor as unknown as new () => ELK)();
parentPort?.postMessage(await engine.layout(workerData as ElkNode));
