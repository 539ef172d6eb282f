import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isFinal, type MonitorEvent } from '../../machines/vocabulary.ts';
import { FINAL_EVENTS, startCommands } from '../support/commands.ts';
import { createDataFolder } from '../support/store.ts';

const PROGRAM = fileURLToPath(new URL('../support/busy-queue.ts', import.meta.url));
const ROUNDS = 15;

interface Run {
  /** The commands that it was told are on disk. */
  accepted: string[];
  killed: boolean;
}

/** Runs the program until it kills itself, ends, or has printed `lines` lines. */
const run = async (args: string[], lines = Number.POSITIVE_INFINITY): Promise<Run> => {
  const program = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(program, 'exit');
  const accepted: string[] = [];
  try {
    for await (const line of createInterface(program.stdout)) {
      accepted.push(line);
      if (accepted.length === lines) program.kill('SIGKILL');
    }
  } finally {
    if (lines !== Number.POSITIVE_INFINITY) program.kill('SIGKILL');
  }
  const [status, signal] = await exit;
  expect(signal ?? status).toBe(signal === null ? 0 : 'SIGKILL');
  return { accepted, killed: signal !== null };
};

/** What must hold whatever was killed: nothing lost, nothing in the middle, everything told once. */
const expectAllTold = async (folder: string, accepted: string[]): Promise<void> => {
  using queue = startCommands({ folder });
  queue.recover();
  const events = await queue.events();
  expect(queue.store.log.lines).toEqual([]);
  expect(queue.counts().sending).toBe(0);
  const commands = allOf(queue);
  const ids = new Set(commands.map(({ id }) => id));
  expect(accepted.filter((id) => !ids.has(id))).toEqual([]);
  const told = byCommand(events);
  expect([...told.keys()].filter((id) => !ids.has(id))).toEqual([]);
  for (const { id, status, resolution } of commands) {
    const names = (told.get(id) ?? []).map(({ event }) => event);
    expect(names.filter((name) => name === 'command_queued')).toHaveLength(1);
    const final = isFinal(status) ? [`command_${status}`] : [];
    expect(names.filter((name) => FINAL_EVENTS.includes(name))).toEqual(final);
    const resolved = names.filter((name) => name === 'command_resolved');
    expect(resolved).toHaveLength(resolution === null ? 0 : 1);
  }
};

const allOf = (queue: ReturnType<typeof startCommands>) => {
  const commands = [];
  let cursor: string | null = null;
  do {
    const page = queue.page(
      { session: 'shop-api', key: null },
      { limit: 200, ...(cursor === null ? {} : { cursor }) },
    );
    commands.push(...page.commands);
    cursor = page.next;
  } while (cursor !== null);
  return commands;
};

const byCommand = (events: MonitorEvent[]): Map<string, MonitorEvent[]> =>
  Map.groupBy(events, ({ id }) => String(id));

describe('the command queue', () => {
  it('loses nothing and tells every end once, killed before each of its statements', {
    timeout: 300_000,
  }, async () => {
    let statement = 0;
    let killed = true;
    while (killed) {
      statement += 1;
      using folder = createDataFolder();
      const first = await run([folder.path, String(statement)]);
      await expectAllTold(folder.path, first.accepted);
      killed = first.killed;
    }
    expect(statement).toBeGreaterThan(50);
  });

  it(`loses nothing through ${ROUNDS} kills at any moment`, { timeout: 300_000 }, async () => {
    using folder = createDataFolder();
    const accepted: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { accepted: more } = await run([folder.path], 5 + ((round * 37) % 60));
      accepted.push(...more);
      await expectAllTold(folder.path, accepted);
    }
  });
});
