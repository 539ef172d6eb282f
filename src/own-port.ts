/** Who is at the other end of a connection to a port of this machine. */

import { setTimeout as delay } from 'node:timers/promises';
import { type Ends, holderOf, NOBODY } from './http/peer.ts';

/**
 * `own`: a program of this user, or of root, from whom nothing can be kept. Anybody may listen on a
 * port while the monitor does not, so before that is known nothing is to be said there. `unknown`
 * everywhere but on Linux, and for what is on another machine.
 */
export const whoHears = async (
  ends: Ends,
  readTable?: (path: string) => Promise<string>,
): Promise<'own' | 'another' | 'unknown'> => {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const holder = await holderOf(ends, readTable).catch(() => CANNOT_BE_READ);
    if (holder === null) return 'unknown';
    if (!holder.isUntaken) return isOwn(holder.uid) ? 'own' : 'another';
    await delay(LOOK_AGAIN_MS);
  }
  return 'unknown';
};

const CANNOT_BE_READ = null;
const LOOK_AGAIN_MS = 20;
/** Some 5 seconds, for a monitor that is busy. */
const MOST_LOOKS = 250;

const isOwn = (uid: number): boolean =>
  uid === 0 || (uid === process.geteuid?.() && uid !== NOBODY);
