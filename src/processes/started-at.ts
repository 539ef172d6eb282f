import { readFile } from 'node:fs/promises';

/** When a process was started, in ms since the epoch; null where the kernel does not tell. */
export const startedAt = async (pid: number): Promise<number | null> => {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'latin1'),
      readFile('/proc/stat', 'latin1'),
    ]);
    // The program's name stands in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const bootSeconds = Number(/^btime (\d+)$/m.exec(boot)?.[1]);
    const at = bootSeconds * 1000 + (Number(fields[STARTTIME]) * 1000) / TICKS_PER_SECOND;
    return Number.isFinite(at) ? at : null;
  } catch (error) {
    // Gone meanwhile, or a system without /proc.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** Field 22 of proc(5), of those that follow the name, which is the second. */
const STARTTIME = 19;
/** What Linux tells programs on every architecture, whatever it counts by itself. */
const TICKS_PER_SECOND = 100;
