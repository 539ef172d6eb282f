/** A pane's screen as a terminal shows it: the exact grid with its colours, and nothing else. */

const ESCAPE = '\x1b';
const SHIFT_OUT = '\x0e';
const SHIFT_IN = '\x0f';

/** The line drawing characters of the VT100, which tmux gives as letters between SO and SI. */
const LINES = new Map(
  Object.entries({
    ...{ '`': '◆', a: '▒', f: '°', g: '±', j: '┘', k: '┐', l: '┌', m: '└', n: '┼', o: '⎺' },
    ...{ p: '⎻', q: '─', r: '⎼', s: '⎽', t: '├', u: '┤', v: '┴', w: '┬', x: '│', y: '≤' },
    ...{ z: '≥', '{': 'π', '|': '≠', '}': '£', '~': '·' },
  }),
);

/**
 * What `capture-pane -e` gave, row by row, without anything but text and colours (SGR): no links, no
 * titles, nothing that a terminal would answer. tmux tells a colour once and goes on with it in the
 * next row; here each row stands by itself.
 */
export const readRows = (captured: string, height: number): string[] => {
  const rows = captured.split('\n');
  const pen = createPen();
  return Array.from({ length: height }, (_, index) => readRow(rows[index] ?? '', pen));
};

const readRow = (row: string, pen: Pen): string => {
  let text = pen.told();
  let isDrawing = false;
  for (const [piece, plain, parameters] of row.matchAll(PIECES)) {
    if (plain !== undefined) text += isDrawing ? drawn(plain) : plain;
    else if (parameters !== undefined) {
      pen.set(parameters);
      text += piece;
    } else if (piece === SHIFT_OUT) isDrawing = true;
    else if (piece === SHIFT_IN) isDrawing = false;
  }
  return text;
};

const drawn = (letters: string): string =>
  letters.replace(/[`-~]/g, (letter) => LINES.get(letter) ?? letter);

/** C0 and C1 controls and what reorders or hides text would be obeyed, not shown. */
const HIDDEN =
  '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff';

/** Text; the parameters of SGR; any other sequence, whole or broken off; one that is hidden. */
const PIECES = new RegExp(
  [
    `([^${HIDDEN}]+)`,
    '\\x1b\\[([\\d;:]*)m',
    '\\x1b\\[[^@-~]*[@-~]?',
    // Strings: they end with BEL or ST.
    '\\x1b[\\]P_^X][^\\x07\\x1b]*(?:\\x1b(?!\\\\)[^\\x07\\x1b]*)*(?:\\x07|\\x1b\\\\)?',
    '\\x1b[^]?',
    `[${HIDDEN}]`,
  ].join('|'),
  'g',
);

/** The colours and attributes that hold at one place. */
interface Pen {
  set(parameters: string): void;
  /** The shortest sequence that sets it anew; empty where it is plain. */
  told(): string;
}

const createPen = (): Pen => {
  const parts = new Map<string | number, string>();
  const setOne = (number: number, codes: string) => {
    if (number === 0) return parts.clear();
    const ended = ENDED.get(number);
    if (ended === undefined) parts.set(layerOf(number), codes);
    else for (const layer of ended) parts.delete(layer);
  };
  return {
    set: (parameters) => {
      if (ONE.test(parameters)) return setOne(numberOf(parameters), parameters);
      const codes = parameters.split(';');
      while (codes.length > 0) {
        const one = codes.splice(0, lengthOf(codes)).join(';');
        setOne(numberOf(one), one);
      }
    },
    told: () => (parts.size === 0 ? '' : `${ESCAPE}[${[...parts.values()].join(';')}m`),
  };
};

/** By far the most: whole screens may be drawn with a colour for each cell. */
const ONE = /^(?:[\d:]*|[345]8;(?:5;\d+|2;\d+;\d+;\d+))$/;

const numberOf = (codes: string): number => Number.parseInt(codes, 10) || 0;

/** What replaces each other. */
const layerOf = (number: number): string | number => {
  if ((number >= 30 && number <= 38) || (number >= 90 && number <= 97)) return 'colour';
  if ((number >= 40 && number <= 48) || (number >= 100 && number <= 107)) return 'background';
  return number;
};

/** The codes that only end others. */
const ENDED = new Map<number, (string | number)[]>([
  [22, [1, 2]],
  [23, [3]],
  [24, [4, 21]],
  [25, [5, 6]],
  [27, [7]],
  [28, [8]],
  [29, [9]],
  [39, ['colour']],
  [49, ['background']],
  [55, [53]],
  [59, [58]],
]);

/** How many parameters the first colour or attribute takes. */
const lengthOf = ([code = '', kind]: string[]): number => {
  if (!['38', '48', '58'].includes(code)) return 1;
  return kind === '5' ? 3 : 5;
};
