import type { Admission } from './admission.ts';
import { toProblem } from './errors.ts';

/** What the API measures of itself. None of these may throw. */
export interface HttpMeter {
  /** `route` is the path's template; null where no route took the request. */
  answered(call: { method: string; route: string | null; status: number; seconds: number }): void;
  /** Stopped at the door, before any route: the code of the problem that it was answered with. */
  refused(code: string): void;
  /** How many readers a live channel has now. */
  reading(channel: LiveChannel, readers: number): void;
  /** A reader was cut off. */
  dropped(channel: LiveChannel, reason: DropReason): void;
}

type LiveChannel = 'ws' | 'sse';

/**
 * `stalled`: it read nothing for too long; `overfull`: it read too little of what must be sent;
 * `silent`: it answers no ping; `too_many_messages`: it says too much; `unreadable`: what it is to
 * be told could not be read from the journal.
 */
export type DropReason = 'stalled' | 'overfull' | 'silent' | 'too_many_messages' | 'unreadable';

export const NO_METER: HttpMeter = {
  answered: () => {},
  refused: () => {},
  reading: () => {},
  dropped: () => {},
};

/** Admits as `admit` does, and tells of those who are not. */
export const countRefusals =
  (admit: Admission['admit'], { refused }: HttpMeter): Admission['admit'] =>
  async (request) => {
    try {
      return await admit(request);
    } catch (error) {
      refused(toProblem(error).code);
      throw error;
    }
  };
