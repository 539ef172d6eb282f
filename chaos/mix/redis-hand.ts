/** What happens to Redis. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Doings, Scene } from './scene.ts';

export const redisHand = ({ redis }: Scene): Doings<'redis'> => {
  const away = async (ms: number, options: { empty?: boolean } = {}): Promise<true> => {
    await redis.kill();
    await delay(ms);
    await redis.start(options);
    return true;
  };
  return {
    'redis-killed': ({ lastsMs }) => away(lastsMs),
    'redis-away': ({ lastsMs }) => away(lastsMs),
    'redis-emptied': ({ lastsMs }) => away(lastsMs, { empty: true }),
    'redis-frozen': async ({ lastsMs }) => {
      redis.freeze();
      await delay(lastsMs);
      redis.thaw();
      return true;
    },
    'redis-flushed': async () => {
      await redis.flush();
      return true;
    },
  };
};
