/** Starts that follow each other too fast: a monitor that keeps crashing must not go on typing. */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Check, Clock, Log, Stop } from '../actors/ports.ts';

export interface Boots {
  /** False where too many starts came in a row: until this one has lasted a minute, nothing is typed. */
  mayType(): boolean;
  /** How many starts the last minute saw, this one included; 0 once it has lasted that long. */
  recent(): number;
  check(): Check;
  /** The monitor was asked to stop: what follows is no crash's restart. Never throws. */
  forget(): void;
  stop: Stop;
}

const WITHIN_MS = 60_000;
const TOO_MANY = 5;

/**
 * Takes down this start, before anything that may crash; the record is the time of each start, a
 * line each, and goes when the monitor stops in order or has lasted a minute.
 */
export const recordBoot = (options: { path: string; clock: Clock; log: Log }): Boots => {
  const { path, clock, log } = options;
  const now = clock.now();
  const times = [...readTimes(path, now, log), now];
  let recent = times.length;
  write(path, times, log);

  const mayType = (): boolean => recent < TOO_MANY;
  const forget = (): void => remove(path, log);
  const timer = clock.setTimeout(() => {
    if (!mayType()) log.info({}, 'it has lasted a minute: typing is on again');
    recent = 0;
    forget();
  }, WITHIN_MS);

  if (!mayType()) log.error({ starts: recent }, `too many starts in a minute: ${OFF}`);
  return {
    mayType,
    recent: () => recent,
    check: () =>
      mayType()
        ? { status: 'ok', detail: '' }
        : { status: 'degraded', detail: `${recent} starts in a minute: ${OFF}` },
    forget,
    stop: () => clock.clearTimeout(timer),
  };
};

const OFF =
  'typing is off, commands are accepted and wait; it is on again when this start has lasted a minute, ' +
  'or at once after a stop and a start (./pm2.sh restart)';

/** A record that cannot be read, or times from the future, are of no use; they are no reason to fail. */
const readTimes = (path: string, now: number, log: Log): number[] => {
  try {
    const times = readFileSync(path, 'utf8').split('\n').filter(Boolean).map(Number);
    return times.filter((at) => at <= now && now - at < WITHIN_MS);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      log.warn({ err: error }, 'the record of starts cannot be read');
    }
    return [];
  }
};

const write = (path: string, times: number[], log: Log): void => {
  try {
    writeFileSync(`${path}.new`, times.map((at) => `${at}\n`).join(''), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    // On a full disk it starts all the same; only a crash would go uncounted.
    log.warn({ err: error }, 'this start cannot be recorded');
    remove(`${path}.new`, log);
  }
};

/** It is called while the monitor stops and from a timer: neither may end for a record's sake. */
const remove = (path: string, log: Log): void => {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    log.warn({ err: error }, 'the record of starts cannot be removed');
  }
};
