/**
 * Stands in for Claude Code: talks to its model as that does, and shows a recorded screen for
 * whatever that leads to. Usage: `recorded-claude-program.ts <trace> [--moved <screen>]`; `<trace>`
 * is a file that gets its pid and HOME, and the moved screen is drawn as nobody knows it.
 */

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const SCREENS = {
  trust: ['02-trust-folder-dialog', ''],
  'trust-yes': ['03-trust-folder-dialog-yes', ''],
  fresh: ['29-idle-fresh', '✳'],
  thinking: ['33-thinking', '◐'],
  reading: ['35-after-read-2', '◐'],
  'approval-write': ['47-permission-write', '✳'],
  working: ['45-tasks-1-of-3', '◐'],
  'approval-run': ['51-permission-bash', '✳'],
  running: ['53-bash-running', '◐'],
  complete: ['57-complete', '✳'],
  question: ['73-ask-user-question', '✳'],
  interrupted: ['99-interrupted', '✳'],
  error: ['84-api-429-failed', '✳'],
  retrying: ['72-api-500-retrying', '◐'],
} as const;

type ScreenName = keyof typeof SCREENS;

const FOLDER = resolve(import.meta.dirname, '../fixtures/screens/claude-code/2.1.330');
const { HOME = '', ANTHROPIC_BASE_URL } = process.env;
const [trace = '', , moved] = process.argv.slice(2);

const draw = (name: ScreenName): void => {
  const [file, mark] = SCREENS[name];
  const text = readFileSync(join(FOLDER, `${file}.txt`), 'utf8').trimEnd();
  const shown = name === moved ? 'A screen of another make' : text;
  const title = mark === '' || name === moved ? 'agent' : `${mark} Claude Code`;
  process.stdout.write(`\x1b]0;${title}\x07\x1b[H\x1b[2J${shown.replaceAll('\n', '\r\n')}`);
  screen = name;
};

const TOOLS = {
  Read: { file_path: { type: 'string' } },
  Write: { file_path: { type: 'string' }, content: { type: 'string' } },
  Bash: { command: { type: 'string' } },
  AskUserQuestion: { question: { type: 'string' } },
};

const tools = Object.entries(TOOLS).map(([name, properties]) => ({
  name,
  input_schema: { type: 'object', properties, required: Object.keys(properties) },
}));

interface Called {
  name: string;
  input: Record<string, string>;
}

let screen: ScreenName = 'trust';
let typed = '';
let consent: (() => void) | null = null;
let turn = new AbortController();

/** One request to the model and what follows from its answer, until the turn ends. */
const ask = async (prompt: string, busy: ScreenName): Promise<void> => {
  draw(busy);
  const response = await fetch(`${ANTHROPIC_BASE_URL}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({ stream: true, tools, messages: [{ role: 'user', content: prompt }] }),
    signal: turn.signal,
  });
  if (response.status === 529) {
    draw('retrying');
    await delay(1000, undefined, { signal: turn.signal });
    return ask(prompt, 'thinking');
  }
  if (!response.ok) return draw('error');
  const call = callIn(await response.text());
  return call === null ? draw('complete') : follow(prompt, call);
};

const callIn = (stream: string): Called | null => {
  const events = [...stream.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data));
  const name = events.find(({ content_block: block }) => block?.type === 'tool_use');
  if (name === undefined) return null;
  const input = events.find(({ delta }) => delta?.type === 'input_json_delta');
  return { name: name.content_block.name, input: JSON.parse(input.delta.partial_json) };
};

const follow = async (prompt: string, { name, input }: Called): Promise<void> => {
  if (name === 'Read') {
    readFileSync(input.file_path ?? '');
    return ask(prompt, 'reading');
  }
  draw(name === 'Write' ? 'approval-write' : name === 'Bash' ? 'approval-run' : 'question');
  const { promise, resolve: answer } = Promise.withResolvers<void>();
  consent = answer;
  await promise;
  if (name === 'Write') writeFileSync(input.file_path ?? '', input.content ?? '');
  if (name === 'Bash') {
    draw('running');
    await promisify(execFile)('sh', ['-c', input.command ?? '']);
  }
  return ask(prompt, 'working');
};

const hear = (key: string): void => {
  if (screen === 'trust' && key === '\x1b[B') draw('trust-yes');
  else if (screen === 'trust-yes' && key === '\r') draw('fresh');
  else if (consent !== null && key === '1') {
    consent();
    consent = null;
  } else if (key === '\x1b') {
    consent = null;
    turn.abort();
    draw('interrupted');
  } else if (key === '\x15') typed = '';
  else if (key === '\x7f') typed = typed.slice(0, -1);
  else if (key === '\r' && typed !== '') {
    turn = new AbortController();
    const { signal } = turn;
    ask(typed, 'thinking').catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    typed = '';
  } else if (key !== '\r') typed += key;
};

if (process.argv.includes('--version')) {
  process.stdout.write('2.1.330 (Claude Code)\n');
} else {
  writeFileSync(trace, JSON.stringify({ pid: process.pid, home: HOME }));
  process.title = 'claude';
  process.stdin.setRawMode(true);
  process.stdin.on('data', (chunk) => {
    const text = chunk.toString();
    if (text.startsWith('\x1b')) hear(text);
    else for (const key of text) hear(key);
  });
  draw('trust');
}
