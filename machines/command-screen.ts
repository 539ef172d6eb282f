/** What a look shows of a text that was typed. */

import type { CommandContext, Reading } from './command-context.ts';

export const isRunning = ({ verdict: { activity } }: Reading): boolean =>
  activity === 'reading' || activity === 'working';

export const dialogIsOpen = ({ verdict }: Reading): boolean => verdict.attention !== 'none';

/** It is known that no turn is running, nor waits for a person. */
export const isAtRest = (reading: Reading): boolean =>
  !isRunning(reading) && !dialogIsOpen(reading) && reading.verdict.activity !== 'unknown';

/** What stands in the composer: wrapping and a swallowed Enter add only blanks. */
export const standing = ({ verdict: { composer } }: Reading): string =>
  composer.content === 'draft' || composer.content === 'paste' ? bare(composer.text) : '';

/** Without what no screen shows for certain: blanks, and characters that have no width. */
export const bare = (text: string): string => text.replace(INVISIBLE, '');

const INVISIBLE = /\s|\p{Cc}|\p{Cf}|\ufe0e|\ufe0f/gu;

/**
 * All of the text is shown, and nothing else. Of a character made up of many, such as a family, tmux
 * keeps what fits into a cell; it stands for all of it.
 */
export const showsWhole = (shown: string, text: string): boolean => {
  const seen = bare(shown);
  const after = (ends: Set<number>, part: string) =>
    new Set([...ends].filter((end) => seen.startsWith(part, end)).map((end) => end + part.length));
  let ends = new Set([0]);
  for (const { segment } of CHARACTERS.segment(text)) {
    const [first = '', ...rest] = fitsCell(segment) ? [bare(segment)] : bare(segment);
    ends = after(ends, first);
    for (const part of rest) ends = ends.union(after(ends, part));
    if (ends.size === 0) return false;
  }
  return ends.has(seen.length);
};

const CHARACTERS = new Intl.Segmenter('und', { granularity: 'grapheme' });

const fitsCell = (character: string): boolean =>
  [...character].reduce((bytes, each) => bytes + bytesOf(each), 0) <= CELL_BYTES;

/** In UTF-8. */
const bytesOf = (point: string): number => {
  if (point.length > 1) return 4;
  return point < '\u0080' ? 1 : point < '\u0800' ? 2 : 3;
};

/** As much as tmux 3.3a has room for. */
const CELL_BYTES = 21;

/**
 * The text, or what the agent shows for a long one, stands in the composer and did not before. What
 * else appears there is a person's own.
 */
export const stands = ({ first, order }: CommandContext, reading: Reading): boolean => {
  const before = standing(first);
  const now = standing(reading);
  if (now === '' || now === before) return false;
  if (reading.verdict.composer.content === 'paste') return true;
  const isAppended = now.startsWith(before) && order.command.length <= MAX_WHOLE;
  if (isAppended && showsWhole(now.slice(before.length), order.command)) return true;
  return endsOf(order.command).some((end) => count(now, end) > count(before, end));
};

/** A composer may show but a part of a long text; and `!` at its beginning may become its prompt. */
const endsOf = (command: string): string[] => {
  const text = bare(command);
  const ends = [text.slice(0, END_LENGTH), text.slice(-END_LENGTH)];
  if (MODE.test(text)) ends.push(text.slice(1, 1 + END_LENGTH));
  return ends.filter((end) => end !== '');
};

const END_LENGTH = 20;
/** Of a longer text one of its ends is likely to be shown as it is. */
const MAX_WHOLE = 500;
const MODE = /^[!#&*?]/;

const count = (text: string, part: string): number => text.split(part).length - 1;

/** What stood in the composer when Enter was pressed is still in it, whatever was added since. */
export const holdsText = ({ progress }: CommandContext, reading: Reading): boolean =>
  progress.at === 'standing' && standing(reading).includes(progress.standing);

/** The composer holds what may be left of the text after a person has changed it. */
export const holdsRest = ({ progress, order }: CommandContext, reading: Reading): boolean => {
  const now = standing(reading);
  const texts = [bare(order.command), progress.at === 'standing' ? progress.standing : ''];
  return texts.some((text) => text !== '' && now !== '' && shareEnd(text, now));
};

const shareEnd = (a: string, b: string): boolean => {
  const length = Math.min(SHARED_LENGTH, a.length, b.length);
  return a.slice(0, length) === b.slice(0, length) || a.slice(-length) === b.slice(-length);
};

/** Two drafts have fewer characters in common but by chance. */
const SHARED_LENGTH = 3;

/** The composer is there, and nothing of the text in it. */
export const isEmptied = (context: CommandContext, reading: Reading): boolean =>
  reading.verdict.composer.content !== 'absent' && !holdsRest(context, reading);

/** A command of the agent's own, such as `/model`, that opens a menu of its own. */
export const opensMenu = ({ order, first }: CommandContext, { verdict }: Reading): boolean =>
  order.command.startsWith('/') && !isRunning(first) && verdict.attention === 'other-dialog';

/** The end of the text is on the screen, and was not when it was sent. */
export const echoed = ({ order, first }: CommandContext, { text }: Reading): boolean => {
  const end = bare(order.command.trimEnd().split('\n').at(-1) ?? '').slice(-MAX_ECHO);
  if (!end) return text !== first.text;
  const [before, now] = [bare(first.text), bare(text)];
  // Where as many scrolled away as came, it is the last thing there.
  return count(now, end) > count(before, end) || (text !== first.text && now.endsWith(end));
};

/** Long lines scroll out of a narrow pane. */
const MAX_ECHO = 60;
