/** Bytes from a terminal in raw mode → keys, typed text and pastes, however they were cut into reads. */

import { StringDecoder } from 'node:string_decoder';

export type Input =
  | { type: 'key'; key: string }
  /** Characters of one read without a control character between them. */
  | { type: 'text'; text: string }
  /** What stood between the marks of a bracketed paste. */
  | { type: 'paste'; text: string };

export interface KeyReader {
  read(chunk: Buffer): Input[];
  /** Ends the wait for the rest of a sequence: an ESC that nothing followed is the Escape key. */
  flush(): Input[];
  /** Something is held back until more comes or `flush` is called. */
  pending(): boolean;
}

export const createKeyReader = (): KeyReader => {
  const decoder = new StringDecoder('utf8');
  let rest = '';

  return {
    read: (chunk) => {
      const inputs: Input[] = [];
      rest += decoder.write(chunk);
      while (rest !== '') {
        const token = nextToken(rest);
        if (token === null) break;
        rest = rest.slice(token.length);
        if (token.input !== null) inputs.push(token.input);
      }
      return inputs;
    },
    flush: () => {
      if (!isEscape(rest)) return [];
      rest = '';
      return [{ type: 'key', key: 'escape' }];
    },
    pending: () => isEscape(rest),
  };
};

/** A paste that has begun may wait for its end as long as it likes; another half sequence may not. */
const isEscape = (rest: string): boolean => rest !== '' && !rest.startsWith(PASTE_START);

/** The first key, text or paste of `text`, or null where its end has not come yet. */
const nextToken = (text: string): { length: number; input: Input | null } | null => {
  if (text.startsWith(PASTE_START)) return pasteToken(text);
  if (!text.startsWith(ESC)) return plainToken(text);
  const sequence = SEQUENCES.map((pattern) => pattern.exec(text)?.[0]).find(Boolean);
  if (sequence !== undefined) {
    const key = SEQUENCE_KEYS[sequence];
    return { length: sequence.length, input: key === undefined ? null : { type: 'key', key } };
  }
  if (UNFINISHED.test(text)) return null;
  return text.startsWith(ESC + ESC)
    ? { length: 1, input: { type: 'key', key: 'escape' } }
    : { length: 2, input: { type: 'key', key: `alt-${text.charAt(1)}` } };
};

const pasteToken = (text: string) => {
  const end = text.indexOf(PASTE_END);
  if (end < 0) return null;
  const pasted = text.slice(PASTE_START.length, end);
  return { length: end + PASTE_END.length, input: { type: 'paste', text: pasted } as const };
};

const plainToken = (text: string): { length: number; input: Input | null } => {
  const typed = TYPED.exec(text)?.[0] ?? '';
  if (typed !== '') return { length: typed.length, input: { type: 'text', text: typed } };
  const key = CONTROL_KEYS[text.charAt(0)];
  return { length: 1, input: key === undefined ? null : { type: 'key', key } };
};

const ESC = '\x1b';
const PASTE_START = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

const TYPED = /^\P{Cc}+/u;

/** CSI, SS3, and answers to queries that end with ST or BEL. */
const SEQUENCES = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals send
  /^\x1b\[[0-?]*[ -/]*[@-~]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals send
  /^\x1bO[ -~]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals send
  /^\x1b[P\]_^X][\s\S]*?(?:\x1b\\|\x07)/,
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals send
const UNFINISHED = /^\x1b(?:$|\[[0-?]*[ -/]*$|O$|[P\]_^X])/;

const SEQUENCE_KEYS: Record<string, string> = {
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1b[C': 'right',
  '\x1b[D': 'left',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x1b[Z': 'shift-tab',
  '\x1b[I': 'focus-in',
  '\x1b[O': 'focus-out',
};

const CONTROL_KEYS: Record<string, string> = {
  '\r': 'enter',
  '\n': 'newline',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'ctrl-c',
  '\x04': 'ctrl-d',
  '\x15': 'ctrl-u',
};
