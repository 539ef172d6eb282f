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
  for (let at = 0; at < row.length; at += 1) {
    const character = row[at] as string;
    if (character === ESCAPE) {
      const { parameters, end } = readEscape(row, at);
      if (parameters !== null) {
        pen.set(parameters);
        text += `${ESCAPE}[${parameters}m`;
      }
      at = end;
    } else if (character === SHIFT_OUT) isDrawing = true;
    else if (character === SHIFT_IN) isDrawing = false;
    else if (!HIDDEN.test(character))
      text += isDrawing ? (LINES.get(character) ?? character) : character;
  }
  return text;
};

/** The colours and attributes that hold at one place. */
interface Pen {
  set(parameters: string): void;
  /** The shortest sequence that sets it anew; empty where it is plain. */
  told(): string;
}

const createPen = (): Pen => {
  const parts = new Map<string, string>();
  const setOne = (codes: string[]) => {
    const [code = '0'] = codes;
    const number = Number(code.split(':', 1)[0]);
    const layer = [38, 48, 58].includes(number) ? number - 8 : number;
    if (number === 0) parts.clear();
    else if (layer >= 30 && layer <= 37) parts.set('colour', codes.join(';'));
    else if (layer >= 40 && layer <= 47) parts.set('background', codes.join(';'));
    else if (layer >= 90 && layer <= 97) parts.set('colour', codes.join(';'));
    else if (layer >= 100 && layer <= 107) parts.set('background', codes.join(';'));
    else if (layer === 50) parts.set('underline', codes.join(';'));
    else if (layer === 39) parts.delete('colour');
    else if (layer === 49) parts.delete('background');
    else if (layer === 59) parts.delete('underline');
    else parts.set(code, code);
  };
  return {
    set: (parameters) => {
      const codes = parameters.split(';');
      while (codes.length > 0) setOne(codes.splice(0, lengthOf(codes)));
    },
    told: () => (parts.size === 0 ? '' : `${ESCAPE}[${[...parts.values()].join(';')}m`),
  };
};

/** How many parameters the first colour or attribute takes. */
const lengthOf = ([code = '', kind]: string[]): number => {
  if (!['38', '48', '58'].includes(code)) return 1;
  return kind === '5' ? 3 : 5;
};

/** The parameters of an SGR sequence; null for any other one, whole or broken off. */
const readEscape = (row: string, at: number): { parameters: string | null; end: number } => {
  const sgr = SGR.exec(row.slice(at, at + LONGEST_SGR));
  if (sgr) return { parameters: sgr[1] ?? '', end: at + sgr[0].length - 1 };
  const kind = row[at + 1];
  if (kind === '[') return { parameters: null, end: endOf(row, at + 2, isFinal) };
  if (kind !== undefined && ']P_^X'.includes(kind))
    return { parameters: null, end: endOf(row, at + 2, isTerminator) };
  return { parameters: null, end: at + 1 };
};

const LONGEST_SGR = 200;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it reads escape sequences
const SGR = /^\x1b\[([\d;:]*)m/;

const endOf = (row: string, from: number, isEnd: (row: string, at: number) => boolean): number => {
  let at = from;
  while (at < row.length && !isEnd(row, at)) at += 1;
  return at;
};

const isFinal = (row: string, at: number): boolean => /[@-~]/.test(row[at] as string);
const isTerminator = (row: string, at: number): boolean =>
  row[at] === '\x07' || (row[at] === '\\' && row[at - 1] === ESCAPE);

/** C0 and C1 controls and what reorders or hides text would be obeyed, not shown. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what this is for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
