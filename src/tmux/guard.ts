/** The formats by which the tmux server itself decides whether something may be typed. */

import type { PaneIdentity, TypingGuard } from '../../machines/vocabulary.ts';

/** True in exactly that pane life. */
export const identityFor = (target: PaneIdentity): string => equal(IDENTITY, identityOf(target));

/**
 * True where the pane is the one that is meant, takes keys for itself alone, and shows what the
 * guard wants. One comparison of two lists, since nested conditions are expanded level by level.
 */
export const conditionFor = (target: PaneIdentity, { absent, present }: TypingGuard): string => {
  const unwanted = absent.map((part) => part.trim()).filter((part) => part !== '');
  return equal(
    [
      ...[IDENTITY, '#{pane_synchronized}#{pane_input_off}'],
      ...unwanted.map((part) => rowMatching(patternFor(part))),
      ...present.map((row) => `#{!=:${rowMatching(`^${patternFor(row.replace(END, ''))}$`)},0}`),
    ].join('/'),
    [identityOf(target), '00', ...unwanted.map(() => '0'), ...present.map(() => '1')].join('/'),
  );
};

const IDENTITY = '#{pane_pid}/#{pid}/#{start_time}/#{pane_dead}';

const identityOf = ({ panePid, server }: PaneIdentity): string =>
  `${panePid}/${server.pid}/${server.startTime}/0`;

const equal = (left: string, right: string): string => `#{==:${left},${right}}`;

/** The number of the first row of the screen that matches, or 0 (tmux 3.1). */
const rowMatching = (pattern: string): string =>
  `#{C/r:${pattern.replace(MEANS_SOMETHING_TO_TMUX, '#$&')}}`;

/** tmux takes the blanks that end a row away before it compares; a no-break space is none to it. */
const END = /[ \t]+$/;

/**
 * What stands there, as an extended regular expression: character for character, but for blanks,
 * one of which may be drawn as another, and `%`, which tmux would take for a part of a date.
 */
const patternFor = (text: string): string =>
  text
    .replace(MEANS_SOMETHING_IN_A_PATTERN, '\\$&')
    .replace(BLANKS, (blanks) => `( |\u00a0)${blanks.length === 1 ? '' : `{${blanks.length}}`}`)
    .replaceAll('%', () => ANY_BUT_OTHER_ASCII);

const MEANS_SOMETHING_IN_A_PATTERN = /[\\^$.|?*+()[\]{}]/g;
const MEANS_SOMETHING_TO_TMUX = /[#,}]/g;
const ANY_BUT_OTHER_ASCII = '[^ -$&-~]';
const BLANKS = /[ \u00a0]+/g;
