/** The processes of a pane: its own and what was started from it. */

import { execFile } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Processes, ProcessInfo } from '../../actors/ports.ts';

export interface ProcessesOptions {
  /** Linux is read from /proc; elsewhere one `ps` lists everything. */
  platform?: NodeJS.Platform;
}

export const createProcesses = ({
  platform = process.platform,
}: ProcessesOptions = {}): Processes => {
  const ps = createPs();
  if (platform !== 'linux') return ps;
  // Kernels may be built without it, and some sandboxes leave it out.
  const listsChildren = access('/proc/thread-self/children').then(
    () => true,
    () => false,
  );
  return { tree: async (root) => ((await listsChildren) ? walkProc(root) : ps.tree(root)) };
};

/** Agents start many short-lived commands; who runs in a pane is known long before this many. */
const MAX_PROCESSES = 200;

const walkProc = async (root: number): Promise<ProcessInfo[]> => {
  const found: ProcessInfo[] = [];
  let level = [root];
  while (level.length > 0 && found.length < MAX_PROCESSES) {
    const read = await Promise.all(level.slice(0, MAX_PROCESSES - found.length).map(readProc));
    const alive = read.filter((each) => each !== null);
    found.push(...alive.map(({ pid, argv }) => ({ pid, argv })));
    level = alive.flatMap(({ children }) => children);
  }
  return found;
};

interface ProcEntry extends ProcessInfo {
  children: number[];
}

/** Null where the process is gone. A process that may not be read has no arguments. */
const readProc = async (pid: number): Promise<ProcEntry | null> => {
  const [cmdline, children] = await Promise.all([
    readIfThere(`/proc/${pid}/cmdline`),
    readChildren(pid),
  ]);
  if (cmdline === null) return null;
  const argv = cmdline.split('\0').filter((argument) => argument !== '');
  return { pid, argv, children };
};

/** Each thread lists the processes that it has started itself. */
const readChildren = async (pid: number): Promise<number[]> => {
  const tasks = await ifThere(readdir(`/proc/${pid}/task`), []);
  const lists = await Promise.all(
    tasks.map((task) => readIfThere(`/proc/${pid}/task/${task}/children`)),
  );
  return lists.flatMap((list) => (list ?? '').split(' ').filter(Boolean).map(Number));
};

const readIfThere = (path: string): Promise<string | null> =>
  ifThere<string | null>(readFile(path, 'utf8'), null);

/** Processes vanish while they are read, and others' may not be read at all. */
const ifThere = <T>(reading: Promise<T>, otherwise: T): Promise<T> =>
  reading.catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(error.code ?? '')) return otherwise;
    throw error;
  });

/** Those who ask while a listing is under way share it. */
const createPs = (): Processes => {
  let listing: Promise<Map<number, PsEntry>> | null = null;
  const list = () => {
    listing ??= listAll().finally(() => {
      listing = null;
    });
    return listing;
  };
  return { tree: async (root) => below(await list(), root) };
};

interface PsEntry extends ProcessInfo {
  parent: number;
}

const listAll = async (): Promise<Map<number, PsEntry>> => {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,args='], {
    maxBuffer: 16 * 1024 * 1024,
  });
  const entries = stdout.split('\n').flatMap((line): [number, PsEntry][] => {
    const [pid, parent, ...argv] = line.trim().split(/\s+/);
    return pid ? [[Number(pid), { pid: Number(pid), parent: Number(parent), argv }]] : [];
  });
  return new Map(entries);
};

const below = (all: ReadonlyMap<number, PsEntry>, root: number): ProcessInfo[] => {
  const children = Map.groupBy(all.values(), ({ parent }) => parent);
  const self = all.get(root);
  const found: PsEntry[] = self ? [self] : [];
  for (let at = 0; at < found.length && found.length < MAX_PROCESSES; at += 1)
    found.push(...(children.get((found[at] as PsEntry).pid) ?? []));
  return found.map(({ pid, argv }) => ({ pid, argv }));
};
