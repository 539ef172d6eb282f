/** Crash history and policy → restart after so many milliseconds, or the budget is spent. */

export interface RestartPolicy {
  /** More crashes than this within the window are one too many. */
  maxRestarts: number;
  withinMs: number;
  baseMs: number;
  capMs: number;
}

export type Decision =
  | { kind: 'restart'; afterMs: number; clean: boolean }
  /** `afterMs` is for those that must go on being tried. */
  | { kind: 'spent'; afterMs: number };

/**
 * @param crashes times of all crashes so far, this one included, in ms.
 * @param seed any text that differs between children, so that their restarts spread out.
 * The first crash resumes from the last snapshot; a second in a row begins clean, since the
 * snapshot itself may be what crashes it.
 */
export const onCrash = (
  policy: RestartPolicy,
  crashes: readonly number[],
  now: number,
  seed: string,
): Decision => {
  const recent = crashes.filter((at) => now - at < policy.withinMs).length;
  if (recent > policy.maxRestarts) {
    return { kind: 'spent', afterMs: backoffMs({ ...policy, baseMs: policy.capMs }, recent, seed) };
  }
  return { kind: 'restart', afterMs: backoffMs(policy, recent, seed), clean: recent > 1 };
};

/** Doubles with each attempt up to the cap, spread over its upper half by the seed. */
export const backoffMs = (
  { baseMs, capMs }: Pick<RestartPolicy, 'baseMs' | 'capMs'>,
  attempt: number,
  seed: string,
): number => {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (0.5 + 0.5 * spread(`${seed}/${attempt}`)));
};

/** A fraction in [0, 1) that is always the same for the same text: jitter without chance (FNV-1a). */
const spread = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
};
