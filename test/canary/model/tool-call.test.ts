import { expect, test } from 'vitest';
import type { Tool } from '../../../canary/model/dialect.ts';
import type { Wish } from '../../../canary/model/tool-call.ts';
import { callFor } from '../../../canary/model/tool-call.ts';

const toolOf = (name: string, properties: object, required = Object.keys(properties)): Tool => ({
  name,
  schema: { type: 'object', properties, required },
});

const TEXT = { type: 'string' };
const read: Wish = { want: 'read', path: '/project/a.txt' };
const write: Wish = { want: 'write', path: '/project/b.txt', content: 'one\ntwo\n' };
const run: Wish = { want: 'run', command: 'sh test.sh', outside: true };
const ask: Wish = { want: 'ask', question: 'Which colour?', options: ['Red', 'Blue'] };

test.each([
  { wish: read, tool: toolOf('Read', { file_path: TEXT }), input: { file_path: '/project/a.txt' } },
  { wish: read, tool: toolOf('view', { path: TEXT }), input: { path: '/project/a.txt' } },
  {
    wish: write,
    tool: toolOf('write', { filePath: TEXT, content: TEXT }),
    input: { filePath: '/project/b.txt', content: 'one\ntwo\n' },
  },
  {
    wish: run,
    tool: toolOf('bash', { command: TEXT, description: TEXT, is_background: { type: 'boolean' } }),
    input: { command: 'sh test.sh', description: 'Run the tests', is_background: false },
  },
  {
    wish: run,
    tool: toolOf('shell', { command: { type: 'array', items: TEXT } }),
    input: { command: ['bash', '-lc', 'sh test.sh'] },
  },
])('fills $tool.name as its schema says', ({ wish, tool, input }) => {
  expect(callFor(wish, [toolOf('other', {}), tool])).toEqual({ name: tool.name, input });
});

test('fills nested questions and their options', () => {
  const option = toolOf('', { label: TEXT, description: TEXT }).schema;
  const options = { type: 'array', items: option };
  const question = toolOf('', { question: TEXT, header: TEXT, options }).schema;
  const tool = toolOf('AskUserQuestion', { questions: { type: 'array', items: question } });
  expect(callFor(ask, [tool])?.input).toEqual({
    questions: [
      {
        question: 'Which colour?',
        header: 'Colour',
        options: [
          { label: 'Red', description: 'The colour Red' },
          { label: 'Blue', description: 'The colour Blue' },
        ],
      },
    ],
  });
});

test('gives choices of plain text where the schema has them', () => {
  const tool = toolOf('ask_user', { question: TEXT, choices: { type: 'array', items: TEXT } });
  expect(callFor(ask, [tool])?.input).toEqual({
    question: 'Which colour?',
    choices: ['Red', 'Blue'],
  });
});

test('asks to leave the sandbox only for what is to be asked about', () => {
  const properties = { cmd: TEXT, sandbox_permissions: TEXT };
  const tools = [toolOf('exec_command', properties, ['cmd'])];
  expect(callFor(run, tools)?.input).toEqual({
    cmd: 'sh test.sh',
    sandbox_permissions: 'require_escalated',
  });
  expect(callFor(read, tools)?.input).toEqual({ cmd: 'cat /project/a.txt' });
});

test('writes by a patch where that is the only way', () => {
  const patch = '*** Begin Patch\n*** Add File: /project/b.txt\n+one\n+two\n*** End Patch\n';
  expect(callFor(write, [{ name: 'apply_patch', schema: null }])?.input).toBe(patch);
  expect(callFor(write, [toolOf('apply_patch', { patchText: TEXT })])?.input).toEqual({
    patchText: patch,
  });
  expect(callFor(write, [toolOf('shell_command', { command: TEXT })])?.input).toEqual({
    command: `apply_patch <<'PATCH'\n${patch}PATCH\n`,
  });
});

test('has no call where nothing fits', () => {
  expect(callFor(ask, [toolOf('bash', { command: TEXT })])).toBeNull();
  expect(callFor(read, [])).toBeNull();
});
