/** Users' regular expressions: whatever they hold, their cost is linear in the text. */

import { RE2JS } from 're2js';
import type { Pattern } from './profile.ts';

/** RE2's syntax, and JavaScript's spelling of it: `(?<name>…)`, `\u2713`; `(?i)` for any case. */
export interface CustomPattern extends Pattern {
  /** How many groups it has, and the names of those that have one. */
  readonly groups: { readonly count: number; readonly names: readonly string[] };
}

/**
 * `Symbol.replace` replaces the first match, with `all` every one, by a text without references.
 * @throws {Error} saying what is wrong with the source.
 */
export const compilePattern = (source: string, { all = false } = {}): CustomPattern => {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(source));
  const size = compiled.programSize();
  if (size > MAX_PROGRAM)
    throw new Error(`too large when compiled: ${size} of ${MAX_PROGRAM} steps`);
  return {
    groups: { count: compiled.groupCount(), names: Object.keys(compiled.namedGroups()) },
    test: (text) => compiled.test(text),
    exec: (text) => compiled.exec(text) as ReturnType<Pattern['exec']>,
    [Symbol.replace]: (text, by) => {
      const matcher = compiled.matcher(text);
      const literal = RE2JS.quoteReplacement(by);
      return all ? matcher.replaceAll(literal) : matcher.replaceFirst(literal);
    },
  };
};

/** What a line costs grows with it: `a{1000}` alone takes a thousand. */
const MAX_PROGRAM = 5_000;
