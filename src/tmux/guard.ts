/** The formats by which the tmux server itself decides whether something may be typed. */

import type { PaneIdentity, TypingGuard } from '../../machines/vocabulary.ts';

/** True in exactly that pane life. */
export const identityFor = (target: PaneIdentity): string => equal(IDENTITY, identityOf(target));

/**
 * True where the pane is the one that is meant, takes keys for itself alone, and shows what the
 * guard wants. One comparison of two lists, since nested conditions are expanded level by level.
 */
export const conditionFor = (target: PaneIdentity, { absent, present }: TypingGuard): string => {
  if (present.some((row) => row.trim() === '')) return NEVER;
  const unwanted = absent.map((part) => part.trim()).filter((part) => part !== '');
  return equal(
    [
      ...[IDENTITY, '#{pane_synchronized}#{pane_input_off}'],
      ...unwanted.map((part) => rowMatching(patternFor(part).replaceAll(' ', ANY_BLANK))),
      ...present.map((row) => `#{!=:${rowMatching(`^${patternFor(row.replace(END, ''))}$`)},0}`),
    ].join('/'),
    [identityOf(target), '00', ...unwanted.map(() => '0'), ...present.map(() => '1')].join('/'),
  );
};

const NEVER = '0';
const IDENTITY = '#{pane_pid}/#{pid}/#{start_time}/#{pane_dead}';

const identityOf = ({ panePid, server }: PaneIdentity): string =>
  `${panePid}/${server.pid}/${server.startTime}/0`;

const equal = (left: string, right: string): string => `#{==:${left},${right}}`;

/** The number of the first row of the screen that matches, or 0 (tmux 3.3a). */
const rowMatching = (pattern: string): string =>
  `#{C/r:${pattern.replace(MEANS_SOMETHING_TO_TMUX, '#$&')}}`;

/** tmux takes the blanks that end a row away before it compares; a no-break space is none to it. */
const END = /[ \t]+$/;

/**
 * What stands there, character for character, as an extended regular expression. Only `%`, which tmux
 * would take for a part of a date, is any character but the others of ASCII that can be seen.
 */
const patternFor = (text: string): string =>
  text.replace(MEANS_SOMETHING_IN_A_PATTERN, '\\$&').replaceAll('%', () => ANY_BUT_OTHER_ASCII);

/** In brackets, since tmux takes `##[` for something of its own. */
const ANY_BUT_OTHER_ASCII = '([^!-$&-~])';
const MEANS_SOMETHING_IN_A_PATTERN = /[\\^$.|?*+()[\]{}]/g;
const MEANS_SOMETHING_TO_TMUX = /[#,}]/g;
/** What is read as a blank may be drawn as one that does not break. */
const ANY_BLANK = '( |\u00a0)';
