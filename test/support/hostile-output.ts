/** What a pane can be made to write to hurt whoever watches it, as endless pieces of bytes. */

import { randomBytes } from 'node:crypto';

export interface Hostile {
  /** A piece is some 16 KB, or what is to be written at once. */
  pieces(): Generator<Buffer>;
  /** Between two pieces; 0 is as fast as the terminal takes them. */
  gapMs: number;
}

/** Brings a terminal back to its senses, whatever it was in the middle of. */
export const SANE = Buffer.from('\x18\x1b\\\x1bc\x1b[?1049l\x1b[!p\x1b[r\x0f\x1b(B');

const PIECE_BYTES = 16 << 10;
const LINE_BYTES = 10 << 20;

const always = (text: string): Hostile => {
  const piece = Buffer.from(text.repeat(Math.max(1, Math.floor(PIECE_BYTES / text.length))));
  return { gapMs: 0, pieces: () => endless(() => piece) };
};

const made = (make: (index: number) => string | Buffer, gapMs = 0): Hostile => ({
  gapMs,
  pieces: () => endless((index) => Buffer.from(make(index))),
});

function* endless(make: (index: number) => Buffer): Generator<Buffer> {
  for (let index = 0; ; index += 1) yield make(index);
}

/** One line of ten million bytes, then the next. */
const longLine = (): Hostile =>
  made((index) => 'x'.repeat(PIECE_BYTES) + ((index + 1) % (LINE_BYTES / PIECE_BYTES) ? '' : '\n'));

/** What the rules of the profiles look for, in runs and mixtures that make a pattern try again. */
const marks = (): Hostile =>
  made(() => Array.from({ length: 160 }, () => markedLine()).join('\r\n'));

const MARKS = [
  ...['❯ ', '> ', '│', '─', '╭', '╰', '●', '⎿', '✻', '✳ ', '⏺', '· ', '…', '☐ ', '☒ ', '✔ '],
  ...[
    '1. ',
    '2. ',
    '(',
    ')',
    '[',
    ']',
    ' ',
    '    ',
    '\t',
    '9',
    '99s',
    '↓ ',
    'tokens',
    'a',
    '\u00a0',
  ],
  ...['(esc to interrupt)', 'Do you want', 'Yes', 'No', '? ', 'Bash(', 'Read(', '…)', ':', ','],
];

const markedLine = (): string => {
  const [one, two] = [pick(MARKS), pick(MARKS)];
  const line = Math.random() < 0.5 ? (one + two).repeat(100) : run(30, () => pick(MARKS));
  return line.slice(0, 118);
};

const run = (length: number, make: () => string): string => Array.from({ length }, make).join('');

const pick = <Value>(values: readonly Value[]): Value =>
  values[Math.floor(Math.random() * values.length)] as Value;

const PROTOCOL = [
  ...['%begin 1 1 1', '%end 1 1 1', '%error 1 1 1', '%exit', '%output %0 x', '%pause %0'],
  ...['%sessions-changed', '%session-changed $99 x', '%layout-change @0 x', '\\033\\134'],
];

const title = (index: number): string => `\x1b]2;⠐ ${index} #{pid} #(true) '";$HOME\\ %end\x1b\\`;

export const HOSTILE = {
  'endless lines (yes)': always('y\r\n'),
  'random bytes': made(() => randomBytes(PIECE_BYTES)),
  'lines of 10 MB': longLine(),
  'clear-screen storm': always('\x1b[2J\x1b[H\x1b[3J.'),
  'unterminated OSC': made((index) => (index === 0 ? '\x1b]0;' : 'x'.repeat(PIECE_BYTES))),
  'unterminated DCS': made((index) => (index === 0 ? '\x1bPq' : 'x'.repeat(PIECE_BYTES))),
  'marks of all dialogs and prompts': marks(),
  'joined emoji, wide characters': always('👩‍👩‍👧‍👦🏳️‍🌈한漢字ｶﾞ\u200d\u202e\u2066'),
  'combining characters': made(() => `a${'\u0301'.repeat(PIECE_BYTES / 2)}`),
  'alternate screen to and fro': always('\x1b[?1049hfull\x1b[?1049l'),
  'bells and focus reports': always('\x07\x1b[?1004h\x1b[?1004l'),
  'lines like the protocol': made(() => `${run(400, () => `${pick(PROTOCOL)}\r\n`)}`),
  'titles as fast as can be': made((index) => run(200, () => title(index))),
  '1000 titles a second': made((index) => run(10, () => title(index)), 10),
  'window names': made((index) => run(10, () => `\x1bk#(true)${index}\n%exit\x1b\\`), 10),
} satisfies Record<string, Hostile>;

export type HostileName = keyof typeof HOSTILE;
