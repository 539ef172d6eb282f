import { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { type DestinationStream, pino, stdSerializers } from 'pino';
import type { Log } from '../actors/ports.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * One JSON object a line on stdout, or with `pretty` one readable line. Whatever is logged is
 * cleaned first: secrets are masked and control characters, which a terminal would obey, written out.
 */
export const createLog = (options: {
  level: LogLevel;
  pretty?: boolean;
  destination?: DestinationStream;
}): Log => {
  const plain = options.destination ?? pino.destination({ dest: 1, sync: true });
  const logger = pino(
    {
      level: options.level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      // `clean` has made them plain; pino's own would do it again and lose their type.
      serializers: { err: (plain) => plain },
    },
    options.pretty ? createPrettyStream(plain) : plain,
  );
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
      if (logger.isLevelEnabled(level)) logger[level](cleanFields(fields), cleanText(message));
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
};

/** Masks secrets in a text and writes out its control characters, line breaks and tabs excepted. */
export const cleanText = (text: string): string => {
  const head = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  const masked = SECRETS.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), head);
  return masked.replace(CONTROLS, writtenOut);
};

/** Whether what stands under this name is not to be shown, whatever it is. */
export const isSecretKey = (key: string): boolean => SECRET_KEYS.test(key);

const MAX_TEXT = 16_384;
const MAX_DEPTH = 6;
const MASK = '[secret]';
/** By how the name of a field, or of an environment variable, ends. */
const SECRET_KEYS =
  /(?:^|[_-])(?:authorization|cookie)$|(?:token|passw(?:or)?d|secret|api[_-]?key|(?:access|private|secret)[_-]?key)$/i;

/** Every pattern is linear: one bounded or single-class run after a literal start. */
const SECRETS: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic) [\w.~+/=-]{8,}/gi, `$1 ${MASK}`],
  [/\b((?:proxy-)?authorization|(?:set-)?cookie): ?[^\r\n]+/gi, `$1: ${MASK}`],
  [/\bsk-[\w-]{8,}/g, MASK],
  [/\b(?:gh[opsur]_|github_pat_)\w{16,}/g, MASK],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, MASK],
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, MASK],
  // As in `DB_PASSWORD=…` and `"api_key": "…"`.
  [
    /(?<![\w-])([\w-]{0,32}(?:token|passw(?:or)?d|secret|api[_-]?key|(?:access|private)[_-]?key)["']?[:=] ?["']?)[^\s"',;]{6,}/gi,
    `$1${MASK}`,
  ],
  [/-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)?/g, MASK],
  [/([a-z][a-z0-9+.-]{0,15}:\/\/[^\s/:@]{0,128}):[^\s/@]{1,512}@/gi, `$1:${MASK}@`],
];

/** C0 but for tab and line feed, DEL, C1, and the marks that reorder or hide what a reader sees. */
const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what this is for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const writtenOut = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const cleanFields = (fields: object): object => clean(fields, MAX_DEPTH) as object;

const clean = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[deeper]';
  if (value instanceof Error) return clean({ ...stdSerializers.err(value) }, depth);
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map((item) => clean(item, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      cleanText(key),
      isSecretKey(key) ? MASK : clean(item, depth - 1),
    ]),
  );
};

/** Turns pino's lines into `12:00:01 INFO message key=value`, with an error's stack below it. */
const createPrettyStream = (output: DestinationStream): Writable =>
  new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      output.write(prettyLine(JSON.parse(line)));
      done();
    },
  });

const COLOURS = { 20: 'gray', 30: 'green', 40: 'yellow', 50: 'red' } as const;

const prettyLine = (record: Record<string, unknown>): string => {
  const { level, time, pid: _pid, msg, err, ...fields } = record;
  const name = pino.levels.labels[Number(level)]?.toUpperCase() ?? String(level);
  const colour = COLOURS[Number(level) as keyof typeof COLOURS] ?? 'red';
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  const stack = (err as { stack?: string } | undefined)?.stack;
  const below = stack === undefined ? '' : `\n${stack}`;
  return `${String(time).slice(11, 19)} ${styleText(colour, name.padEnd(5))} ${msg}${pairs.join('')}${below}\n`;
};
