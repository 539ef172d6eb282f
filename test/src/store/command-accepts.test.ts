import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { DiskLow, IdempotencyMismatch, QueueFull, StoreFailed } from '../../../actors/errors.ts';
import { createAccepts } from '../../../src/store/command-accepts.ts';
import { createCommandEvents } from '../../../src/store/command-events.ts';
import { createCommandRows } from '../../../src/store/command-rows.ts';
import { createCommandTally } from '../../../src/store/command-tally.ts';
import { createGroupCommit } from '../../../src/store/group-commit.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { commandDraft, startCommands, type TestCommands } from '../../support/commands.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createDataFolder } from '../../support/store.ts';

const HOUR_MS = 60 * 60 * 1000;

const under = (key: string, bodyHash = 'body') =>
  commandDraft({ idempotency: { key, bodyHash }, expiresAt: Date.UTC(2026, 0, 9) });

/** The same file, as another process sees it. */
const openBeside = (queue: TestCommands) => {
  const sql = new Database(`${queue.folder}/command-queue.db`);
  const count = (): unknown => sql.prepare('SELECT count(*) FROM commands').pluck().get();
  return Object.assign(sql, { count, [Symbol.dispose]: () => void sql.close() });
};

describe('a commit', () => {
  it('takes all commands of one turn, and they are answered after it', async () => {
    using queue = startCommands();
    using beside = openBeside(queue);
    let answered = 0;
    const accepts = Array.from({ length: 50 }, async () => {
      await queue.accept(commandDraft());
      answered += 1;
    });
    expect([answered, beside.count()]).toEqual([0, 0]);
    const version = beside.pragma('data_version', { simple: true });
    await Promise.all(accepts);
    expect([answered, beside.count()]).toEqual([50, 50]);
    // It counts the commits of others: one each would make it 50 more.
    expect(Number(beside.pragma('data_version', { simple: true })) - Number(version)).toBe(1);
  });

  it('keeps their order', async () => {
    using queue = startCommands();
    const texts = Array.from({ length: 20 }, (_, n) => `text ${n}`);
    await Promise.all(texts.map((command) => queue.add({ command })));
    const [lane = ''] = queue.lanes();
    expect(queue.waiting(lane).map(({ command }) => command)).toEqual(texts);
  });
});

describe('one idempotency key', () => {
  it('makes one command of fifty parallel requests', async () => {
    using queue = startCommands();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => queue.accept(under('deploy-42'))),
    );
    expect(new Set(answers.map(({ command }) => command.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(queue.counts().queued).toBe(1);
    expect(await queue.events()).toHaveLength(1);
  });

  it('answers with the command as it is by now, after being opened again too', async () => {
    using folder = createDataFolder();
    let id = '';
    {
      using queue = startCommands({ folder: folder.path });
      ({ id } = (await queue.accept(under('k'))).command);
      queue.cancel(id);
      await queue.events();
    }
    using queue = startCommands({ folder: folder.path });
    const { command, replayed } = await queue.accept(under('k'));
    expect([command.id, command.status, replayed]).toEqual([id, 'cancelled', true]);
    expect(await queue.replay({ key: 'k', bodyHash: 'body' })).toMatchObject({ replayed: true });
    expect(await queue.replay({ key: 'other', bodyHash: 'body' })).toBeNull();
  });

  it('refuses another body, on disk or on its way there', async () => {
    using queue = startCommands();
    const first = queue.accept(under('k'));
    await expect(queue.accept(under('k', 'other'))).rejects.toThrow(IdempotencyMismatch);
    await first;
    await expect(queue.accept(under('k', 'other'))).rejects.toThrow(IdempotencyMismatch);
    expect(queue.counts().queued).toBe(1);
  });

  it('may be used again after 24 hours', { timeout: 30_000 }, async () => {
    using queue = startCommands();
    const first = await queue.accept(under('k'));
    queue.clock.advance(24 * HOUR_MS);
    expect((await queue.accept(under('k'))).command.id).toBe(first.command.id);
    queue.clock.advance(1);
    const second = await queue.accept(under('k', 'other'));
    expect(second.replayed).toBe(false);
    expect(second.command.id).not.toBe(first.command.id);
    expect((await queue.accept(under('k', 'other'))).command.id).toBe(second.command.id);
  });
});

describe('a full queue', () => {
  const limits = { sessionDepth: 3, totalDepth: 5 };

  it('refuses more for one session, with the seconds to wait, until there is room', async () => {
    using queue = startCommands({ limits });
    const accepts = Array.from({ length: 5 }, () => queue.accept(commandDraft()));
    const settled = await Promise.allSettled(accepts);
    expect(settled.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled'],
      ...['rejected', 'rejected'],
    ]);
    const error = await queue.accept(commandDraft()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueueFull);
    expect((error as QueueFull).retryAfter).toBeGreaterThan(0);
    await queue.add({ key: 'another', session: 'shop-web' });
    const [waiting] = queue.page({ session: 'shop-api', key: null }, { limit: 1 }).commands;
    queue.begin(waiting?.id ?? '');
    expect((await queue.add()).status).toBe('queued');
  });

  it('refuses more for all together', async () => {
    using queue = startCommands({ limits });
    for (const key of ['a', 'a', 'b', 'b', 'c']) await queue.add({ key });
    await expect(queue.accept(commandDraft({ key: 'd' }))).rejects.toThrow(
      /5 commands wait in all/,
    );
  });

  it('still answers what it has accepted', async () => {
    using queue = startCommands({ limits: { sessionDepth: 1 } });
    await queue.accept(under('k'));
    expect(await queue.accept(under('k'))).toMatchObject({ replayed: true });
  });

  it('is as full when it is opened again', async () => {
    using folder = createDataFolder();
    {
      using queue = startCommands({ folder: folder.path, limits });
      for (let n = 0; n < 3; n += 1) await queue.add();
    }
    using queue = startCommands({ folder: folder.path, limits });
    await expect(queue.accept(commandDraft())).rejects.toThrow(QueueFull);
  });
});

describe('a disk with too little room', () => {
  it('accepts nothing, while all else goes on, and is looked at once a second', async () => {
    let free = 20_000_000;
    let looks = 0;
    const freeBytes = () => {
      looks += 1;
      return free;
    };
    using queue = startCommands({ freeBytes });
    const { id } = await queue.add();
    free = 10_000_000;
    await queue.add();
    expect(looks).toBe(1);
    queue.clock.advance(1000);
    await expect(queue.accept(commandDraft())).rejects.toThrow(DiskLow);
    expect(queue.health()).toEqual({
      status: 'degraded',
      detail: 'no command is accepted: 9 MB are free, 16 MB are needed: free some space',
    });
    expect(queue.get(id).status).toBe('queued');
    expect(queue.begin(id)).toBe(true);
    free = 20_000_000;
    await expect(queue.accept(commandDraft())).rejects.toThrow(DiskLow);
    queue.clock.advance(1000);
    await queue.add();
    expect(looks).toBe(3);
    expect(queue.health().status).toBe('ok');
  });
});

it('accepts nothing where the room is not known', async () => {
  const freeBytes = () => {
    throw new Error('ENOENT: no such file or directory');
  };
  using queue = startCommands({ freeBytes });
  await expect(queue.accept(commandDraft())).rejects.toThrow(/ENOENT/);
  expect(queue.health().status).toBe('degraded');
});

describe('a commit that fails', () => {
  it('refuses every command in it and keeps none, nor their keys', async () => {
    using queue = startCommands();
    using beside = openBeside(queue);
    beside.exec('BEGIN IMMEDIATE');
    const accepts = [queue.accept(under('k')), queue.accept(under('k')), queue.accept(under('l'))];
    const settled = await Promise.allSettled(accepts);
    expect(settled.map((one) => one.status === 'rejected' && one.reason.code)).toEqual([
      ...['store_failed', 'store_failed', 'store_failed'],
    ]);
    await expect(queue.accept(commandDraft())).rejects.toThrow(StoreFailed);
    expect(queue.health().status).toBe('down');
    beside.exec('ROLLBACK');
    queue.clock.advance(100);
    expect(beside.count()).toBe(0);
    expect(queue.counts().queued).toBe(0);
    const again = await queue.accept(under('k', 'another body'));
    expect(again.replayed).toBe(false);
    expect(queue.health().status).toBe('ok');
  });

  it('for want of room says that the disk is low, and takes the next once there is some', async () => {
    using parts = openParts();
    const { sql, clock, rows, accept } = parts;
    const { command } = await accept(commandDraft());
    sql.pragma(`max_page_count = ${sql.pragma('page_count', { simple: true })}`);
    const long = commandDraft({ command: 'x'.repeat(64_000) });
    await expect(accept(long)).rejects.toThrow(DiskLow);
    await expect(accept(commandDraft())).rejects.toThrow(DiskLow);
    expect(rows.find(command.id)?.status).toBe('queued');
    expect(rows.ids('queued')).toEqual([command.id]);

    sql.pragma('max_page_count = 1000000');
    clock.advance(100);
    await accept(long);
    expect(rows.ids('queued')).toHaveLength(2);
    expect(sql.prepare('SELECT count(*) FROM pending_events').pluck().get()).toBe(2);
  });
});

/** The door of the queue over a connection that the test can make run out of room. */
const openParts = () => {
  const folder = createDataFolder();
  const [clock, log] = [createManualClock(), createRecordedLog()];
  const path = `${folder.path}/command-queue.db`;
  const migrations = fileURLToPath(
    new URL('../../../src/store/command-migrations', import.meta.url),
  );
  const { sql } = openSqlite({ path, migrations, now: clock.now(), log });
  const rows = createCommandRows(sql);
  const { accept } = createAccepts({
    ...{ path, rows, clock, newId: randomUUID },
    commits: createGroupCommit({ sql, clock, log }),
    events: createCommandEvents(sql),
    tally: createCommandTally(sql),
    limits: { sessionDepth: 100, totalDepth: 100 },
    spaceFault: () => null,
    accepted: () => undefined,
  });
  const dispose = () => {
    sql.close();
    folder[Symbol.dispose]();
  };
  return { sql, clock, rows, accept, [Symbol.dispose]: dispose };
};
