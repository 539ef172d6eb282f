import { expect, it } from 'vitest';
import { NO_LEFTOVERS } from '../../../src/tmux/leftovers.ts';
import { createProgram } from '../../../src/tmux/program.ts';
import { createRequests } from '../../../src/tmux/requests.ts';
import { createSharedConnection } from '../../../src/tmux/shared-connection.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedPart } from '../../support/parts.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';

it('has nothing to do where there is no session to attach to, or nobody wants it: no failure', async () => {
  const clock = createManualClock();
  const part = createRecordedPart();
  const program = createProgram({ socket: '', tmux: 'tmux', clock, leftovers: NO_LEFTOVERS });
  const shared = createSharedConnection({
    ...{ program, clock, log: createRecordedLog(), part, requests: createRequests('<mark>') },
    calm: { still: async () => undefined, idle: async () => undefined, stop: () => undefined },
    list: async () => null,
    preferred: () => new Set(),
    changed: () => undefined,
    moved: () => undefined,
    broke: () => undefined,
  });
  shared.want();
  await shared.decided();
  expect(shared.mode).toBe('forked');
  expect(part).toMatchObject({ idles: 1, failures: [] });
  shared.release();
  expect(part).toMatchObject({ idles: 2, failures: [] });
  expect(clock.pending()).toBe(0);
});
