const MAX_BYTES = 65_536;
const LF = 0x0a;
const TAB = 0x09;

/** The text as it is to be typed: with one kind of line end, unless it is to stay as it is. */
export const normalizeText = (text: string, raw: boolean): string =>
  raw ? text : text.replaceAll('\r\n', '\n');

/** What is wrong with a text that has been normalised, or null. */
export const faultOfText = (text: string, raw: boolean): string | null => {
  if (text === '') return 'must not be empty';
  if (Buffer.byteLength(text) > MAX_BYTES) return `must have at most ${MAX_BYTES} bytes of UTF-8`;
  let place = 0;
  for (const character of text) {
    place += 1;
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) return `has ${named(code, place)}, half of a character`;
    if (code === 0) return `has ${named(code, place)}, which tmux cannot type`;
    if (!raw && isControl(code)) return `has ${named(code, place)}, a control character: see raw`;
  }
  return raw || isVisible(text) ? null : NOT_VISIBLE;
};

/** An agent takes nothing else for a text, and nobody could tell whether it was submitted. */
export const isVisible = (text: string): boolean => VISIBLE.test(text);

export const NOT_VISIBLE = 'must hold something that can be seen';

const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;

const isControl = (code: number): boolean =>
  (code < 0x20 && code !== LF && code !== TAB) || (code >= 0x7f && code <= 0x9f);

const named = (code: number, place: number): string =>
  `U+${code.toString(16).toUpperCase().padStart(4, '0')} as its character ${place}`;
