import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Looker } from '../../../src/tmux/look.ts';
import { createPaneWatch } from '../../../src/tmux/pane-watch.ts';
import { createRequests, type PaneSign } from '../../../src/tmux/requests.ts';
import type { SharedConnection } from '../../../src/tmux/shared-connection.ts';
import { createSweep } from '../../../src/tmux/sweep.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';

const SIGN: PaneSign = {
  ...{ sessionId: '$1', paneId: '%1', title: 'shop-api', command: 'claude', panePid: 100 },
  ...{ width: 80, height: 24, dead: false, deadStatus: null, activity: 0, sign: 'still' },
};
const TARGET = {
  ...{ server: { pid: 1, startTime: 1 }, sessionId: '$1', paneId: '%1', fragile: false },
};

it('looks again at a still pane where the look that was due failed, without control mode', async () => {
  const clock = createManualClock();
  const log = createRecordedLog();
  const answers = [new Error('no process can be started'), null];
  const seen: (Error | null)[] = [];
  const looker: Looker = {
    lookAt: async (_, watches, failed) => {
      const answer = answers.shift() ?? null;
      seen.push(answer);
      if (answer !== null) for (const watch of watches) failed(watch, answer);
      return [];
    },
  };
  const shared = { mode: 'forked', server: null, run: async () => Buffer.alloc(0) };
  const sweep = createSweep({
    ...{ clock, log, looker, shared: shared as unknown as SharedConnection },
    requests: {
      ...createRequests('<mark>'),
      signs: () => ({ commands: [], parse: () => [SIGN] }),
    },
    panes: () => 1,
  });
  const listener = { looked: () => {}, connected: () => {}, closed: () => {} };
  sweep.poll(createPaneWatch(TARGET, listener, () => {}));
  for (let second = 0; second < 3; second += 1) {
    clock.advance(1000);
    await setImmediate();
  }
  expect(seen).toEqual([expect.any(Error), null]);
  expect(log.lines.map(({ message }) => message)).toEqual(['cannot look at a pane']);
  sweep.stop();
  expect(clock.pending()).toBe(0);
});
