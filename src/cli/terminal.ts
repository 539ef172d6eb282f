/** What the command line prints for people: plain text, with nothing in it that a terminal obeys. */

export interface Terminal {
  /** Resolves when more may be written. */
  out(text: string): Promise<void>;
  err(text: string): void;
}

/**
 * On one line, whatever an agent wrote: breaks become blanks, and what a terminal obeys, or what
 * reorders or hides what a reader sees, is shown by its number, such as `‹202E›`.
 */
export const printable = (text: string): string =>
  text
    .replace(/[\t\n\r\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(UNSEEN, (mark) => (JOINERS.test(mark) ? mark : numberOf(mark)));

/** What a terminal obeys, and the marks that reorder or hide what a reader sees. */
const UNSEEN = /\u034f|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** Scripts and emoji need them. */
const JOINERS = /[\u200c\u200d]/;

const numberOf = (mark: string): string => `‹${mark.codePointAt(0)?.toString(16).toUpperCase()}›`;

/** Rows in columns as wide as their widest cell; the last one is not padded. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const cells = rows.map((row) => row.map(printable));
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => widthOf(row[at]))));
  return cells
    .map((row) => row.map((cell, at) => pad(cell, widths[at] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
};

/** JSON on one line that a terminal shows as it is: what it would not is written out. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(UNSEEN, (mark) => mark.split('').map(escapeOf).join(''));

const escapeOf = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** `45s`, `3m`, `2h`, `4d`: how long ago, in the largest unit. */
export const ago = (at: number | null, now: number): string => {
  if (at === null) return '-';
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
};

const pad = (cell: string, width: number): string => cell + ' '.repeat(width - widthOf(cell));

/** In columns: East Asian wide characters and emoji take two. */
const widthOf = (text = ''): number => {
  let width = 0;
  for (const char of text) width += WIDE.test(char) ? 2 : ZERO.test(char) ? 0 : 1;
  return width;
};

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO = /[\p{Mn}\p{Cf}]/u;
