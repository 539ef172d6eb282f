/**
 * Keeps our clients from entering while we do anything of which tmux notifies control clients. While
 * a control client introduces itself, tmux 3.3a already notifies it, through a pointer that is not
 * set yet: one notification in those 0.2 ms ends the server with every session in it.
 */

import type { Clock } from '../../actors/ports.ts';

export interface Door {
  /** Waits until nobody disturbs. To be called once tmux knows the client, or it is gone. */
  enter(): Promise<() => void>;
  /**
   * Waits until nobody enters, though not for long: for a client that leaves, for a session that is
   * to be killed. To be called once that is done.
   */
  disturb(): Promise<() => void>;
}

/** A client that takes longer than this to enter is stuck. */
const MAX_WAIT_MS = 500;

export const createDoor = (clock: Clock): Door => {
  const entering = new Set<Promise<void>>();
  const disturbing = new Set<Promise<void>>();

  return {
    enter: async () => {
      while (disturbing.size > 0) await Promise.all(disturbing);
      return begin(entering);
    },
    disturb: async () => {
      const done = begin(disturbing);
      const wait = Promise.withResolvers<void>();
      const timer = clock.setTimeout(wait.resolve, MAX_WAIT_MS);
      await Promise.race([wait.promise, Promise.all(entering)]);
      clock.clearTimeout(timer);
      return done;
    },
  };
};

const begin = (passing: Set<Promise<void>>): (() => void) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  passing.add(promise);
  return () => {
    passing.delete(promise);
    resolve();
  };
};
