/** Escape sequences out, colours kept as far as they tell a placeholder from a human's draft. */

export interface AnsiText {
  lines: string[];
  /** Lines whose text from the third column on is all faint, the cell under the cursor aside. */
  faint: boolean[];
}

/** Reads what `capture-pane -e` gives. One pass over the characters, whatever they are. */
export const readAnsi = (text: string): AnsiText => {
  const lines: string[] = [];
  const faint: boolean[] = [];
  const pen: Pen = { ...PLAIN };
  let line = '';
  let plainCells = 0;
  let faintCells = 0;
  const end = () => {
    lines.push(line);
    faint.push(faintCells > 0 && plainCells === 0);
    line = '';
    plainCells = 0;
    faintCells = 0;
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === '\n') end();
    else if (char === '\x1b') at = afterEscape(text, at, pen);
    else if (char >= ' ') {
      if (line.length >= 2 && isText(char) && !isCursor(pen)) {
        if (pen.dim || pen.grey) faintCells += 1;
        else plainCells += 1;
      }
      line += char;
    }
  }
  end();
  return { lines, faint };
};

/** The sides of a box around the text are none of it. */
const isText = (char: string): boolean =>
  char !== ' ' && char !== '\u00a0' && char !== '│' && char !== '┃';

const isCursor = ({ reverse, lit, underlined }: Pen): boolean => reverse || lit || underlined;

interface Pen {
  dim: boolean;
  grey: boolean;
  reverse: boolean;
  /** On a light background: how Qwen Code 0.24 draws its cursor. */
  lit: boolean;
  /** How it draws it where the terminal is thought to have few colours. */
  underlined: boolean;
}

const PLAIN: Pen = { dim: false, grey: false, reverse: false, lit: false, underlined: false };

/** The index of the sequence's last character; colours are taken over into the pen. */
const afterEscape = (text: string, at: number, pen: Pen): number => {
  const kind = text[at + 1];
  if (kind === '[') {
    let end = at + 2;
    while (end < text.length && isParameter(text.charCodeAt(end))) end += 1;
    if (text[end] === 'm') setPen(pen, text.slice(at + 2, end));
    return isFinal(text.charCodeAt(end)) ? end : end - 1;
  }
  if (kind === ']' || kind === 'P' || kind === '_' || kind === '^') {
    let end = at + 2;
    while (end < text.length && text[end] !== '\x07' && text[end] !== '\n') {
      if (text[end] === '\x1b') return text[end + 1] === '\\' ? end + 1 : end - 1;
      end += 1;
    }
    return text[end] === '\x07' ? end : end - 1;
  }
  return kind === undefined || kind === '\n' ? at : at + 1;
};

/** Parameter and intermediate bytes of a control sequence. */
const isParameter = (code: number): boolean => code >= 0x20 && code <= 0x3f;

/** What ends a control sequence. Anything else, as the end of a line, has broken it off. */
const isFinal = (code: number): boolean => code >= 0x40 && code <= 0x7e;

const UNDERLINE_COLOUR = 58;

const setPen = (pen: Pen, parameters: string): void => {
  const codes = withoutColons(parameters).split(';').map(Number);
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at];
    if (code === 0) Object.assign(pen, PLAIN);
    else if (code === 2) pen.dim = true;
    else if (code === 22) pen.dim = false;
    else if (code === 4) pen.underlined = true;
    else if (code === 24) pen.underlined = false;
    else if (code === 7) pen.reverse = true;
    else if (code === 27) pen.reverse = false;
    else if (code === 38 || code === 48 || code === UNDERLINE_COLOUR) {
      const isIndexed = codes[at + 1] === 5;
      if (code === 48) pen.lit = isIndexed && isLightIndex(codes[at + 2]);
      if (code === 38) pen.grey = isIndexed ? isGreyIndex(codes[at + 2]) : isGreyRgb(codes, at + 2);
      at += isIndexed ? 2 : 4;
    } else if (code === 49) pen.lit = false;
    else if (code === 90) pen.grey = true;
    else if (code !== undefined && ((code >= 30 && code <= 39) || (code >= 91 && code <= 97)))
      pen.grey = false;
  }
};

/** One parameter may have parts of its own: `4:2` is no `4;2`, and `38:2::9:9:9` is `38;2;9;9;9`. */
const withoutColons = (parameters: string): string =>
  parameters.includes(':')
    ? parameters.replace(/\d*:[\d:]*/g, (whole) => {
        const [code = '', kind, ...parts] = whole.split(':');
        if (code === '4') return kind === '0' ? '24' : '4';
        const colour = kind === '2' ? parts.slice(-3) : parts.slice(0, 1);
        return [code, kind, ...colour].join(';');
      })
    : parameters;

/** The middle of the grey ramp, bright black, and the bluish grey of Qwen Code's comments. */
const isGreyIndex = (index = 0): boolean =>
  index === 8 || index === 103 || (index >= 236 && index <= 248);

const isLightIndex = (index = 0): boolean => index === 7 || index === 15 || index >= 250;

const isGreyRgb = (codes: number[], at: number): boolean => {
  const [red = 0, green = 0, blue = 0] = codes.slice(at, at + 3);
  const high = Math.max(red, green, blue);
  return high - Math.min(red, green, blue) <= 24 && high >= 64 && high <= 176;
};
