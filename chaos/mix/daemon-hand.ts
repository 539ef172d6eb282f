/** What happens to the daemon itself, and to its disk. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Doings, Scene } from './scene.ts';

export const daemonHand = ({ watched, disk, violation }: Scene): Doings<'daemon'> => ({
  'daemon-killed': async () => {
    await watched.kill();
    await watched.start();
    return true;
  },
  'daemon-stopped': async () => {
    for (const fault of await watched.stop()) violation(fault);
    await watched.start();
    return true;
  },
  'daemon-frozen': async ({ lastsMs }) => {
    await watched.freeze(lastsMs);
    return true;
  },
  'daemon-doubled': async ({ choice }) => {
    for (const fault of await watched.double(choice < 0.5 ? 'folder' : 'server')) violation(fault);
    return true;
  },
  'disk-filled': async ({ lastsMs }) => {
    if (disk === null) return false;
    disk.fill();
    await delay(lastsMs);
    disk.free();
    return true;
  },
});
