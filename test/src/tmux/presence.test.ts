import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NO_LEFTOVERS } from '../../../src/tmux/leftovers.ts';
import { createPresence, type Presence } from '../../../src/tmux/presence.ts';
import { createProgram } from '../../../src/tmux/program.ts';
import { createRecordedPart, type RecordedPart } from '../../support/parts.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { systemClock as clock } from '../../support/system-clock.ts';
import { until } from '../../support/until.ts';

let folder: string;
let part: RecordedPart;
let presence: Presence;

/** A program in tmux's place that ends at once with these words. */
const says = (words: string): void => {
  const program = join(folder, 'tmux');
  writeFileSync(program, `#!/bin/sh\necho '${words}' >&2\nexit 1\n`);
  chmodSync(program, 0o755);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-presence-'));
  part = createRecordedPart(1);
});

afterEach(() => {
  presence.stop();
  rmSync(folder, { recursive: true });
});

it('that failed has nothing to do where no server runs any more', async () => {
  says('protocol version mismatch (client 8, server 7)');
  const log = createRecordedLog();
  const socket = join(folder, 'socket');
  const leftovers = NO_LEFTOVERS;
  const program = createProgram({ socket, tmux: join(folder, 'tmux'), clock, leftovers });
  presence = createPresence({
    ...{ program, clock, log, part, socket },
    calm: { still: async () => undefined, idle: async () => undefined, stop: () => undefined },
    changed: () => undefined,
  });
  presence.start();
  await until('it has failed', () => (part.failures.length > 0 ? true : null));
  expect(part.idles).toBe(0);
  says(`no server running on ${socket}`);
  await until('there is none', () => (presence.absent ? true : null));
  expect(part).toMatchObject({ idles: 1, runs: 0 });
});
