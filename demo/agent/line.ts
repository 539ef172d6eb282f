/** Lines of styled text: how wide they are in a terminal, and how they wrap. */

export interface Style {
  /** Colours of the 256-colour palette. */
  fg?: number;
  bg?: number;
  bold?: boolean;
  dim?: boolean;
  inverse?: boolean;
  strike?: boolean;
}

export interface Span {
  text: string;
  style: Style;
}

export type Line = Span[];

export const span = (text: string, style: Style = {}): Span => ({ text, style });

export const textOf = (line: Line): string => line.map(({ text }) => text).join('');

/** Columns that a terminal gives the text. */
export const widthOf = (text: string): number =>
  isAscii(text) ? text.length : graphemes(text).reduce((sum, part) => sum + cellsOf(part), 0);

/** The line in rows of at most `width` columns, the later ones indented. Words break only where they must. */
export const wrap = (line: Line, width: number, indent = 0): Line[] => {
  if (widthOf(textOf(line)) <= width) return [line];
  const rows: Line[] = [[]];
  let used = 0;
  for (const word of line.flatMap(wordsOf)) {
    const cells = widthOf(word.text);
    if (used > indent && used + widthOf(word.text.trimEnd()) > width) {
      rows.push([span(' '.repeat(indent))]);
      used = indent;
    }
    for (const part of cells > width - indent ? piecesOf(word) : [word]) {
      if (used + widthOf(part.text.trimEnd()) > width && used > indent) {
        rows.push([span(' '.repeat(indent))]);
        used = indent;
      }
      rows.at(-1)?.push(part);
      used += widthOf(part.text);
    }
  }
  return rows.map(merge);
};

/** The line cut to `width` columns. */
export const cut = (line: Line, width: number): Line => {
  let left = width;
  return line.flatMap(({ text, style }) => {
    let kept = '';
    for (const part of widthOf(text) <= left ? [text] : graphemes(text)) {
      const cells = widthOf(part);
      if (cells > left) {
        left = 0;
        break;
      }
      kept += part;
      left -= cells;
    }
    return kept === '' ? [] : [{ text: kept, style }];
  });
};

/** The line filled with spaces of the given style up to `width` columns. */
export const fill = (line: Line, width: number, style: Style): Line => [
  ...line,
  span(' '.repeat(Math.max(0, width - widthOf(textOf(line)))), style),
];

/** The bytes that draw the line, beginning and ending without attributes. */
export const toAnsi = (line: Line): string =>
  line.map(({ text, style }) => styled(text, sgr(style))).join('');

const styled = (text: string, codes: string): string =>
  codes === '' || text === '' ? text : `${codes}${text}\x1b[0m`;

const sgr = ({ fg, bg, bold, dim, inverse, strike }: Style): string => {
  const codes = [
    ...(bold ? ['1'] : []),
    ...(dim ? ['2'] : []),
    ...(inverse ? ['7'] : []),
    ...(strike ? ['9'] : []),
    ...(fg === undefined ? [] : [`38;5;${fg}`]),
    ...(bg === undefined ? [] : [`48;5;${bg}`]),
  ];
  return codes.length === 0 ? '' : `\x1b[${codes.join(';')}m`;
};

const wordsOf = ({ text, style }: Span): Span[] =>
  (text.match(/\S*\s*/g) ?? []).filter(Boolean).map((word) => span(word, style));

const piecesOf = ({ text, style }: Span): Span[] =>
  graphemes(text).map((part) => span(part, style));

/** Neighbours of one style become one span. */
const merge = (line: Line): Line => {
  const merged: Line = [];
  for (const next of line) {
    const last = merged.at(-1);
    if (last === undefined || last.style !== next.style) merged.push({ ...next });
    else last.text += next.text;
  }
  return merged;
};

const graphemes = (text: string): string[] =>
  [...SEGMENTER.segment(text)].map(({ segment }) => segment);

const cellsOf = (grapheme: string): number => {
  if (ZERO.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with them
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

const SEGMENTER = new Intl.Segmenter();
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
