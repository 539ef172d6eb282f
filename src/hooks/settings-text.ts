/** Our hooks in the text of an agent's settings: put in, taken out, looked for. */

import { BadSettings } from '../../actors/errors.ts';
import {
  appended,
  type Edit,
  edited,
  indentOf,
  type JsonMember,
  type JsonNode,
  readJsonText,
  removed,
} from './json-text.ts';

/** What an agent is to do when something happens: one object in its settings. */
export type Hook = Record<string, unknown>;

export interface HooksText {
  /** The settings with this hook, and no other of ours, for each of these events. */
  withHook(hook: Hook, events: readonly string[]): string;
  /** The settings without any hook of ours. */
  withoutHooks(): string;
  /** The events that have a hook of ours, each with that hook. */
  installed(): Map<string, Hook[]>;
  /** Whether the settings turn all hooks off, whoever's they are. */
  areDisabled(): boolean;
}

/**
 * @param path for messages.
 * @throws {BadSettings} for what is no JSON, or holds something else where hooks belong.
 */
export const readHooksText = (path: string, text: string): HooksText => {
  const hasBom = text.startsWith('\uFEFF');
  const json = hasBom ? text.slice(1) : text;
  const source = json.trim() === '' ? '{}\n' : json;
  const withBom = (result: string) => (hasBom ? `\uFEFF${result}` : result);
  const settings = read(path, source);

  const withoutHooks = (): string => {
    const hooks = memberOf(settings, 'hooks');
    const events = membersOf(hooks?.value);
    if (!hooks || !events.some(({ value }) => hasOurs(source, value))) return source;
    const isEmptied = events.map(({ value }) => isAllOurs(source, value));
    if (isEmptied.every(Boolean))
      return edited(
        source,
        removed(settings, (index) => membersOf(settings)[index] === hooks),
      );
    return edited(source, [
      ...removed(hooks.value, (index) => isEmptied[index] === true),
      ...events.flatMap(({ value }, index) =>
        isEmptied[index] ? [] : withoutMatchers(source, value),
      ),
    ]);
  };

  return {
    withoutHooks: () => (source === json ? withBom(withoutHooks()) : text),
    withHook: (hook, events) => {
      const clean = withoutHooks();
      return withBom(added(path, clean, hook, events));
    },
    areDisabled: () => {
      const off = memberOf(settings, 'disableAllHooks')?.value;
      return off !== undefined && source.slice(off.start, off.end) === 'true';
    },
    installed: () => {
      const hooks = memberOf(settings, 'hooks');
      return new Map(
        membersOf(hooks?.value).flatMap(({ key, value }): [string, Hook[]][] => {
          const ours = elementsOf(value).flatMap((matcher) =>
            hooksOf(source, matcher).filter(isOurHook),
          );
          return ours.length > 0 ? [[key, ours]] : [];
        }),
      );
    },
  };
};

/**
 * What is written for whatever Node.js or folder, by this version and by those that had the agent post to
 * the port by itself, or did not name the agent; and nothing that a person may have.
 */
const OUR_URL = /^http:\/\/127\.0\.0\.1:\d+\/api\/hooks\/claude-code$/;
const OUR_COMMAND =
  /^'[^\n]+' '[^\n]+\/src\/hooks\/post\.[jt]s' '[^\n]+\/api\.sock'(?: '(?:claude-code|codex)')?$/;

const isOurHook = ({ type, url, command }: Hook): boolean =>
  (type === 'http' && typeof url === 'string' && OUR_URL.test(url)) ||
  (type === 'command' && typeof command === 'string' && OUR_COMMAND.test(command));

/** Whether an event has matchers, and none of them holds a hook of another's. */
const isAllOurs = (text: string, event: JsonNode): boolean => {
  const matchers = elementsOf(event);
  return matchers.length > 0 && matchers.every((matcher) => isOurMatcher(text, matcher));
};

const hasOurs = (text: string, event: JsonNode): boolean =>
  elementsOf(event).some((matcher) => hooksOf(text, matcher).some(isOurHook));

const isOurMatcher = (text: string, matcher: JsonNode): boolean => {
  const hooks = hooksOf(text, matcher);
  return hooks.length > 0 && hooks.every(isOurHook);
};

/** Takes our hooks out of an event that has others too, also where one matcher holds both. */
const withoutMatchers = (text: string, event: JsonNode): Edit[] => {
  const matchers = elementsOf(event);
  const isGone = matchers.map((matcher) => isOurMatcher(text, matcher));
  return [
    ...removed(event, (index) => isGone[index] === true),
    ...matchers.flatMap((matcher, index) => {
      const hooks = isGone[index] ? undefined : memberOf(matcher, 'hooks')?.value;
      if (!hooks) return [];
      const isOurs = elementsOf(hooks).map((hook) => isOurHook(hookAt(text, hook)));
      return removed(hooks, (hook) => isOurs[hook] === true);
    }),
  ];
};

const added = (path: string, text: string, hook: Hook, events: readonly string[]): string => {
  const settings = read(path, text);
  const indent = indentOf(text);
  const matcher = { hooks: [hook] };
  const write = (value: unknown) => JSON.stringify(value, null, indent);
  const hooks = memberOf(settings, 'hooks');
  if (!hooks) {
    const all = Object.fromEntries(events.map((event) => [event, [matcher]]));
    const member = `"hooks": ${write(all)}`;
    return edited(text, [appended(text, settings, [member], { indent, depth: 0 })]);
  }
  const known = new Map(membersOf(hooks.value).map(({ key, value }) => [key, value]));
  const missing = events.filter((event) => !known.has(event));
  const edits = events.flatMap((event): Edit[] => {
    const list = known.get(event);
    return list ? [appended(text, list, [write(matcher)], { indent, depth: 2 })] : [];
  });
  const members = missing.map((event) => `${JSON.stringify(event)}: ${write([matcher])}`);
  if (members.length > 0) edits.push(appended(text, hooks.value, members, { indent, depth: 1 }));
  return edited(text, edits);
};

const read = (path: string, text: string): JsonNode => {
  const settings = parse(path, text);
  if (settings.type !== 'object') throw new BadSettings(`${path} must hold a JSON object`);
  const hooks = memberOf(settings, 'hooks')?.value;
  if (hooks && hooks.type !== 'object')
    throw new BadSettings(`${path}: "hooks" must be an object; it is left as it is`);
  for (const { key, value } of membersOf(hooks)) {
    if (value.type !== 'array')
      throw new BadSettings(`${path}: "hooks.${key}" must be a list; it is left as it is`);
  }
  return settings;
};

const parse = (path: string, text: string): JsonNode => {
  try {
    return readJsonText(text);
  } catch (error) {
    const why = (error as Error).message;
    throw new BadSettings(`${path} is not valid JSON, and is left as it is: ${why}`, {
      cause: error,
    });
  }
};

const memberOf = (node: JsonNode, key: string): JsonMember | undefined =>
  membersOf(node).findLast((member) => member.key === key);

const membersOf = (node: JsonNode | undefined): JsonMember[] =>
  node?.type === 'object' ? node.members : [];

const elementsOf = (node: JsonNode): JsonNode[] => (node.type === 'array' ? node.elements : []);

const hooksOf = (text: string, matcher: JsonNode): Hook[] => {
  const hooks = memberOf(matcher, 'hooks')?.value;
  return hooks ? elementsOf(hooks).map((hook) => hookAt(text, hook)) : [];
};

/** What is no object has no fields that anybody would look for. */
const hookAt = (text: string, { start, end }: JsonNode): Hook =>
  Object(JSON.parse(text.slice(start, end)));
