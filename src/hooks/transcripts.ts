/** Follows the transcripts that agents write beside their work, for counts that no screen gives. */

import { constants, type FileHandle, open } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Clock, Log } from '../../actors/ports.ts';
import type { ToolCounts } from '../../machines/vocabulary.ts';
import { createLines, type Lines } from './lines.ts';
import { createTranscriptCalls, type TranscriptCalls } from './transcript-calls.ts';

export interface Transcripts {
  /**
   * Something was just written to it, or will be soon.
   * @param agentPid whose calls are counted, or null for all that stand in it.
   */
  follow(path: string, agentPid: number | null): void;
  stop(): void;
}

export interface TranscriptsOptions {
  clock: Clock;
  log: Log;
  /** When a process was started, in ms since the epoch; null where that cannot be told. */
  startedAt(pid: number): Promise<number | null>;
  /** Hears of all calls in the file so far, whenever they have become more. */
  told(path: string, counts: ToolCounts): void;
  /** Hears of each path that is not followed, or no longer. */
  letGo(path: string): void;
}

/** Hooks come before the lines that they are about are written. */
const READ_AFTER_MS = 300;
const READ_EVERY_MS = 5_000;
/** One that nobody speaks of for this long is let go; the next hook takes it up from its start. */
const IDLE_MS = 600_000;
/** Beyond it, the one that was not spoken of for longest is let go. */
const MAX_FOLLOWED = 200;
const READ_AT_ONCE = 2;
const CHUNK_BYTES = 262_144;
const MAX_LINE_BYTES = 8 * 1024 * 1024;
/** The longest conversations fill some hundred megabytes; reading this much takes seconds. */
const MAX_READ_BYTES = 1024 ** 3;

interface Tail {
  path: string;
  lines: Lines;
  calls: TranscriptCalls;
  offset: number;
  /** Which file it was, since another may take its name; '' before the first reading. */
  identity: string;
  counted: ToolCounts;
  pokedAt: number;
  timer: unknown;
  state: 'waiting' | 'reading' | 'reading-poked' | 'let-go';
}

export const createTranscripts = ({
  clock,
  log,
  startedAt,
  told,
  letGo: toldLetGo,
}: TranscriptsOptions): Transcripts => {
  /** The one that was spoken of last comes last. */
  const tails = new Map<string, Tail>();
  const inTurn = createTurns(READ_AT_ONCE);

  const letGo = (tail: Tail) => {
    clock.clearTimeout(tail.timer);
    tail.state = 'let-go';
    if (tails.get(tail.path) !== tail) return;
    tails.delete(tail.path);
    toldLetGo(tail.path);
  };

  const plan = (tail: Tail, ms: number) => {
    clock.clearTimeout(tail.timer);
    tail.state = 'waiting';
    tail.timer = clock.setTimeout(() => void read(tail), ms);
  };

  const read = async (tail: Tail): Promise<void> => {
    tail.state = 'reading';
    try {
      await inTurn(() => readOn(tail));
    } catch (error) {
      log.debug({ path: tail.path, error: String(error) }, 'a transcript cannot be read');
      return letGo(tail);
    }
    if (isOver(tail)) return;
    const counts = tail.calls.counts();
    if (counts !== tail.counted) told(tail.path, counts);
    tail.counted = counts;
    if (clock.monotonic() - tail.pokedAt <= IDLE_MS) {
      plan(tail, isPoked(tail) ? READ_AFTER_MS : READ_EVERY_MS);
      return;
    }
    log.debug({ path: tail.path }, 'a transcript is no longer followed');
    letGo(tail);
  };

  const begin = async (path: string, agentPid: number | null): Promise<void> => {
    const calls = createTranscriptCalls(0);
    const tail: Tail = {
      ...{ path, calls, lines: createLines(MAX_LINE_BYTES), offset: 0, identity: '' },
      ...{ counted: calls.counts(), pokedAt: clock.monotonic(), timer: null, state: 'reading' },
    };
    tails.set(path, tail);
    const [oldest] = tails.values();
    if (tails.size > MAX_FOLLOWED && oldest) letGo(oldest);
    const start = agentPid === null ? null : await startedAt(agentPid);
    if (isOver(tail)) return;
    if (start !== null) tail.calls = createTranscriptCalls(start - START_SLACK_MS);
    plan(tail, READ_AFTER_MS);
  };

  return {
    follow: (path, agentPid) => {
      if (!isAbsolute(path) || !path.endsWith('.jsonl')) {
        toldLetGo(path);
        return;
      }
      const tail = tails.get(path);
      if (!tail) {
        begin(path, agentPid).catch((error: unknown) => {
          log.debug({ path, error: String(error) }, 'a transcript cannot be followed');
          const begun = tails.get(path);
          if (begun) letGo(begun);
        });
        return;
      }
      tails.delete(path);
      tails.set(path, tail);
      tail.pokedAt = clock.monotonic();
      if (tail.state === 'waiting') plan(tail, READ_AFTER_MS);
      else tail.state = 'reading-poked';
    },
    stop: () => {
      for (const tail of tails.values()) letGo(tail);
    },
  };
};

/** What tells the start of a process counts in hundredths since a boot known to the second. */
const START_SLACK_MS = 2_000;

/** Asked for after waiting, when it may have changed. */
const isOver = ({ state }: Tail): boolean => state === 'let-go';
const isPoked = ({ state }: Tail): boolean => state === 'reading-poked';

/** Runs so many tasks at once; the others wait, first come, first served. */
const createTurns = (atOnce: number) => {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return async (task: () => Promise<void>): Promise<void> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
};

const readOn = async (tail: Tail): Promise<void> => {
  if (isOver(tail)) return;
  const file = await openIfThere(tail.path);
  if (!file) return;
  try {
    const { dev, ino, size } = await file.stat();
    const identity = `${dev}.${ino}`;
    if (identity !== tail.identity || size < tail.offset) {
      tail.lines.reset();
      tail.offset = 0;
    }
    tail.identity = identity;
    if (size - tail.offset > MAX_READ_BYTES) throw new Error(`${tail.path} is too large`);
    await readTo(size, tail, file);
  } finally {
    await file.close();
  }
};

const readTo = async (size: number, tail: Tail, file: FileHandle): Promise<void> => {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  while (tail.offset < size && !isOver(tail)) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, tail.offset);
    if (bytesRead === 0) return;
    tail.offset += bytesRead;
    for (const line of tail.lines.push(chunk.subarray(0, bytesRead))) tail.calls.take(line);
  }
};

/**
 * Null where it is not (yet) there. Any program of this user may name any path: a pipe would wait for
 * its writer, a terminal would become the monitor's own, and a link point anywhere.
 */
const openIfThere = async (path: string): Promise<FileHandle | null> => {
  const file = await open(path, FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return null;
  const found = await file.stat();
  const isOwn = process.getuid === undefined || found.uid === process.getuid();
  if (found.isFile() && isOwn) return file;
  await file.close();
  throw new Error(`${path} is not a regular file of this user`);
};

const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;
const FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
