import type { Clock, Stop } from '../../actors/ports.ts';
import type { Way } from './access.ts';
import { probe } from './probe.ts';

const LOOK_EVERY_MS = 3000;

/** A script that takes long may still end by itself. */
const LASTS_MS = 15_000;

/** Looks again and again whether the private Redis at this place lets the monitor in. */
export const watchEntry = (options: {
  way: Way;
  clock: Clock;
  onOpen: () => void;
  /** It does not; `lasts` where that has been so for some 15 seconds, which is told once. */
  onShut: (detail: string, lasts: boolean) => void;
}): Stop => {
  const { way, clock, onOpen, onShut } = options;
  let shutSince: number | null = null;
  let isStopped = false;
  let timer: unknown;

  const look = async (): Promise<void> => {
    const found = await probe(way);
    if (isStopped) return;
    timer = clock.setTimeout(() => void look(), LOOK_EVERY_MS);
    if (found.is === 'redis') {
      shutSince = null;
      return onOpen();
    }
    shutSince ??= clock.monotonic();
    const lasts = clock.monotonic() - shutSince >= LASTS_MS;
    if (lasts) stop();
    onShut(found.is === 'silent' ? found.detail : 'nothing listens at its socket', lasts);
  };

  const stop = (): void => {
    isStopped = true;
    clock.clearTimeout(timer);
  };

  timer = clock.setTimeout(() => void look(), LOOK_EVERY_MS);
  return stop;
};
