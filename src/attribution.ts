import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attribution } from '../actors/ports.ts';

export interface KeptAttribution extends Attribution {
  /** Whose code runs; null where it is nobody's. Also right in a handler of escaped errors. */
  current(): string | null;
}

/** Keeps in mind for which actor code runs, where no stack of calls tells it any more. */
export const createAttribution = (): KeptAttribution => {
  const storage = new AsyncLocalStorage<string>();
  return {
    to: (actor, call) =>
      storage.run(actor, () => {
        try {
          call();
        } catch (error) {
          // Thrown at once it would end up with the caller, who is none of this actor's.
          setImmediate(() => {
            throw error;
          });
        }
      }),
    toNobody: (call) => storage.exit(call),
    current: () => storage.getStore() ?? null,
  };
};
