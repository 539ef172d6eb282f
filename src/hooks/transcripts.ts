/** Follows the transcripts that agents write beside their work, for counts that no screen gives. */

import { isAbsolute } from 'node:path';
import type { Clock, Log } from '../../actors/ports.ts';
import type { ToolCounts } from '../../machines/vocabulary.ts';
import { createBounded } from './bounded.ts';
import { createTranscriptCalls, type TranscriptCalls } from './transcript-calls.ts';
import { createTranscriptFile, type TranscriptFile } from './transcript-file.ts';

/** Whose transcript it is. Another agent may go on with the same conversation later. */
export interface Writer {
  /** Whose calls are counted, since it was started; null for all that stand in the file. */
  agentPid: number | null;
  /** The sessions that show it. */
  keys: readonly string[];
}

export interface Transcripts {
  /** Something was just written to it, or will be soon. */
  follow(path: string, writer: Writer): void;
  stop(): void;
}

export interface TranscriptsOptions {
  clock: Clock;
  log: Log;
  /** When a process was started, in ms since the epoch; null where that cannot be told. */
  startedAt(pid: number): Promise<number | null>;
  /**
   * Hears of all calls of the writer in the file so far, whenever they have become more. Answers
   * whether the writer still lives: else it is let go.
   */
  told(path: string, writer: Writer, counts: ToolCounts): boolean;
}

/** Hooks come before the lines that they are about are written. */
const READ_AFTER_MS = 300;
const READ_EVERY_MS = 5_000;
/** One that nobody speaks of for this long is let go; the next hook takes it up from its start. */
const IDLE_MS = 600_000;
/** Beyond it, the one that was not spoken of for longest is let go. */
const MAX_FOLLOWED = 200;
const READ_AT_ONCE = 2;
/** What tells the start of a process counts in hundredths since a boot known to the second. */
const START_SLACK_MS = 2_000;

interface Tail {
  path: string;
  writer: Writer;
  file: TranscriptFile;
  calls: TranscriptCalls;
  counted: ToolCounts;
  /** When a hook last spoke of it, and whether one did while it was being read. */
  pokedAt: number;
  poked: boolean;
  timer: unknown;
  state: 'starting' | 'waiting' | 'reading' | 'let-go';
}

export const createTranscripts = (options: TranscriptsOptions): Transcripts => {
  const { clock, log, startedAt, told } = options;
  const tails = createBounded<Tail>(MAX_FOLLOWED);
  const inTurn = createTurns(READ_AT_ONCE);

  const letGo = (tail: Tail, why: object = {}) => {
    if (isOver(tail)) return;
    log.debug({ path: tail.path, ...why }, 'a transcript is no longer followed');
    clock.clearTimeout(tail.timer);
    tail.state = 'let-go';
    tails.delete(nameOf(tail.path, tail.writer));
  };

  const plan = (tail: Tail, ms: number) => {
    clock.clearTimeout(tail.timer);
    tail.state = 'waiting';
    tail.timer = clock.setTimeout(() => void read(tail), ms);
  };

  const read = async (tail: Tail): Promise<void> => {
    tail.state = 'reading';
    tail.poked = false;
    try {
      await inTurn(() => tail.file.readOn(tail.calls.take, () => isOver(tail)));
    } catch (error) {
      return letGo(tail, { error: String(error) });
    }
    if (isOver(tail)) return;
    const counts = tail.calls.counts();
    const isMore = counts !== tail.counted;
    tail.counted = counts;
    if (isMore && !told(tail.path, tail.writer, counts)) return letGo(tail);
    if (clock.monotonic() - tail.pokedAt > IDLE_MS) return letGo(tail);
    plan(tail, tail.poked ? READ_AFTER_MS : READ_EVERY_MS);
  };

  const begin = async (path: string, writer: Writer): Promise<void> => {
    const calls = createTranscriptCalls(0);
    const tail: Tail = {
      ...{ path, writer, file: createTranscriptFile(path), calls, counted: calls.counts() },
      ...{ pokedAt: clock.monotonic(), poked: false, timer: null, state: 'starting' },
    };
    const oldest = tails.set(nameOf(path, writer), tail);
    if (oldest) letGo(oldest);
    try {
      const start = writer.agentPid === null ? null : await startedAt(writer.agentPid);
      if (start !== null) tail.calls = createTranscriptCalls(start - START_SLACK_MS);
    } catch (error) {
      return letGo(tail, { error: String(error) });
    }
    if (!isOver(tail)) plan(tail, READ_AFTER_MS);
  };

  return {
    follow: (path, writer) => {
      if (!isAbsolute(path) || !path.endsWith('.jsonl')) return;
      const name = nameOf(path, writer);
      const tail = tails.get(name);
      if (!tail) {
        void begin(path, writer);
        return;
      }
      tails.set(name, tail);
      tail.writer = writer;
      tail.pokedAt = clock.monotonic();
      tail.poked = true;
      if (tail.state === 'waiting') plan(tail, READ_AFTER_MS);
    },
    stop: () => {
      for (const tail of tails.values()) letGo(tail);
    },
  };
};

const nameOf = (path: string, { agentPid }: Writer): string => `${agentPid} ${path}`;

/** Asked for after waiting, when it may have changed. */
const isOver = ({ state }: Tail): boolean => state === 'let-go';

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
