/** Draws a recorded screen otherwise: narrower, lower, in other marks. What it says stays the same. */

/** At another width, as the agent would: frames as wide as the pane, the rest wrapped. */
export const rewrap = (text: string, width: number): string =>
  text
    .split('\n')
    .flatMap((line) => wrapLine(line.trimEnd(), width))
    .join('\n');

/** What a pane of so many rows still shows; what lay empty in between is gone first. */
export const lowered = (text: string, rows: number): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line, row, lines) => line !== '' || lines[row - 1] !== '')
    .slice(-rows)
    .join('\n');

/** A box as it is drawn round `lines`. */
export const boxed = (lines: readonly string[], width = 80): string[] => [
  `╭${'─'.repeat(width - 2)}╮`,
  ...lines.map((line) => `│ ${line.padEnd(width - 4)} │`),
  `╰${'─'.repeat(width - 2)}╯`,
];

const wrapLine = (line: string, width: number): string[] => {
  const drawn = /^ ?(?:─+|▔+|╌+|━+)$/u.exec(line)?.[0].trim();
  if (drawn) return [drawn.slice(0, 1).repeat(width)];
  const corners = /^([╭╰])─+([╮╯])$/u.exec(line);
  if (corners) return [`${corners[1]}${'─'.repeat(width - 2)}${corners[2]}`];
  const inner = /^│ (.*?) *│$/u.exec(line)?.[1];
  if (inner !== undefined)
    return words(inner, width - 4, indentOf(inner)).map((each) => `│ ${each.padEnd(width - 4)} │`);
  if (line.length <= width) return [line];
  if (line.endsWith('…')) return [`${line.slice(0, width - 1)}…`];
  if (/^\s{30}/.test(line)) return [line.trim().padStart(width)];
  return words(line, width, indentOf(line));
};

const indentOf = (line: string): number =>
  /^\s*(?:[❯›●⎿•✦✕ℹ] ?)?(?:\d+\. )?\s*/u.exec(line)?.[0].length ?? 0;

const words = (line: string, width: number, indent: number): string[] => {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/(?<=\S)(?= )/)) {
    if ((current + word).length <= width || current.trim() === '') current += word;
    else {
      lines.push(current);
      current = ' '.repeat(indent) + word.trimStart();
    }
  }
  return [...lines, current];
};
