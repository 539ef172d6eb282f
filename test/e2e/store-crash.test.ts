import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createDataFolder, startStore, type TestStore } from '../support/store.ts';

const ROUNDS = 20;
const WRITER = fileURLToPath(new URL('../support/endless-writer.ts', import.meta.url));

it(`keeps every told event, its numbers and its states through ${ROUNDS} kills of the writer`, async () => {
  using folder = createDataFolder();
  let last = 0;
  let epoch: string | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    const told = await writeUntilKilled(folder.path, 5 + ((round * 37) % 60));
    using store = startStore({ folder: folder.path });
    epoch ??= store.outbox.epoch;
    expect(store.outbox.epoch).toBe(epoch);
    expect(store.events.last()).toBeGreaterThanOrEqual(told);
    expect(store.events.last()).toBeGreaterThan(last);
    last = store.events.last();
    expectNoGap(store, last);
    expectStatesAsTold(store);
    expect(store.log.lines).toEqual([]);
  }
});

/** Lets a process write until it has told so many commits, kills it, and answers the last seq told. */
const writeUntilKilled = async (folder: string, commits: number): Promise<number> => {
  const writer = spawn(process.execPath, [WRITER, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(writer, 'exit');
  let told = 0;
  let count = 0;
  try {
    for await (const line of createInterface(writer.stdout)) {
      told = Number(line);
      count += 1;
      if (count === commits) writer.kill('SIGKILL');
    }
  } finally {
    writer.kill('SIGKILL');
    await exit;
  }
  expect(count).toBeGreaterThanOrEqual(commits);
  return told;
};

const expectNoGap = (store: TestStore, last: number): void => {
  const seqs = store.events.after(0, last + 1).map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length: last }, (_, index) => index + 1));
};

const expectStatesAsTold = (store: TestStore): void => {
  for (const { session, state, key } of store.journal.rows()) {
    expect(store.events.transitions(session, 1)[0]?.state).toBe(state);
    expect(store.journal.snapshot(key)).toEqual({ value: state });
  }
};
