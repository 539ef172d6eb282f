/**
 * What a user may write in `[profiles.<kind>]`: the parts of a `Profile`, with regular expressions as
 * texts, which are compiled in passing. `docs/adding-an-agent.md` says it for users.
 */

import { z } from 'zod';
import { AGENT_KINDS, ATTENTIONS } from '../../machines/vocabulary.ts';
import { compilePattern } from './custom-pattern.ts';
import type {
  CallMark,
  ComposerMarks,
  DialogMarks,
  DialogRule,
  Drawing,
  Identity,
  NamedTool,
  Profile,
  Region,
  ResultMark,
  Rule,
  ToolMarks,
  TranscriptMarks,
} from './profile.ts';

/** As the file has them, by kind: plain data, which may be handed to a thread. */
export type ProfileTables = Readonly<Record<string, unknown>>;

/** Instead of a kind in `extends`: nothing is taken over. */
export const NO_BASE = 'none';

/** The checked table of one kind: what it leaves out is taken over from `base`. */
export type OwnProfile = z.output<ReturnType<typeof profileSchema>>;

/** `base`: what the profile extends. Without it, what every profile needs must be there. */
export const profileSchema = (base: Profile | null) =>
  table({
    extends: oneOf([...AGENT_KINDS, NO_BASE]).exactOptional(),
    foundBy: foundBy.exactOptional(),
    drawn: drawn.exactOptional(),
    busyTitle: pattern().exactOptional(),
    interruptKeys: list(keyName).min(1, 'must not be empty').exactOptional(),
    composer: composerSchema(base?.composer).exactOptional(),
    transcript: transcriptSchema(base?.transcript).exactOptional(),
    dialog: dialogSchema(base?.dialog).exactOptional(),
    tools: toolsSchema(base?.tools).exactOptional(),
    todos: todosSchema(base?.todos).exactOptional(),
    rules: neededUnless(base, list(ruleSchema(base?.rules))),
    volatile: list(pattern({ all: true })).exactOptional(),
  } satisfies Fields<Omit<Profile, 'kind'> & { extends: string }>);

/** So that no part of a profile is forgotten here. */
type Fields<Part> = Record<keyof Part, z.ZodType>;
type Placed = { before: string };

/** A table that is taken over need not be complete; one that is not must be. */
const neededUnless = <Schema extends z.ZodType>(base: unknown, schema: Schema) =>
  (base ? schema.exactOptional() : schema) as unknown as z.ZodExactOptional<Schema>;

const text = z
  .string({ error: 'must be a text of 1 to 200 characters' })
  .regex(/^[^\p{Cc}]{1,200}$/u, 'must be a text of 1 to 200 characters');

const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

const yesOrNo = z.boolean({ error: 'must be true or false' });

const list = <Item extends z.ZodType>(item: Item) =>
  z.array(item, { error: 'must be a list, in square brackets' });

const MAX_PATTERN = 1_000;

/**
 * @param groups Names that groups must have; or that there must be a first group, and for what.
 * @param all Replaces all matches instead of the first.
 */
const pattern = ({ all = false, groups = [], first = '' }: PatternNeeds = {}) =>
  z
    .string({ error: 'must be a regular expression as a text, best in single quotes' })
    .min(1, 'must not be empty: it would match every line')
    .max(MAX_PATTERN, `must have at most ${MAX_PATTERN} characters`)
    .transform((source, context) => {
      try {
        const compiled = compilePattern(source, { all });
        const missing = groups.filter((name) => !compiled.groups.names.includes(name));
        for (const name of missing) context.addIssue(`must have a group (?<${name}>…)`);
        if (first && compiled.groups.count === 0)
          context.addIssue(`must have a group in round brackets: ${first}`);
        return compiled;
      } catch (error) {
        context.addIssue(notCompiled(error as Error));
        return z.NEVER;
      }
    });

interface PatternNeeds {
  all?: boolean;
  groups?: readonly string[];
  first?: string;
}

/** The engine's own words; most who meet this miss what a linear engine cannot do. */
const notCompiled = ({ message }: Error): string => {
  const why = message.replace(/^error parsing regexp: /, '');
  const hint = /\(\?[=!<]|\(\?<[=!]|escape sequence: `\\[1-9]/.test(why)
    ? '; lookahead, lookbehind and references back are not to be had, since users’ own expressions run in linear time'
    : '';
  return `must be a regular expression (RE2’s syntax): ${why}${hint}`;
};

/** Anything else tmux would type letter by letter. */
const keyName = z
  .string({ error: 'must be the name of a key' })
  .regex(
    /^(?:[CMS]-)*(?:[!-~]|Escape|Enter|Tab|BTab|Space|BSpace|Up|Down|Left|Right|F\d{1,2})$/,
    'must be a key as tmux names it, such as Escape or C-c',
  );

const foundBy = z
  .strictObject(
    {
      programs: list(text).default([]),
      packages: list(text).default([]),
      titles: list(pattern()).default([]),
    } satisfies Fields<Omit<Identity, 'runBy'>>,
    { error: 'must be a table with programs, packages or titles' },
  )
  .transform((identity) => ({ ...identity, runBy: ANY_INTERPRETER }));

const ANY_INTERPRETER = /^/;

const drawn = table({
  signs: list(pattern()).default([]),
  words: list(pattern()).default([]),
  frame: table({ prompt: pattern(), below: pattern() }).exactOptional(),
} satisfies Fields<Drawing>);

const composerSchema = (base: ComposerMarks | undefined) =>
  table({
    frame: neededUnless(base, oneOf(['rules', 'open', 'last', 'bar'])),
    prompt: neededUnless(base, pattern({ first: 'what is typed into the input box' })),
    placeholder: pattern().exactOptional(),
    untouched: pattern().exactOptional(),
    paste: pattern().exactOptional(),
    bar: table({ closing: pattern(), mode: pattern() }).exactOptional(),
    abandoned: pattern().exactOptional(),
  } satisfies Fields<ComposerMarks>).refine(
    ({ frame = base?.frame, bar = base?.bar }) => frame !== 'bar' || bar !== undefined,
    { path: ['bar'], error: 'must say what the bar looks like that closes the box' },
  );

const transcriptSchema = (base: unknown) =>
  table({
    prompt: pattern().exactOptional(),
    lead: pattern().exactOptional(),
    blockHead: neededUnless(base, pattern()),
    status: pattern().exactOptional(),
    closing: pattern().exactOptional(),
  } satisfies Fields<TranscriptMarks>);

const DIALOG_ATTENTIONS = ATTENTIONS.filter((attention) => attention !== 'none') as [
  Exclude<(typeof ATTENTIONS)[number], 'none'>,
];

const dialogSchema = (base: Profile['dialog']) =>
  table({
    border: table({ left: pattern(), right: text }).exactOptional(),
    foreign: pattern().exactOptional(),
    content: pattern().exactOptional(),
    cursor: z
      .string({ error: 'must be the cursor’s character, or "" where only its colour tells' })
      .transform((cursor) => (cursor === '' ? null : cursor))
      .exactOptional(),
    shown: neededUnless(base, list(text).min(1, 'must name at least one part of a row')),
    hint: pattern().exactOptional(),
    below: pattern().exactOptional(),
    keys: oneOf(['number', 'bracket']).exactOptional(),
    inlineKeys: pattern().exactOptional(),
    answered: table({
      text: pattern(),
      submit: pattern(),
      volatile: list(pattern({ all: true })).default([]),
    } satisfies Fields<NonNullable<DialogMarks['answered']>>).exactOptional(),
    rules: neededUnless(
      base,
      list(
        table({
          name: text,
          before: nameOf(base?.rules),
          attention: oneOf(DIALOG_ATTENTIONS),
          opening: pattern().exactOptional(),
          question: pattern().exactOptional(),
          option: pattern().exactOptional(),
          pending: yesOrNo.exactOptional(),
        } satisfies Fields<DialogRule & Placed>),
      ),
    ),
  } satisfies Fields<DialogMarks>);

const namedTool = {
  tool: oneOf(['read', 'write', 'edit', 'bash', 'search', 'think', 'other']),
  line: pattern(),
} satisfies Fields<NamedTool>;

const resultMark = {
  ...namedTool,
  changes: yesOrNo.exactOptional(),
} satisfies Fields<ResultMark>;

const callMark = {
  ...resultMark,
  below: pattern().exactOptional(),
  listed: yesOrNo.exactOptional(),
} satisfies Fields<CallMark>;

const toolsSchema = (base: unknown) =>
  table({
    calls: neededUnless(base, list(table(callMark))),
    results: list(table(resultMark)).exactOptional(),
    group: table({
      line: pattern({ first: 'the list of parts' }),
      parts: list(table(namedTool)),
      doing: list(table(namedTool)).default([]),
      current: pattern({ first: 'what it is at' }),
      growing: pattern().exactOptional(),
      waiting: pattern().exactOptional(),
      command: pattern({ first: 'the command' }),
    } satisfies Fields<NonNullable<ToolMarks['group']>>).exactOptional(),
    running: pattern().exactOptional(),
    result: table({
      line: pattern(),
      waiting: pattern(),
      failed: pattern(),
      refused: pattern(),
    } satisfies Fields<NonNullable<ToolMarks['result']>>).exactOptional(),
  } satisfies Fields<ToolMarks>);

const todosSchema = (base: unknown) =>
  table({
    line: neededUnless(base, pattern({ groups: ['text'] })),
    summary: pattern({ groups: ['done', 'total'] }).exactOptional(),
  } satisfies Fields<NonNullable<Profile['todos']>>);

const REGIONS = Object.keys({
  title: true,
  command: true,
  screen: true,
  last: true,
  transcript: true,
  turn: true,
  tail: true,
  head: true,
  below: true,
  outcome: true,
  composer: true,
  footer: true,
} satisfies Record<Region, true>) as Region[];
const CONTENTS = ['absent', 'empty', 'placeholder', 'draft', 'paste'] as const;

/** One table with a check of its own, since the words for a failed union would name no key. */
const condition = table({
  region: oneOf(REGIONS).exactOptional(),
  line: pattern().exactOptional(),
  without: pattern().exactOptional(),
  composer: list(oneOf(CONTENTS)).exactOptional(),
}).transform(({ region, line, without, composer }, context) => {
  if (region && line && !without && !composer) return { region, line };
  if (region && without && !line && !composer) return { region, without };
  if (composer && !region && !line && !without) return { composer };
  context.addIssue('must have a region with either line or without, or else composer alone');
  return z.NEVER;
});

const ruleSchema = (base: Profile['rules'] | undefined) =>
  table({
    name: text,
    before: nameOf(base),
    when: list(condition).min(1, 'must have at least one condition'),
    activity: oneOf(['turn', 'reading', 'working', 'complete', 'idle', 'error', 'unknown']),
    reason: text,
    attention: oneOf(ATTENTIONS).exactOptional(),
    toolRunning: yesOrNo.exactOptional(),
  } satisfies Fields<Rule & Placed>);

/** A rule of the profile that is extended. */
const nameOf = (rules: readonly { name: string }[] = []) => {
  const names = [...new Set(rules.map(({ name }) => name))];
  const known = names.length > 0 ? `: ${names.join(', ')}` : ', and this one extends none';
  return text
    .refine((name) => names.includes(name), `must name a rule of the extended profile${known}`)
    .exactOptional();
};

function table<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, { error: 'must be a table' });
}
