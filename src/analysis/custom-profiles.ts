/** Users' own profiles: checked, compiled, and laid over the built-in ones. */

import type { z } from 'zod';
import { NO_BASE, type OwnProfile, type ProfileTables, profileSchema } from './custom-schema.ts';
import {
  type ComposerMarks,
  type DialogMarks,
  type Drawing,
  type Identity,
  type Pattern,
  type Profile,
  type Profiles,
  profileOf,
  type ToolMarks,
} from './profile.ts';
import { PROFILES } from './profiles/index.ts';

/** One thing that is wrong in the tables. */
export interface ProfileFault {
  /** As `profiles.my-agent.rules[2].when[0].line`. */
  place: string;
  /** Undefined where it is missing. */
  value: unknown;
  /** What is wrong with it, or what it must be. */
  message: string;
}

/** All that is wrong in users' own profiles. */
export const checkProfiles = (tables: ProfileTables): ProfileFault[] =>
  Object.entries(tables).flatMap(([kind, table]) => {
    if (!KIND.test(kind) || kind === NO_BASE) {
      const message = 'a kind is named with up to 32 small letters, digits and dashes';
      return [
        { place: placeOf([kind]), value: table, message: `${message}, but not "${NO_BASE}"` },
      ];
    }
    const { data, error } = parse(kind, table);
    return error
      ? error.issues.flatMap((issue) => faultsOf(issue, kind, table))
      : repeatedNames(kind, data);
  });

/**
 * The built-in profiles, those in `profiles` changed or added. What is not named in an extended
 * profile's table stays as it was: single values are replaced, lists are added to, rules with the
 * name of one that is there take its place.
 * @throws {z.ZodError} where a table is not as it must be; `checkProfiles` says all that is wrong.
 */
export const loadProfiles = ({ profiles }: { profiles: ProfileTables }): Profiles => {
  const own = Object.entries(profiles).map(([kind, table]) => {
    const { data, error } = parse(kind, table);
    if (error) throw error;
    return [kind, merge(kind, baseOf(kind, table), data)];
  });
  return { ...PROFILES, ...Object.fromEntries(own) };
};

const KIND = /^[a-z][a-z0-9-]{0,31}$/;

const parse = (kind: string, table: unknown) =>
  profileSchema(baseOf(kind, table)).safeParse(named(table));

/** A built-in kind's table changes its profile; another's begins with nothing. */
const baseOf = (kind: string, table: unknown): Profile | null => {
  const name = (table as { extends?: unknown } | null)?.extends ?? kind;
  const isKnown = typeof name === 'string' && Object.hasOwn(PROFILES, name);
  return isKnown ? PROFILES[name as keyof typeof PROFILES] : null;
};

/** Marks a key that is not written in snake case, so that it cannot pass for another's name. */
const UNKNOWN = '?';

/** Keys as the code has them: the file's are in snake case. */
const named = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      /^[a-z_]+$/.test(key)
        ? key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
        : `${UNKNOWN}${key}`,
      named(inner),
    ]),
  );
};

const keyOf = (name: string): string =>
  name.startsWith(UNKNOWN)
    ? name.slice(UNKNOWN.length)
    : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const faultsOf = (issue: z.core.$ZodIssue, kind: string, table: unknown): ProfileFault[] => {
  const path = issue.path.map((key) => (typeof key === 'string' ? keyOf(key) : key));
  const value = path.reduce<unknown>((at, key) => (at as never)?.[key as never], table);
  if (issue.code !== 'unrecognized_keys')
    return [{ place: placeOf([kind, ...path]), value, message: issue.message }];
  return issue.keys.map(keyOf).map((key) => ({
    place: placeOf([kind, ...path, key]),
    value: (value as Record<string, unknown>)[key],
    message: 'is not known here; docs/adding-an-agent.md lists what is',
  }));
};

/** A verdict names the rule that decided, and another profile's rules are told apart by their names. */
const repeatedNames = (kind: string, { rules = [] }: OwnProfile): ProfileFault[] =>
  rules.flatMap(({ name }, row) =>
    rules.findIndex((each) => each.name === name) === row
      ? []
      : [
          {
            place: placeOf([kind, 'rules', row, 'name']),
            value: name,
            message: 'must not be the name of another rule of this profile',
          },
        ],
  );

/** As it would be written in the file. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((place, key) => {
    if (typeof key === 'number') return `${place}[${key}]`;
    const name = String(key);
    return `${place}.${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}`;
  }, 'profiles');

const merge = (kind: string, base: Profile | null, own: OwnProfile): Profile => {
  const { extends: _, foundBy, drawn, busyTitle, interruptKeys, ...parts } = own;
  const { composer, transcript, dialog, tools, todos } = parts;
  // Whatever it begins with, a built-in kind is found as ever, and no other kind is found as its base.
  const known = profileOf(PROFILES, kind);
  return {
    ...base,
    kind,
    foundBy: mergeIdentity(known?.foundBy, foundBy),
    drawn: mergeDrawing(known?.drawn, drawn),
    ...(busyTitle ? { busyTitle } : {}),
    ...(interruptKeys ? { interruptKeys } : {}),
    ...(composer ? { composer: complete({ ...NO_WORDS, ...base?.composer, ...composer }) } : {}),
    ...(transcript ? { transcript: complete({ ...base?.transcript, ...transcript }) } : {}),
    ...(dialog ? { dialog: mergeDialog(base?.dialog, dialog) } : {}),
    ...(tools ? { tools: mergeTools(base?.tools, tools) } : {}),
    ...(todos ? { todos: complete({ summary: NEVER, ...base?.todos, ...todos }) } : {}),
    rules: mergeRules(base?.rules ?? [], own.rules ?? []),
    volatile: [...(base?.volatile ?? []), ...(own.volatile ?? [])],
  };
};

const mergeIdentity = (base: Identity | undefined, own: Identity | undefined) =>
  base && own
    ? {
        ...own,
        programs: [...own.programs, ...base.programs],
        packages: [...own.packages, ...base.packages],
        titles: [...own.titles, ...base.titles],
      }
    : (own ?? base);

const mergeDrawing = (base: Drawing | undefined, own: Drawing | undefined) =>
  base && own
    ? {
        ...base,
        ...own,
        signs: [...own.signs, ...base.signs],
        words: [...own.words, ...base.words],
      }
    : (own ?? base);

/** The schema has seen to it that what neither the base nor the defaults have is there. */
const complete = <Marks>(marks: Partial<Marks>): Marks => marks as Marks;

const NEVER: Pattern = /(?!)/;
const NO_WORDS: Pick<ComposerMarks, 'placeholder' | 'paste'> = { placeholder: NEVER, paste: NEVER };
const PLAIN_DIALOG: Pick<DialogMarks, 'cursor' | 'hint' | 'below' | 'keys'> = {
  cursor: null,
  hint: NEVER,
  below: /^\s*$/,
  keys: 'number',
};

const mergeDialog = (
  base: DialogMarks | undefined,
  own: NonNullable<OwnProfile['dialog']>,
): DialogMarks => ({
  ...complete<DialogMarks>({ ...PLAIN_DIALOG, ...base, ...own }),
  shown: [...(base?.shown ?? []), ...(own.shown ?? [])],
  rules: mergeRules(base?.rules ?? [], own.rules ?? []),
});

const mergeTools = (
  base: ToolMarks | undefined,
  own: NonNullable<OwnProfile['tools']>,
): ToolMarks => ({
  ...complete<ToolMarks>({ running: NEVER, ...base, ...own }),
  // The first that fits decides: the user's own must be asked first.
  calls: [...(own.calls ?? []), ...(base?.calls ?? [])],
  results: [...(own.results ?? []), ...(base?.results ?? [])],
});

type Placed<Rule> = Rule & { before?: string };

/**
 * Own rules take the place of those with their name; or stand before the rule that they name; or
 * come first, in their order.
 */
const mergeRules = <Rule extends { name: string }>(
  base: readonly Rule[],
  own: readonly Placed<Rule>[],
): Rule[] => {
  const inherited = new Set(base.map(({ name }) => name));
  const replaced = new Set(own.map(({ name }) => name));
  const placed = Map.groupBy(own, ({ name, before }) => {
    if (before !== undefined) return `before ${before}`;
    return inherited.has(name) ? name : '';
  });
  const take = (place: string): Rule[] => {
    const rules = placed.get(place) ?? [];
    placed.delete(place);
    return rules;
  };
  const first = take('');
  const others = base.flatMap((rule) => [
    ...take(`before ${rule.name}`),
    ...(replaced.has(rule.name) ? take(rule.name) : [rule]),
  ]);
  return [...first, ...others];
};
