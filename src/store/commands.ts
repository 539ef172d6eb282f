import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandNotFound, CommandNotQueued, CommandNotUnknown } from '../../actors/errors.ts';
import type {
  Check,
  Clock,
  CommandInbox,
  CommandOutbox,
  CommandPage,
  CommandQuery,
  Log,
  StoredCommand,
} from '../../actors/ports.ts';
import { isFinal } from '../../machines/vocabulary.ts';
import { checkAsides } from './asides.ts';
import { startBackups } from './backup.ts';
import { checkLoss, together } from './checks.ts';
import { createAccepts, type QueueLimits } from './command-accepts.ts';
import { createChanges } from './command-changes.ts';
import { keepDeadlines } from './command-deadlines.ts';
import { createCommandEvents } from './command-events.ts';
import { startMover } from './command-mover.ts';
import { endRestored, lost } from './command-restore.ts';
import { forgetCommands } from './command-retention.ts';
import { type CommandRows, createCommandRows, type Ending, toPublic } from './command-rows.ts';
import { createCommandTally } from './command-tally.ts';
import type { CommitTold } from './commit-time.ts';
import { createSpaceCheck, freeBytesOf } from './disk-space.ts';
import { namingFile } from './failure.ts';
import { watchFile } from './file-watch.ts';
import { createGroupCommit } from './group-commit.ts';
import type { AgentJournal } from './journal.ts';
import { startRetention } from './retention.ts';
import { openSqlite } from './sqlite.ts';

const LIMITS = {
  sessionDepth: 100,
  totalDepth: 10_000,
  /** With fewer bytes free on the disk nothing is accepted. */
  minFreeBytes: 16 * 1024 * 1024,
};

export interface Commands extends CommandInbox, CommandOutbox {
  /** Where the damaged queue was put that lay there before this start, or null. */
  readonly aside: string | null;
  health(): Check;
  /** When the oldest of those that wait was accepted, in ms since the epoch; null where none waits. */
  oldestQueuedAt(): number | null;
  /** The wall clock was set back: what waits expires when it would have. */
  clockSetBack(byMs: number): void;
  /** Commits what waits and closes the database. Answers false where the last commit failed. */
  close(): boolean;
}

/**
 * Opens the command queue of a data folder, `command-queue.db`, and begins its upkeep. Whoever calls
 * it holds the folder's lock, and calls `recover` before anything is typed.
 * @throws {StoreFailed}
 */
export const createCommands = (options: {
  dataDir: string;
  clock: Clock;
  log: Log;
  newId: () => string;
  journal: Pick<AgentJournal, 'takeFrom' | 'told'>;
  limits?: Partial<QueueLimits & { minFreeBytes: number }>;
  /** Bytes that are free for the data folder. */
  freeBytes?: () => number;
  commitTold?: CommitTold;
}): Commands => {
  const { dataDir, clock, log, newId, journal, commitTold } = options;
  const { freeBytes = () => freeBytesOf(dataDir) } = options;
  const limits = { ...LIMITS, ...options.limits };
  const path = join(dataDir, 'command-queue.db');
  const { sql, begun, settle, aside, loss } = openSqlite({
    ...{ path, migrations: MIGRATIONS, now: clock.now(), log },
  });

  const commits = createGroupCommit({ sql, clock, log, commitTold });
  const rows = createCommandRows(sql);
  const events = createCommandEvents(sql);
  const tally = createCommandTally(sql);
  const mover = startMover({ sql, commits, journal });
  const changes = createChanges({
    ...{ sql, rows, events, tally, clock, log, commitTold },
    wakeMover: mover.wake,
  });
  const spaceFault = createSpaceCheck({ clock, freeBytes, minBytes: limits.minFreeBytes });
  const { accepted } = changes;
  const { accept, replay } = createAccepts({
    ...{ path, commits, rows, events, tally, limits, spaceFault, clock, newId, accepted },
  });
  if (begun === 'restored') {
    namingFile(path, () => {
      endRestored({ rows, changes, journal });
      settle();
    });
  }
  const clockSetBack = keepDeadlines({
    commits,
    setBack: (byMs) => rows.setBack(byMs, clock.now()),
    // Whoever serves the queue plans anew with whatever waits first.
    moved: () => changes.accepted(rows.ids('queued').slice(0, 1).map(get)),
  });
  const stopRetention = startRetention({ forget: forgetCommands(sql, tally), clock, log });
  const backups = startBackups({ sql, clock, log });
  const file = watchFile({ path, clock, log });
  const losses = checkLoss(loss);

  const room = (): Check => {
    const fault = spaceFault();
    if (fault === null) return { status: 'ok', detail: '' };
    return { status: 'degraded', detail: `no command is accepted: ${fault}` };
  };

  const get = (id: string): StoredCommand => {
    const command = rows.find(id);
    if (!command) throw new CommandNotFound(id);
    return command;
  };

  return {
    accept,
    replay,
    get,
    page: (of, query) => pageOf(rows, of, query),
    cancel: (id) => {
      const [cancelled] = changes.end([id], 'queued', NEVER_TYPED.cancelled);
      if (cancelled) return toPublic(cancelled);
      throw new CommandNotQueued(`command ${id} is ${get(id).status}, no longer queued`);
    },
    resolve: (id, resolution) => {
      const resolved = changes.resolve(id, resolution);
      if (resolved) return toPublic(resolved);
      throw notUnknown(get(id));
    },
    onChange: changes.onChange,
    counts: tally.counts,
    queued: tally.queued,
    oldestQueuedAt: rows.oldestQueuedAt,
    waiting: rows.waiting,
    lanes: rows.lanes,
    begin: (id) => changes.begin(id) !== null,
    finish: (id, outcome) => {
      const { status } = get(id);
      if (isFinal(status)) return;
      if (status === 'queued' && outcome.status !== 'failed') {
        throw new Error(`command ${id} was never begun and cannot be ${outcome.status}`);
      }
      changes.end([id], status, outcome);
    },
    isAnswered: rows.isAnswered,
    putBack: (id) => {
      if (!changes.putBack(id)) get(id);
    },
    expire: (now) => {
      changes.end(rows.due(now), 'queued', NEVER_TYPED.expired);
      return rows.nextExpiry();
    },
    clockSetBack,
    recover: () => changes.end(rows.ids('sending'), 'sending', lost('interrupted')).length,
    aside,
    health: () =>
      together([
        ...[commits.health(), room(), file.check(), backups.check(), losses],
        checkAsides(path),
      ]),
    close: () => {
      stopRetention();
      backups.stop();
      file.stop();
      const written = commits.close();
      mover.stop();
      sql.close();
      return written;
    },
  };
};

const MIGRATIONS = fileURLToPath(new URL('command-migrations', import.meta.url));

const NEVER_TYPED = {
  cancelled: { status: 'cancelled', evidence: 'not-typed', error: null, attempts: 0 },
  expired: { status: 'expired', evidence: 'not-typed', error: null, attempts: 0 },
} satisfies Record<string, Ending>;

const pageOf = (
  rows: CommandRows,
  of: { session: string; key: string | null },
  { limit, cursor }: CommandQuery,
): CommandPage => {
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
  const found = rows.page(of, before, limit + 1);
  const page = found.slice(0, limit);
  return {
    commands: page.map(({ command }) => command),
    next: found.length > limit ? String(page.at(-1)?.position) : null,
  };
};

const notUnknown = ({ id, status, resolution }: StoredCommand): CommandNotUnknown =>
  new CommandNotUnknown(
    resolution === null
      ? `command ${id} is ${status}, not unknown`
      : `command ${id} was resolved already: ${resolution}`,
  );
