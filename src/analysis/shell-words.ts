/** The words of a shell's commands, without running any of them. */

/** What a substitution brings, which nobody knows before it has run. */
const UNKNOWN_WORD = '$(…)';

/**
 * The words of each simple command of a line, those in substitutions and subshells included. Null
 * where something is written to a file, or the line cannot be read with certainty.
 */
export const simpleCommands = (line: string): string[][] | null => {
  const commands: string[][] = [];
  /** What stands around the one that is read: substitutions and subshells that are still open. */
  const around: Level[] = [];
  let level: Level = { words: [], word: null, isQuoted: false };
  const endCommand = () => {
    endWord(level);
    if (level.words.some((word) => word !== '')) commands.push(level.words);
    level.words = [];
  };
  for (let at = 0; at < line.length; ) {
    const chunk = chunkAt(line, at, level.isQuoted);
    if (!chunk) return null;
    at += chunk.length;
    if (chunk.kind === 'text') level.word = (level.word ?? '') + chunk.text;
    else if (chunk.kind === 'quote') {
      level.isQuoted = !level.isQuoted;
      level.word ??= '';
    } else if (chunk.kind === 'blank') endWord(level);
    else if (chunk.kind === 'redirection') endDescriptor(level);
    else if (chunk.kind === 'substitution') {
      level.word = (level.word ?? '') + UNKNOWN_WORD;
      around.push(level);
      level = { words: [], word: null, isQuoted: false };
    } else if (chunk.kind !== 'nothing') {
      endCommand();
      if (chunk.kind === 'open') {
        around.push(level);
        level = { words: [], word: null, isQuoted: false };
      }
      // A pattern of `case` ends like a substitution, but has opened nothing.
      if (chunk.kind === 'close') level = around.pop() ?? level;
    }
  }
  if (level.isQuoted || around.length > 0) return null;
  endCommand();
  return commands;
};

interface Level {
  words: string[];
  /** Null between words; a word may be empty. */
  word: string | null;
  isQuoted: boolean;
}

const endWord = (level: Level): void => {
  if (level.word !== null) level.words.push(level.word);
  level.word = null;
};

/** `2>`: the number is no argument. */
const endDescriptor = (level: Level): void => {
  if (level.word !== null && /^\d$/.test(level.word)) level.word = null;
  endWord(level);
};

type ChunkKind =
  | 'text'
  | 'nothing'
  | 'quote'
  | 'blank'
  | 'redirection'
  | 'substitution'
  | 'open'
  | 'close'
  | 'separator';

interface Chunk {
  kind: ChunkKind;
  /** What it adds to its word. */
  text: string;
  /** In the line. */
  length: number;
}

const chunkAt = (line: string, at: number, isQuoted: boolean): Chunk | null => {
  for (const [kind, pattern] of isQuoted ? IN_QUOTES : OUTSIDE) {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    if (found) return { kind, text: found[1] ?? '', length: found[0].length };
  }
  return null;
};

/** `$((…))`, which runs nothing. */
const ARITHMETIC = /(\$\(\((?:[^()`$]|\$(?!\()|\((?:[^()`$]|\$(?!\())*\))*\)\))/y;
/** What stands for no character at all: a line that goes on. */
const CONTINUED = /\\\n/y;

/**
 * The first that fits is taken; what none fits cannot be read: a backtick, a redirection to a file,
 * a quote that stays open. Group 1 is what is added to the word.
 */
const OUTSIDE: readonly (readonly [ChunkKind, RegExp])[] = [
  ['text', /([^\s'"\\$`<>;|&()#]+)/y],
  ['blank', /[^\S\n]+/y],
  ['blank', /(?<![^\s;|&()])#[^\n]*/y],
  ['nothing', CONTINUED],
  ['text', /\\([\s\S])/y],
  ['text', /\$'((?:[^'\\]|\\[\s\S])*)'/y],
  ['text', /'([^']*)'/y],
  ['quote', /"/y],
  ['text', ARITHMETIC],
  ['substitution', /\$\(/y],
  // Into nothing, into another descriptor, or from a file.
  ['redirection', /&?>{1,2}\s?\/dev\/null(?![^\s;|&)])|>&\d|<(?![<>(])/y],
  ['open', /\(/y],
  ['close', /\)/y],
  ['separator', /[;|&\n]/y],
  ['text', /([$#])/y],
];

const IN_QUOTES: readonly (readonly [ChunkKind, RegExp])[] = [
  ['text', /([^"\\$`]+)/y],
  ['quote', /"/y],
  ['nothing', CONTINUED],
  ['text', /\\(["\\$`])/y],
  ['text', ARITHMETIC],
  ['substitution', /\$\(/y],
  ['text', /([\\$])/y],
];
