import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { startCommands } from '../../support/commands.ts';
import { createDataFolder, draft, endOfTurn } from '../../support/store.ts';

/** The same files, as another process sees them. */
const openBeside = (folder: string, name: string) => {
  const sql = new Database(`${folder}/${name}.db`);
  return Object.assign(sql, { [Symbol.dispose]: () => void sql.close() });
};

const pendingIn = (folder: string): unknown => {
  using sql = openBeside(folder, 'command-queue');
  return sql.prepare('SELECT count(*) FROM pending_events').pluck().get();
};

describe('what is told of a command', () => {
  it('says what it is, whose it is and how it ended', async () => {
    using queue = startCommands();
    const { id } = await queue.add({ retryOf: 'earlier' });
    queue.begin(id);
    queue.clock.advance(20);
    const evidence = 'left-in-composer';
    queue.finish(id, { status: 'failed', evidence, error: 'not_submitted', attempts: 3 });
    const [queued, failed] = await queue.events();
    const about = { session: 'shop-api', id, jobId: id, command: 'Continue with implementation' };
    const asked = { source: 'zoe', action: 'text', when: 'safe', retryOf: 'earlier' };
    expect(queued).toEqual({
      ...{ event: 'command_queued', ...about, ...asked, status: 'queued', evidence: 'none' },
      ...{ attempts: 0, timestamp: queue.clock.now() - 20, seq: 1, host: 'host-a' },
      epoch: queue.store.outbox.epoch,
    });
    expect(failed).toMatchObject({
      ...{ event: 'command_failed', ...about, ...asked, status: 'failed', evidence },
      ...{ error: 'not_submitted', attempts: 3, timestamp: queue.clock.now(), seq: 2 },
    });
  });

  it.each([
    ['x', 5000, 4093],
    ['é', 3000, 2046],
    ['🧪', 2000, 1023],
    ['\ufeff', 2000, 1364],
  ])('holds as many whole characters of %s as go into 4 KB', async (character, times, kept) => {
    using queue = startCommands();
    await queue.add({ command: character.repeat(times) });
    const [event] = await queue.events();
    expect(event?.command).toBe(`${character.repeat(kept)}…`);
    expect(Buffer.byteLength(String(event?.command))).toBeLessThanOrEqual(4096);
  });

  it('holds a text of 4 KB as it is', async () => {
    using queue = startCommands();
    await queue.add({ command: 'x'.repeat(4096) });
    expect((await queue.events())[0]?.command).toBe('x'.repeat(4096));
  });

  it('reaches those who listen to the journal, in the order in which it happened', async () => {
    using queue = startCommands();
    const told: string[] = [];
    queue.store.journal.onCommit((events) => told.push(...events.map(({ event }) => event)));
    const [one, two] = await Promise.all([queue.add(), queue.add()]);
    queue.cancel(one.id);
    queue.begin(two.id);
    queue.recover();
    queue.resolve(two.id, 'typed');
    await queue.events();
    expect(told).toEqual([
      ...['command_queued', 'command_queued', 'command_cancelled'],
      ...['command_unknown', 'command_resolved'],
    ]);
  });
});

describe('moving', () => {
  it('leaves nothing behind', async () => {
    using queue = startCommands();
    await queue.add();
    expect(pendingIn(queue.folder)).toBe(1);
    await queue.events();
    queue.clock.advance(1000);
    expect(pendingIn(queue.folder)).toBe(0);
  });

  it('brings more than one load can hold', async () => {
    using queue = startCommands({ limits: { sessionDepth: 2000 } });
    await Promise.all(Array.from({ length: 1201 }, () => queue.add()));
    for (let turn = 0; turn < 3; turn += 1) await queue.events();
    const events = await queue.events();
    expect(new Set(events.map(({ id }) => id)).size).toBe(1201);
    expect(events).toHaveLength(1201);
  });

  it('goes on at the next start, and knows what has come already', async () => {
    using folder = createDataFolder();
    {
      using queue = startCommands({ folder: folder.path });
      await queue.add({ command: 'first' });
      await queue.events();
      await queue.add({ command: 'second' });
      // Closed before the journal could take the second, or the queue forget the first.
    }
    using sql = openBeside(folder.path, 'command-queue');
    sql.exec(`INSERT INTO pending_events (command_id, occasion, at, event, session, body)
              SELECT id, 'queued', 1, 'command_queued', session, '{}' FROM commands
              WHERE command = 'first'`);
    using queue = startCommands({ folder: folder.path });
    const events = await queue.events();
    expect(events.map(({ seq, command }) => [seq, command])).toEqual([
      [1, 'first'],
      [2, 'second'],
    ]);
    queue.clock.advance(1000);
    expect(pendingIn(folder.path)).toBe(0);
  });

  it('uses up no number for what it leaves out', async () => {
    using folder = createDataFolder();
    {
      using queue = startCommands({ folder: folder.path });
      await queue.add();
      await queue.events();
    }
    {
      using sql = openBeside(folder.path, 'command-queue');
      sql.exec(`INSERT INTO pending_events (command_id, occasion, at, event, session, body)
                SELECT id, 'queued', 1, 'command_queued', session, '{}' FROM commands`);
    }
    using queue = startCommands({ folder: folder.path });
    await queue.events();
    queue.store.journal.announce([draft('shop-api')]);
    await endOfTurn();
    expect(queue.store.events.after(0, 10).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('waits while the journal cannot be written, and loses nothing', async () => {
    using queue = startCommands();
    using beside = openBeside(queue.folder, 'agent-state');
    beside.exec('BEGIN IMMEDIATE');
    const { id } = await queue.add();
    queue.cancel(id);
    expect(await queue.events()).toEqual([]);
    beside.exec('ROLLBACK');
    queue.clock.advance(10_000);
    expect((await queue.events()).map(({ event }) => event)).toEqual([
      'command_queued',
      'command_cancelled',
    ]);
  });
});
