/** Keeps an eye on the specifications in the folders where agents work. */

import type { Clock, Log } from '../../actors/ports.ts';
import { readSpecFile, type SpecFile } from './spec-file.ts';

export interface SpecAgent {
  facts: { cwd: string; kind: string };
  exited: boolean;
}

export interface SpecWatchOptions {
  clock: Clock;
  log: Log;
  /** The names to look for; the first file that has checkboxes counts. With none nothing is read. */
  files: readonly string[];
  /** What is watched now, by key. */
  agents(): ReadonlyMap<string, SpecAgent>;
  /**
   * Hears how far the specification in an agent's folder is: 0–100, or null where there is none, which
   * is told too: there may have been one before the monitor was started.
   */
  tell(key: string, progress: number | null): void;
}

/** How often a folder is looked at, by whether anything was found there the last time. */
const FOUND_EVERY_MS = 3_000;
const EMPTY_EVERY_MS = 15_000;
/** What was told is told again: the actor that heard it may have been started anew since. */
const TELL_AGAIN_MS = 60_000;
/**
 * How often it is asked which folders are due: a finished agent that is found is known to be finished
 * a moment later, and would be told at 100 % until its file says otherwise.
 */
const SWEEP_MS = 100;
/** A folder on a network that hangs must not take all the threads that read files. */
const MAX_READERS = 2;

interface Folder {
  cwd: string;
  /** On the monotonic clock. */
  readAt: number;
  reading: boolean;
  spec: SpecFile | null;
}

/** Begins at once; answers what ends it. */
export const watchSpecs = (options: SpecWatchOptions): (() => void) => {
  const { clock, log, files, agents, tell } = options;
  const folders = new Map<string, Folder>();
  const told = new Map<string, { progress: number | null; at: number }>();
  let due: Folder[] = [];
  let readers = 0;
  let timer: unknown = null;
  let isStopped = false;

  const tellAll = ({ cwd, spec }: Folder) => {
    const progress = spec?.progress ?? null;
    const at = clock.monotonic();
    for (const key of keysIn(agents(), cwd)) {
      const before = told.get(key);
      if (before?.progress === progress && at - before.at < TELL_AGAIN_MS) continue;
      told.set(key, { progress, at });
      tell(key, progress);
    }
  };

  const read = async (folder: Folder): Promise<void> => {
    folder.reading = true;
    folder.readAt = clock.monotonic();
    try {
      folder.spec = await findSpec(folder.cwd, files, folder.spec);
      if (!isStopped) tellAll(folder);
    } catch (error) {
      // The file system failed, not the agent: what was told stays true until it can be read again.
      log.debug({ err: error, cwd: folder.cwd }, 'a specification could not be read');
    }
    folder.reading = false;
  };

  const readDue = async (): Promise<void> => {
    readers += 1;
    for (let next = due.shift(); next; next = due.shift()) await read(next);
    readers -= 1;
  };

  const sweep = () => {
    const wanted = foldersOf(agents());
    for (const cwd of folders.keys()) if (!wanted.has(cwd)) folders.delete(cwd);
    for (const key of told.keys()) if (!agents().has(key)) told.delete(key);
    for (const cwd of wanted) {
      if (folders.has(cwd)) continue;
      folders.set(cwd, { cwd, readAt: Number.NEGATIVE_INFINITY, reading: false, spec: null });
    }
    const now = clock.monotonic();
    due = [...folders.values()].filter(
      ({ reading, readAt, spec }) =>
        !reading && now - readAt >= (spec ? FOUND_EVERY_MS : EMPTY_EVERY_MS),
    );
    while (readers < MAX_READERS && due.length > 0) void readDue();
    timer = clock.setTimeout(sweep, SWEEP_MS);
  };

  sweep();
  return () => {
    isStopped = true;
    due = [];
    clock.clearTimeout(timer);
  };
};

/** Agents that live, whose folder is known; a plain shell works on no specification. */
const isAtWork = ({ exited, facts: { cwd, kind } }: SpecAgent): boolean =>
  !exited && kind !== 'generic' && cwd.startsWith('/');

const foldersOf = (agents: ReadonlyMap<string, SpecAgent>): Set<string> =>
  new Set([...agents.values()].filter(isAtWork).map(({ facts }) => facts.cwd));

const keysIn = (agents: ReadonlyMap<string, SpecAgent>, cwd: string): string[] =>
  [...agents].flatMap(([key, agent]) => (isAtWork(agent) && agent.facts.cwd === cwd ? [key] : []));

/** The first of the files that has checkboxes. */
const findSpec = async (
  folder: string,
  files: readonly string[],
  known: SpecFile | null,
): Promise<SpecFile | null> => {
  for (const name of files) {
    const spec = await readSpecFile(folder, name, known);
    if (spec && spec.progress !== null) return spec;
  }
  return null;
};
