/** The formats by which the tmux server itself decides whether something may be typed. */

import type { TypingGuard } from '../../actors/ports.ts';
import type { PaneIdentity } from '../../machines/vocabulary.ts';

/** True in exactly that pane life. */
export const identityFor = (target: PaneIdentity): string => equal(IDENTITY, identityOf(target));

/**
 * True where the pane is the one that is meant, takes keys for itself alone, and shows what the
 * guard wants. One comparison of two lists, since nested conditions are expanded level by level.
 */
export const conditionFor = (target: PaneIdentity, { absent, present }: TypingGuard): string => {
  const unwanted = absent.map(patternFor).filter((pattern) => pattern !== '');
  const wanted = present.map(patternFor).filter((pattern) => pattern !== '');
  return equal(
    [
      ...[IDENTITY, '#{pane_synchronized}#{pane_input_off}'],
      ...unwanted.map((pattern) => `#{C:${pattern}}`),
      ...wanted.map((pattern) => `#{!=:#{C:${pattern}},0}`),
    ].join('/'),
    [identityOf(target), '00', ...unwanted.map(() => '0'), ...wanted.map(() => '1')].join('/'),
  );
};

const IDENTITY = '#{pane_pid}/#{pid}/#{start_time}/#{pane_dead}';

const identityOf = ({ panePid, server }: PaneIdentity): string =>
  `${panePid}/${server.pid}/${server.startTime}/0`;

const equal = (left: string, right: string): string => `#{==:${left},${right}}`;

/**
 * `#{C:…}` (tmux 3.3a) tells the first row of the screen that matches `*…*` as a file name would.
 * Letters and digits stand for themselves. Any other ASCII character is `?`: a blank may be a
 * no-break space, and the rest means something to tmux or to the match. What lies beyond ASCII and
 * is no letter may be drawn in another way than it is read: it is `*`, of which a pattern has but a
 * few, as each multiplies the work. Empty where nothing is left to look for.
 */
const patternFor = (text: string): string => {
  let pattern = '';
  let stars = 0;
  for (const character of [...text.trim()].slice(0, MAX_CHARACTERS)) {
    if (/[\p{L}\p{N}]/u.test(character)) pattern += character;
    else if (character >= ' ' && character <= '~') pattern += '?';
    else if (!pattern.endsWith('*')) {
      if (stars === MAX_STARS) break;
      stars += 1;
      pattern += '*';
    }
  }
  return /[^?*]/.test(pattern) ? pattern : '';
};

/** Longer texts may be wrapped into two rows. */
const MAX_CHARACTERS = 40;
const MAX_STARS = 3;
