import { DiskLow, IdempotencyMismatch, QueueFull, type StoreFailed } from '../../actors/errors.ts';
import type {
  AcceptedCommand,
  Clock,
  CommandDraft,
  CommandInbox,
  Idempotency,
  StoredCommand,
} from '../../actors/ports.ts';
import type { CommandEvents } from './command-events.ts';
import { type CommandRows, toPublic } from './command-rows.ts';
import type { CommandTally } from './command-tally.ts';
import { isKind, storeFailed } from './failure.ts';
import type { GroupCommit } from './group-commit.ts';

const KEY_KEPT_MS = 24 * 60 * 60 * 1000;
const RETRY_AFTER_SECONDS = 5;

export interface QueueLimits {
  /** How many commands may wait for one session, and for all together. */
  sessionDepth: number;
  totalDepth: number;
}

interface WaitingAccept extends PromiseWithResolvers<void> {
  command: StoredCommand;
  idempotency: Idempotency | null;
}

/**
 * Takes commands into the queue: all that one turn of the event loop brings go into one commit, and
 * each is answered after it. What cannot be written is refused, not kept.
 */
export const createAccepts = (options: {
  path: string;
  commits: GroupCommit;
  rows: CommandRows;
  events: CommandEvents;
  tally: CommandTally;
  limits: QueueLimits;
  /** What is wrong with the room on the disk, or null. */
  spaceFault(): string | null;
  clock: Clock;
  newId: () => string;
  /** Called after the commit, before those who asked hear of it. */
  accepted(commands: StoredCommand[]): void;
}): Pick<CommandInbox, 'accept' | 'replay'> => {
  const { path, commits, rows, events, tally, limits, spaceFault, clock, newId } = options;
  let waiting: WaitingAccept[] = [];
  let settled: WaitingAccept[] = [];
  let failure: Error | null = null;

  /** Decides at once, so that no second use of a key can slip in between. */
  const earlier = (asked: Idempotency): Promise<AcceptedCommand> | null => {
    const inBatch = waiting.find(({ idempotency }) => idempotency?.key === asked.key);
    const found = inBatch
      ? { command: inBatch.command, bodyHash: inBatch.idempotency?.bodyHash }
      : rows.accepted(asked.key, clock.now() - KEY_KEPT_MS);
    if (!found) return null;
    if (found.bodyHash !== asked.bodyHash) throw mismatch(asked.key);
    const onDisk = inBatch?.promise ?? Promise.resolve();
    return onDisk.then(() => ({ command: toPublic(found.command), replayed: true }));
  };

  const checkRoom = (key: string): void => {
    const fault = spaceFault();
    if (fault !== null) throw new DiskLow(`nothing can be kept in ${path}: ${fault}`);
    if (failure) throw refusal(path, failure);
    const ofSession = waiting.filter(({ command }) => command.key === key).length;
    if (tally.queued(key) + ofSession >= limits.sessionDepth) {
      throw queueFull(`${limits.sessionDepth} commands wait for this session`);
    }
    if (tally.queuedInAll() + waiting.length >= limits.totalDepth) {
      throw queueFull(`${limits.totalDepth} commands wait in all`);
    }
  };

  commits.join({
    write: () => {
      for (const { command, idempotency } of waiting) {
        rows.insert(command, idempotency);
        events.add('queued', command, command.createdAt);
      }
    },
    committed: () => {
      failure = null;
      settled = waiting;
      waiting = [];
      for (const { command } of settled) tally.move(command.key, null, 'queued');
    },
    tell: () => {
      if (settled.length === 0) return;
      const told = settled;
      settled = [];
      options.accepted(told.map(({ command }) => command));
      for (const { resolve } of told) resolve();
    },
    failed: (error) => {
      failure = error;
      const refused = waiting;
      waiting = [];
      for (const { reject } of refused) reject(refusal(path, error));
    },
    waiting: () => (waiting.length === 0 ? '' : `${waiting.length} commands`),
  });

  const enqueue = async (draft: CommandDraft): Promise<AcceptedCommand> => {
    checkRoom(draft.key);
    const accept: WaitingAccept = {
      ...Promise.withResolvers<void>(),
      command: toStored(draft, newId(), clock.now()),
      idempotency: draft.idempotency,
    };
    waiting.push(accept);
    commits.ask('now');
    await accept.promise;
    return { command: toPublic(accept.command), replayed: false };
  };

  return {
    replay: async (asked) => earlier(asked),
    accept: async (draft) => (draft.idempotency && earlier(draft.idempotency)) ?? enqueue(draft),
  };
};

const toStored = (
  { idempotency: _idempotency, ...draft }: CommandDraft,
  id: string,
  createdAt: number,
): StoredCommand => ({
  id,
  ...draft,
  status: 'queued',
  evidence: 'none',
  attempts: 0,
  createdAt,
  startedAt: null,
  finishedAt: null,
  error: null,
  resolution: null,
});

const mismatch = (key: string): IdempotencyMismatch =>
  new IdempotencyMismatch(
    `the idempotency key "${key}" was used within the last 24 hours for something else`,
  );

const queueFull = (why: string): QueueFull =>
  new QueueFull(`the queue is full: ${why}`, RETRY_AFTER_SECONDS);

const refusal = (path: string, error: Error): DiskLow | StoreFailed =>
  isKind(error, 'SQLITE_FULL')
    ? new DiskLow(`the disk of ${path} is full: free some space`, { cause: error })
    : storeFailed(path, error);
