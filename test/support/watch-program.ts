/**
 * A monitor in a process of its own: watches every pane of the server until it is ended, and says
 * how it is connected, and when a pane shows the line `done`.
 */

import { createTmux } from '../../src/tmux/tmux.ts';
import { createRecordedPart } from './parts.ts';
import { createRecordedLog } from './recorded-log.ts';
import { systemClock } from './system-clock.ts';

const [socket = '', leftoversFile = ''] = process.argv.slice(2);
const tmux = createTmux({
  ...{ socket, leftoversFile, clock: systemClock, log: createRecordedLog() },
  parts: { watcher: createRecordedPart(), shared: createRecordedPart() },
});
const listing = await tmux.list();
for (const { sessionId, paneId, fragile } of listing?.panes ?? []) {
  const target = {
    server: listing?.server ?? { pid: 0, startTime: 0 },
    sessionId,
    paneId,
    fragile,
  };
  tmux.watch(target, {
    looked: ({ text }) => process.stdout.write(/^done$/m.test(text) ? 'done\n' : ''),
    connected: (by) => process.stdout.write(`${by}\n`),
    closed: (cause) => process.stdout.write(`${cause}\n`),
  });
}
