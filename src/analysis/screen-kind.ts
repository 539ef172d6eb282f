/** Which agent drew a screen, where neither its process nor its title can be asked. */

import type { AgentKind } from '../../machines/vocabulary.ts';
import type { Drawing, Pattern, Profiles } from './profile.ts';
import { isRule, readScreen } from './screen.ts';

/**
 * The kind whose own drawing the screen shows, or null where none is sure. What stands at the bottom
 * counts most: the agent's own frame is there, and what is quoted stands above it, indented.
 */
export const kindOfScreen = (text: string, profiles: Profiles): AgentKind | null => {
  const { lines } = readScreen({ text, title: '', command: '' });
  const written = lines.filter((line) => line !== '');
  const seen: Seen = {
    top: written.slice(0, -BOTTOM_LINES),
    bottom: written.slice(-BOTTOM_LINES),
    frame: findFrame(written),
  };
  let best: AgentKind | null = null;
  let most = LEAST - 1;
  for (const { kind, drawn } of Object.values(profiles)) {
    const score = drawn ? scoreOf(drawn, seen) : 0;
    if (score <= most) continue;
    most = score;
    best = kind;
  }
  return best;
};

/** One sign alone may be chance: a shell prompts with `❯`, a log has bullets. One word of its own is not. */
const LEAST = 3;
const FRAME_SCORE = 4;
const BOTTOM_LINES = 12;

interface Seen {
  top: readonly string[];
  bottom: readonly string[];
  frame: Frame | null;
}

interface Frame {
  prompt: string;
  below: string;
}

const scoreOf = ({ signs, words, frame }: Drawing, seen: Seen): number => {
  const weigh = (mark: Pattern): number => {
    if (seen.bottom.some((line) => mark.test(line))) return 2;
    return seen.top.some((line) => mark.test(line)) ? 1 : 0;
  };
  const isFramed =
    frame &&
    seen.frame &&
    frame.prompt.test(seen.frame.prompt) &&
    frame.below.test(seen.frame.below);
  let score = isFramed ? FRAME_SCORE : 0;
  for (const sign of signs) score += weigh(sign);
  for (const word of words) score += 2 * weigh(word);
  return score;
};

/** The lines around the last prompt between two rule lines tell most who draw it so apart. */
const findFrame = (lines: readonly string[]): Frame | null => {
  const upper = lines.findLastIndex(
    (line, row) => isRule(line) && /^[❯>!#*](?: |$)/u.test(lines[row + 1] ?? ''),
  );
  const lower = upper < 0 ? -1 : lines.findIndex((line, row) => row > upper + 1 && isRule(line));
  if (lower < 0 || lines.length - lower > MAX_FOOTER) return null;
  return { prompt: lines[upper + 1] as string, below: lines[lower + 1] ?? '' };
};

/** The line of the keys, a line of the user's own, a few tasks. */
const MAX_FOOTER = 10;
