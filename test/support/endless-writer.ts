/** A program that records in the data folder it is given, ever on, until it is killed. */

import { STATES } from '../../machines/vocabulary.ts';
import { draft, startStore, stepTo } from './store.ts';

const store = startStore({ folder: process.argv[2] ?? '' });
const sessions = ['shop-api', 'shop-web', 'docs'];

/** One line for each commit: the last seq that is now on disk. */
store.journal.onCommit((events) => {
  process.stdout.write(`${events.at(-1)?.seq}\n`);
});

for (let step = store.events.last(); ; step += 1) {
  const state = STATES[step % STATES.length] ?? 'reading';
  const change = stepTo(sessions[step % sessions.length] ?? '', state);
  store.journal.record({ ...change, events: [...change.events, draft(change.row.session)] });
  if (step % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
}
