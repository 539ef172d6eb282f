import type { Admission } from './admission.ts';
import { toProblem } from './errors.ts';
import type { Logins } from './logins.ts';

/** What the API measures of itself. None of these may throw. */
export interface HttpMeter {
  /** `route` is the path's template; null where no route took the request. */
  answered(call: { method: string; route: string | null; status: number; seconds: number }): void;
  /** Somebody was not let in: the code of the problem that was answered. */
  refused(code: string): void;
  /** How many readers a live channel has now. */
  reading(channel: LiveChannel, readers: number): void;
  /** A reader was cut off. */
  dropped(channel: LiveChannel, reason: DropReason): void;
  /** How many connections of the port such callers have now. */
  connected(caller: 'own' | 'token' | 'stranger', connections: number): void;
  /** A connection, or what was asked for on it, was not taken or was ended. */
  disconnected(cause: DropCause): void;
}

type LiveChannel = 'ws' | 'sse';

/**
 * `stalled`: it read nothing for too long; `overfull`: it read too little of what must be sent;
 * `silent`: it answers no ping; `too_many_messages`: it says too much; `unreadable`: what it is to
 * be told could not be read from the journal.
 */
export type DropReason = 'stalled' | 'overfull' | 'silent' | 'too_many_messages' | 'unreadable';

/**
 * `pushed_out`: it had shown no right to call and made way for a newer one; `timed_out`: it asked for
 * nothing in the time that such a one has; `full`: there were as many as there may be.
 */
export type DropCause = 'pushed_out' | 'timed_out' | 'full';

export const NO_METER: HttpMeter = {
  answered: () => {},
  refused: () => {},
  reading: () => {},
  dropped: () => {},
  connected: () => {},
  disconnected: () => {},
};

/** Admits as `admit` does, and tells of those who are not. */
export const countRefused =
  (admit: Admission['admit'], meter: HttpMeter): Admission['admit'] =>
  (request, answer) =>
    admit(request, answer).catch(refusing(meter));

/** As `logins`; tells of those who do not get in. */
export const countRefusedLogins = (logins: Logins, meter: HttpMeter): Logins => ({
  ...logins,
  enter: (secret, browser) => {
    try {
      return logins.enter(secret, browser);
    } catch (error) {
      return refusing(meter)(error);
    }
  },
});

const refusing =
  ({ refused }: HttpMeter) =>
  (error: unknown): never => {
    refused(toProblem(error).code);
    throw error;
  };
