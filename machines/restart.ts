/** Failures so far and policy → when to start it again, and what of the budget is left. */

export interface RestartPolicy {
  /** More failures than this within the window are one too many. */
  maxRestarts: number;
  withinMs: number;
  baseMs: number;
  capMs: number;
}

export interface Budget {
  /** Times of the failures within the window, in ms. */
  failures: readonly number[];
  /** Waits are longer than the window: a spent budget does not refill while its owner is down. */
  isSpent: boolean;
}

/** For what begins, and for what has run on trial for as long as the window. */
export const FULL_BUDGET: Budget = { failures: [], isSpent: false };

export interface Decision {
  budget: Budget;
  /** Where it is spent: for those that must go on being tried. */
  afterMs: number;
  /** The first restart resumes the last snapshot, but that may be what it fails of. */
  clean: boolean;
  /** False for what fails again though its budget was spent before: that was told. */
  isNews: boolean;
}

/** @param name differs between those that fail together, so that they do not come back together. */
export const onFailure = (
  policy: RestartPolicy,
  before: Budget,
  now: number,
  name: string,
): Decision => {
  const failures = [...before.failures.filter((at) => now - at < policy.withinMs), now];
  const isSpent = before.isSpent || failures.length > policy.maxRestarts;
  const { baseMs, capMs } = policy;
  return {
    budget: { failures, isSpent },
    afterMs: backoffMs({ baseMs: isSpent ? capMs : baseMs, capMs }, failures.length, name),
    clean: isSpent || failures.length > 1,
    isNews: !before.isSpent,
  };
};

/** Doubles with each attempt up to the cap, spread over its upper half by the name. */
export const backoffMs = (
  { baseMs, capMs }: Pick<RestartPolicy, 'baseMs' | 'capMs'>,
  attempt: number,
  name: string,
): number => {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (0.5 + 0.5 * spread(`${name}/${attempt}`)));
};

/** A fraction in [0, 1) that is always the same for the same text: jitter without chance (FNV-1a). */
const spread = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
};
