/** What was sent to a session from this tab, to be found again with the arrow keys. Pure. */

const MOST = 50;
/** A text of 64 KB is not worth the room of so many others. */
const LONGEST = 4_000;

/** The oldest first; the newest is kept once. */
export const withSent = (sent: readonly string[], text: string): string[] =>
  text.length > LONGEST
    ? [...sent]
    : [...sent.filter((other) => other !== text), text].slice(-MOST);

/** As the API has it. */
const MOST_BYTES = 65_536;

/** Why it cannot be sent in one; null where it can. */
export const tooLong = (text: string): string | null => {
  const { length } = new TextEncoder().encode(text);
  if (length <= MOST_BYTES) return null;
  return `The text has ${length.toLocaleString()} bytes; at most ${MOST_BYTES.toLocaleString()} are typed at once.`;
};

/** Where somebody is on the way back: `at` counts from the oldest, and is past the end at the draft. */
export interface Recall {
  at: number;
  /** What was being written when the way back began. */
  draft: string;
}

/** One step back or forth, with the text to show; null where there is none further. */
export const recall = (
  sent: readonly string[],
  { from, text, step }: { from: Recall | null; text: string; step: -1 | 1 },
): { to: Recall; text: string } | null => {
  const { at, draft } = from ?? { at: sent.length, draft: text };
  const next = at + step;
  if (next < 0 || next > sent.length) return null;
  return { to: { at: next, draft }, text: sent[next] ?? draft };
};

/** Whether an arrow key leaves the text: the cursor is in its first line, or in its last. */
export const leavesText = (text: string, cursor: number, step: -1 | 1): boolean =>
  step < 0 ? !text.slice(0, cursor).includes('\n') : !text.slice(cursor).includes('\n');
