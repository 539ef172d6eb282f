import type { InteractionLog, NamedLife } from '../../actors/ports.ts';

/** Writes into the interaction log what is done through the API, beside the commands. */
export interface Notes {
  /** Done to the monitor itself, by a caller who is known by more than what the request claims. */
  did(caller: string, action: string, detail: string): void;
  /** As `did`, for what may come often; the log says how often, by `what`. */
  counted(caller: string, action: string, what: string, of?: NamedLife | null): void;
}

/** Named in the log for who is not known. */
export const UNKNOWN = 'unknown';

export const createNotes = (options: { interactions: InteractionLog; now(): number }): Notes => {
  const { interactions, now } = options;
  return {
    did: (caller, action, detail) => {
      const by = { session: null, key: null, source: caller, caller };
      interactions.log({ at: now(), ...by, action, detail, text: '' });
    },
    counted: (caller, action, what, of = null) => {
      const { session, key } = of ?? { session: null, key: null };
      interactions.count({ at: now(), session, key, source: caller, caller, action }, what);
    },
  };
};
