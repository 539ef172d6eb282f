/** Many screens, one JSON object a line: read as they come, answered in order. */

import type { AgentKind } from '../../machines/vocabulary.ts';
import type { GivenScreen } from '../explain.ts';
import { jsonText } from './terminal.ts';

/** Longer lines than any screen makes are passed over: they would have to be held whole. */
const MAX_LINE = 32 * 1024 * 1024;

export interface ExplainLinesPorts {
  input: AsyncIterable<Uint8Array>;
  /** The kind that is meant by a name; null where there is none. */
  kindNamed(name: string): AgentKind | null;
  explain(given: GivenScreen): object;
  /** Resolves when more may be written. */
  write(text: string): Promise<void>;
  /** Hears of each line that could not be explained. */
  complain(message: string): void;
}

/**
 * Reads `{id, kind?, title?, screen}` and writes `{id, …explanation}`, each on a line. Blank lines
 * are passed over. Of an unknown kind, a screen is explained as one without a kind. Answers how many
 * lines were bad.
 */
export const explainLines = async (ports: ExplainLinesPorts): Promise<number> => {
  let bad = 0;
  for await (const { lines, first } of batchesOf(ports.input)) {
    let answers = '';
    for (const [index, line] of lines.entries()) {
      if (line !== null && line.trim() === '') continue;
      try {
        const { answer, complaint } = explainLine(line, ports);
        answers += `${jsonText(answer)}\n`;
        if (complaint === null) continue;
        bad += 1;
        ports.complain(`line ${first + index}: ${complaint}`);
      } catch (error) {
        bad += 1;
        // A screen on which a rule fails must not cost the other screens theirs.
        const why = error instanceof BadLine ? error.message : `could not be judged: ${error}`;
        ports.complain(`line ${first + index}: ${why}`);
      }
    }
    if (answers !== '') await ports.write(answers);
  }
  return bad;
};

/** What is wrong with a line, for a person to read. */
class BadLine extends Error {}

const explainLine = (
  line: string | null,
  { explain, kindNamed }: Pick<ExplainLinesPorts, 'explain' | 'kindNamed'>,
): { answer: object; complaint: string | null } => {
  if (line === null) throw new BadLine(`longer than ${MAX_LINE} characters`);
  const given = parse(line);
  const { id, screen } = given;
  if (typeof id !== 'string' && typeof id !== 'number') {
    throw new BadLine('"id" must be a text or a number');
  }
  if (typeof screen !== 'string') throw new BadLine('"screen" must be a text');
  const title = optionalText(given, 'title') ?? '';
  const name = optionalText(given, 'kind') || null;
  const kind = name === null ? null : kindNamed(name);
  const isUnknown = name !== null && kind === null;
  return {
    answer: { id, ...explain({ screen, title, kind }) },
    complaint: isUnknown
      ? `"kind" is ${JSON.stringify(name)}: no such kind of agent is known, so it was found out`
      : null,
  };
};

const parse = (line: string): Record<string, unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new BadLine(`is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadLine('must be an object such as {"id": "1", "screen": "…"}');
  }
  return value as Record<string, unknown>;
};

const optionalText = (given: Record<string, unknown>, field: string): string | null => {
  const value = given[field] ?? null;
  if (value !== null && typeof value !== 'string') throw new BadLine(`"${field}" must be a text`);
  return value;
};

interface Batch {
  /** Null stands for a line that was too long. */
  lines: (string | null)[];
  /** The number of the first, from 1. */
  first: number;
}

/**
 * The complete lines of each chunk. Only a line feed ends a line: node:readline would also split at
 * U+2028, which may stand in a JSON text.
 */
async function* batchesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Batch> {
  const decoder = new TextDecoder();
  /** The pieces of the line that has not ended; null while one that is too long is passed over. */
  let rest: string[] | null = [];
  let length = 0;
  let first = 1;
  const close = (end: string): string | null => {
    const line = rest === null ? null : [...rest, end].join('');
    rest = [];
    length = 0;
    return line;
  };
  for await (const chunk of input) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n');
    const unfinished = pieces.pop() ?? '';
    const lines = pieces.map(close);
    length += unfinished.length;
    if (length > MAX_LINE) rest = null;
    else rest?.push(unfinished);
    if (lines.length > 0) yield { lines, first };
    first += lines.length;
  }
  yield { lines: [close(decoder.decode())], first };
}
