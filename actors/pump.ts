import type { Clock } from './ports.ts';

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 30_000;

export interface Pump {
  /** There is something to do. Does nothing while the pump rests from a failure. */
  wake(): void;
  /** As `wake`, and whatever failed before is forgotten. */
  restart(): void;
  stop(): void;
}

type Phase = 'idle' | 'running' | 'running, woken' | 'resting' | 'stopped';

/**
 * Repeats a step, one at a time, as long as it answers that there is more. After a failure it rests,
 * longer after each up to 30 seconds, and tries again for ever.
 */
export const createPump = (options: {
  step: () => Promise<boolean>;
  failed: (error: unknown) => void;
  /** True for an error that only a person can end: it is not tried again soon. */
  isStubborn: (error: unknown) => boolean;
  clock: Clock;
  random: () => number;
}): Pump => {
  const { step, failed, isStubborn, clock, random } = options;
  let phase: Phase = 'idle';
  let failures = 0;
  let timer: unknown;

  const isIn = (...phases: Phase[]): boolean => phases.includes(phase);

  const run = async (): Promise<void> => {
    try {
      do {
        phase = 'running';
        const more = await step();
        failures = 0;
        if (more && isIn('running')) phase = 'running, woken';
      } while (isIn('running, woken'));
      if (isIn('running')) phase = 'idle';
    } catch (error) {
      if (!isIn('stopped')) rest(error);
    }
  };

  const rest = (error: unknown): void => {
    phase = 'resting';
    failures += 1;
    failed(error);
    timer = clock.setTimeout(() => void run(), isStubborn(error) ? RETRY_MAX_MS : retryDelay());
  };

  /** Between half and all of a delay that doubles each time. */
  const retryDelay = (): number =>
    Math.min(RETRY_MIN_MS * 2 ** (failures - 1), RETRY_MAX_MS) * (0.5 + random() / 2);

  const wake = (): void => {
    if (isIn('running')) phase = 'running, woken';
    if (isIn('idle')) void run();
  };

  return {
    wake,
    restart: () => {
      failures = 0;
      clock.clearTimeout(timer);
      if (isIn('resting')) phase = 'idle';
      wake();
    },
    stop: () => {
      phase = 'stopped';
      clock.clearTimeout(timer);
    },
  };
};
