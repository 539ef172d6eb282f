/** Does one thing again and again, never twice at a time. */

import type { Clock } from '../../actors/ports.ts';

export interface Rhythm {
  /** Do it as soon as possible, once the one under way is done. */
  soon(): void;
  /** The period may have changed. */
  adjust(): void;
  stop(): void;
}

export interface RhythmOptions {
  clock: Clock;
  /** From one beginning to the next; null while there is nothing to do. */
  periodMs(): number | null;
  beat(): Promise<void>;
}

export const createRhythm = ({ clock, periodMs, beat }: RhythmOptions): Rhythm => {
  let timer: unknown = null;
  let begunAt = Number.NEGATIVE_INFINITY;
  let busy = false;
  let urgent = false;
  let stopped = false;

  const arm = (): void => {
    clock.clearTimeout(timer);
    if (stopped || busy) return;
    const period = urgent ? 0 : periodMs();
    if (period === null) return;
    timer = clock.setTimeout(fire, Math.max(0, begunAt + period - clock.monotonic()));
  };

  const fire = (): void => {
    begunAt = clock.monotonic();
    busy = true;
    urgent = false;
    void beat().finally(() => {
      busy = false;
      arm();
    });
  };

  return {
    soon: () => {
      urgent = true;
      arm();
    },
    adjust: arm,
    stop: () => {
      stopped = true;
      arm();
    },
  };
};
