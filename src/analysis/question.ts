/** What a dialog asks, among what it shows. */

import type { DialogMarks } from './profile.ts';

interface Paragraph {
  row: number;
  text: string;
}

/**
 * The paragraph nearest above the options that asks what a rule expects, or else anything; without
 * one, the dialog's first line.
 */
export const findQuestion = (
  lines: readonly string[],
  top: number,
  end: number,
  { rules }: DialogMarks,
): Paragraph => {
  const paragraphs = paragraphsAbove(lines, top, end);
  const isExpected = ({ text }: Paragraph) => rules.some(({ question }) => question?.test(text));
  const asking = paragraphs.find(isExpected) ?? paragraphs.find(({ text }) => text.includes('?'));
  if (asking) return asking;
  const row = lines.findIndex((line, at) => at >= top && /\S/.test(line) && !isFrame(line));
  return row >= 0 && row < end
    ? { row, text: (lines[row] as string).trim() }
    : { row: top, text: '' };
};

/** Nearest first, down to the frame of what is shown for approval. */
const paragraphsAbove = (lines: readonly string[], top: number, end: number): Paragraph[] => {
  const paragraphs: Paragraph[] = [];
  let paragraph: string[] = [];
  for (let row = end - 1; row >= top - 1; row -= 1) {
    const line = row >= top ? (lines[row] as string).trim() : '';
    if (line !== '' && !isFrame(line)) {
      paragraph.unshift(line);
      continue;
    }
    if (paragraph.length > 0) paragraphs.push({ row: row + 1, text: paragraph.join(' ') });
    paragraph = [];
    if (isFrame(line)) break;
  }
  return paragraphs;
};

/** What is shown for approval stands between such lines: no question of the agent's own. */
export const isFrame = (line: string): boolean => /^\s*[╌┄╭╰]/u.test(line);
