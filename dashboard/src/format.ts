/** Figures and times in as few words as say it. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `42 s`, `5 min`, `3 h 07`, `2 d 4 h`. */
export const duration = (ms: number): string => {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY)
    return `${Math.floor(ms / HOUR)} h ${String(Math.floor((ms % HOUR) / MINUTE)).padStart(2, '0')}`;
  return `${Math.floor(ms / DAY)} d ${Math.floor((ms % DAY) / HOUR)} h`;
};

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The time of day. */
export const clockTime = (at: number): string => CLOCK.format(at);

export const dateTime = (at: number): string => DATE.format(at);

/** `1 agent`, `3 agents`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/**
 * A text as it is: characters that are not seen and change how others are read, such as those that
 * turn the direction, are shown by their number.
 */
export const plain = (text: string): string =>
  text.replace(UNSEEN, (unseen) => `‹${unseen.codePointAt(0)?.toString(16).toUpperCase()}›`);

// Without U+200C and U+200D, which scripts and emoji need.
const UNSEEN = /\u034f|[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** The last part of a path: what people call a project. */
export const folderName = (path: string): string => path.split('/').filter(Boolean).at(-1) ?? path;
