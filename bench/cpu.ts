/** What processes cost, as Linux counts it. */

import { readdirSync, readFileSync } from 'node:fs';

/** CPU seconds of a process so far: all its threads, to the nanosecond. */
export const processSeconds = (pid: number): number => {
  const threads = unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  const spent = threads.map((thread) => {
    const schedstat = unlessGone(() =>
      readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'),
    );
    return Number(schedstat?.split(' ')[0] ?? 0);
  });
  return spent.reduce((total, nanoseconds) => total + nanoseconds, 0) / 1e9;
};

/** CPU seconds of a process and its descendants so far, those that have ended included. */
export const familySeconds = (pid: number): number =>
  family(pid).reduce((total, member) => total + processSeconds(member) + endedSeconds(member), 0);

/** CPU seconds of everything on the machine so far. */
export const machineSeconds = (): number => {
  const fields =
    readFileSync('/proc/stat', 'utf8')
      .match(/^cpu .*/)?.[0]
      .match(/\d+/g) ?? [];
  // The fourth and fifth are idle time; from the eighth on it is time that was not this machine's.
  const busy = fields.slice(0, 7).filter((_, field) => field !== 3 && field !== 4);
  return busy.reduce((total, ticks) => total + Number(ticks), 0) / TICKS;
};

/** USER_HZ: the same on every Linux that Node runs on. */
const TICKS = 100;

const family = (root: number): number[] => {
  const children = Map.groupBy(processes(), ({ parent }) => parent);
  const members = [root];
  for (const member of members) {
    members.push(...(children.get(member) ?? []).map(({ pid }) => pid));
  }
  return members;
};

const processes = (): { pid: number; parent: number }[] =>
  readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    return stat === null ? [] : [{ pid: Number(name), parent: Number(stat[1]) }];
  });

/** Of children that have ended, to the tick. */
const endedSeconds = (pid: number): number => {
  const stat = statOf(pid);
  return stat === null ? 0 : (Number(stat[13]) + Number(stat[14])) / TICKS;
};

/** The fields behind the name, which is in parentheses and may hold anything. */
const statOf = (pid: number): string[] | null => {
  const stat = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};

const unlessGone = <Value>(read: () => Value): Value | null => {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
};
