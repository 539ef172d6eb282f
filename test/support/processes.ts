import { readFileSync } from 'node:fs';

/** Whether a process with this id is there and has not ended; one that nobody has waited for has. */
export const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // It is gone altogether.
  }
};
