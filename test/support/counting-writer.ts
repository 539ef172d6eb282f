/**
 * A program in a pane that writes as fast as its terminal takes it, and records in a file how many
 * bytes it has got rid of so far.
 */

import { renameSync, writeFileSync, writeSync } from 'node:fs';

const RECORD_EVERY_MS = 50;

const [file = ''] = process.argv.slice(2);
const page = Buffer.from(`${'all work and no play '.repeat(5)}\r\n`.repeat(100));
let bytes = 0;
let recordedAt = 0;

for (;;) {
  bytes += writeSync(1, page);
  const now = performance.now();
  if (now < recordedAt + RECORD_EVERY_MS) continue;
  recordedAt = now;
  writeFileSync(`${file}.new`, String(bytes));
  renameSync(`${file}.new`, file);
}
