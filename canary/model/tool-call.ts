/** Makes a call of whichever tool an agent offers for a purpose, by its own schema. */

import type { Call, Json, Tool } from './dialect.ts';
import { listOf } from './dialect.ts';

export type Wish =
  | { want: 'read'; path: string }
  | { want: 'write'; path: string; content: string }
  | { want: 'run'; command: string; outside: boolean }
  | { want: 'ask'; question: string; options: readonly [string, string] };

/** The call that fulfils the wish, or null where the agent offers no tool for it. */
export const callFor = (wish: Wish, tools: readonly Tool[]): Call | null => {
  const tool = NAMES[wish.want]
    .map((name) => tools.find((offered) => offered.name === name))
    .find((found) => found !== undefined);
  if (tool !== undefined) {
    if (tool.schema === null || isPatch(tool)) return patchCall(tool, wish);
    return { name: tool.name, input: fill(tool.schema, valuesFor(wish)) as Json };
  }
  // Codex reads, and in some versions writes, by shell commands alone.
  if (wish.want === 'read')
    return callFor({ want: 'run', command: `cat ${wish.path}`, outside: false }, tools);
  if (wish.want === 'write') {
    const command = `apply_patch <<'PATCH'\n${patchOf(wish)}PATCH\n`;
    return callFor({ want: 'run', command, outside: false }, tools);
  }
  return null;
};

/** In order of preference: agents offer several, and older names stay for a while. */
const NAMES: Record<Wish['want'], readonly string[]> = {
  read: ['Read', 'read_file', 'read', 'view', 'str_replace_editor'],
  write: ['Write', 'write_file', 'write', 'create', 'apply_patch'],
  run: ['Bash', 'run_shell_command', 'bash', 'shell', 'exec_command', 'shell_command'],
  ask: ['AskUserQuestion', 'ask_user', 'ask_user_question', 'question', 'request_user_input'],
};

const isPatch = ({ name }: Tool): boolean => name === 'apply_patch';

const patchCall = ({ name, schema }: Tool, wish: Wish): Call | null => {
  if (wish.want !== 'write') return null;
  const patch = patchOf(wish);
  if (schema === null) return { name, input: patch };
  return { name, input: fill(schema, { input: patch, patch, patchText: patch }) as Json };
};

const patchOf = ({ path, content }: { path: string; content: string }): string => {
  const lines = content.trimEnd().split('\n');
  const added = lines.map((line) => `+${line}`).join('\n');
  return `*** Begin Patch\n*** Add File: ${path}\n${added}\n*** End Patch\n`;
};

/** What the properties of the tools' schemas are filled with, whatever they are called. */
const valuesFor = (wish: Wish): Json => {
  switch (wish.want) {
    case 'read':
      return {
        file_path: wish.path,
        filePath: wish.path,
        absolute_path: wish.path,
        path: wish.path,
      };
    case 'write': {
      const { path, content } = wish;
      const text = { content, contents: content, file_text: content };
      return { file_path: path, filePath: path, path, ...text, command: 'create' };
    }
    case 'run': {
      const { command, outside } = wish;
      const why = 'Run the tests';
      const values = { command, cmd: command, description: why, yield_time_ms: 60_000 };
      return outside ? { ...values, ...OUTSIDE_SANDBOX, justification: why } : values;
    }
    case 'ask': {
      const { question, options } = wish;
      return {
        question,
        prompt: question,
        header: 'Colour',
        options,
        choices: options,
        multiSelect: false,
      };
    }
  }
};

/** Codex asks before it runs a command outside its sandbox, not within. */
const OUTSIDE_SANDBOX = {
  sandbox_permissions: 'require_escalated',
  with_escalated_permissions: true,
};

/** The named values where the schema has a place for them, and the least of whatever else it requires. */
const fill = (schema: Json, values: Json, name = ''): unknown => {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  const value = values[name];
  if (type === 'array') return fillArray(schema, values, name);
  if (type === 'object' || schema.properties !== undefined) return fillObject(schema, values);
  if (value !== undefined) return value;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (type === 'boolean') return false;
  return type === 'number' || type === 'integer' ? 1 : 'canary';
};

const fillObject = (schema: Json, values: Json): Json => {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  const wanted = properties.filter(([name]) => required.includes(name) || name in values);
  return Object.fromEntries(wanted.map(([name, part]) => [name, fill(part, values, name)]));
};

const fillArray = (schema: Json, values: Json, name: string): unknown[] => {
  const items = (schema.items ?? {}) as Json;
  const value = values[name];
  if (typeof value === 'string') return ['bash', '-lc', value];
  if (!Array.isArray(value)) return [fill(items, values)];
  return value.map((label: string) =>
    items.type === 'object' || listOf([items.properties]).length > 0
      ? fill(items, { ...values, label, value: label, description: `The colour ${label}` })
      : label,
  );
};
