/** What happens to the daemon itself, to its clock, its threads and its disk. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Stats } from '../../actors/ports.ts';
import { tryCall } from './calls.ts';
import type { Doings, Scene } from './scene.ts';

/** As many starts within a minute turn its typing off. */
const TOO_MANY_STARTS = 5;
const WITHIN_MS = 60_000;
/** What has just started on a busy machine takes its time. */
const ANSWER_WITHIN_MS = 20_000;

export const daemonHand = ({ watched, clock, disk, violation }: Scene): Doings<'daemon'> => {
  const stop = async (): Promise<void> => {
    for (const fault of await watched.stop()) violation(fault);
  };
  const expectTyping = async (on: boolean, when: string): Promise<void> => {
    const call = { withinMs: ANSWER_WITHIN_MS };
    const answer = await tryCall(watched.daemon, 'GET', '/api/stats', call);
    const { typing } = (answer?.body ?? {}) as Partial<Stats>;
    if (typing?.on !== on) violation(`${when} typing is ${JSON.stringify(typing)}`);
  };

  return {
    'daemon-killed': async () => {
      await watched.kill();
      await watched.start();
      return true;
    },
    'daemon-stopped': async () => {
      await stop();
      await watched.start();
      return true;
    },
    'daemon-looped': async () => {
      const beganAt = performance.now();
      for (let start = 0; start < TOO_MANY_STARTS; start += 1) {
        await watched.kill();
        await watched.start();
      }
      // On a machine that is too slow for it these are no starts in a row.
      const isLoop = performance.now() - beganAt < WITHIN_MS;
      if (isLoop) await expectTyping(false, `after ${TOO_MANY_STARTS} crashes`);
      await stop();
      await watched.start();
      await expectTyping(true, 'after a stop and a start');
      return isLoop;
    },
    'daemon-frozen': async ({ lastsMs }) => {
      await watched.freeze(lastsMs);
      return true;
    },
    'daemon-doubled': async ({ choice }) => {
      for (const fault of await watched.double(choice < 0.5 ? 'folder' : 'server'))
        violation(fault);
      return true;
    },
    'clock-set': ({ choice }) =>
      watched.order((orders, pid) => orders.setClock(pid, clock.offMs(choice))),
    'threads-ended': () => watched.order((orders, pid) => orders.endThreads(pid)),
    'threads-hung': async ({ lastsMs }) => {
      watched.orders.hangThreads(true);
      await delay(lastsMs);
      watched.orders.hangThreads(false);
      return true;
    },
    'disk-filled': async ({ lastsMs }) => {
      if (disk === null) return false;
      disk.fill();
      await delay(lastsMs);
      disk.free();
      return true;
    },
  };
};
