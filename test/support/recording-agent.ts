/** A pane that looks like an agent at its prompt, and what has been typed into it so far. */

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestSession, TestTmux } from './tmux.ts';
import { until } from './until.ts';

/** `text` is what was typed; for `enter` and `clear`, what stood in the composer until then. */
export interface Recorded {
  did: 'paste' | 'key' | 'enter' | 'clear';
  text: string;
  /** Where times were asked for: when it came, in ms of `process.hrtime`. */
  at?: number;
}

export interface RecordingAgent extends TestSession, AsyncDisposable {
  readonly session: string;
  records(): Recorded[];
  /** What was submitted, in its order. */
  submitted(): string[];
  pasted(): string[];
  /** Types as a person does. */
  type(text: string): Promise<void>;
  /** Empties the composer as a person does, and waits until it is empty. */
  clear(): Promise<void>;
}

/** `latePasteMs`: how much later than it was given a paste comes into the composer. */
export const startRecordingAgent = async (
  tmux: TestTmux,
  { name, latePasteMs = 0, timed = false }: { name: string; latePasteMs?: number; timed?: boolean },
): Promise<RecordingAgent> => {
  const folder = await mkdtemp(join(tmpdir(), 'am-recording-'));
  const file = join(folder, 'records');
  const program = resolve(import.meta.dirname, 'recording-agent-program.ts');
  const started = await tmux.newSession({
    name,
    command: [
      ...[process.execPath, program, file, '--late-paste', String(latePasteMs)],
      ...(timed ? ['--timed'] : []),
    ],
  });
  const { paneId } = started;
  await until(`${name} is at its prompt`, async () =>
    (await tmux.run('capture-pane', '-p', '-t', paneId)).includes('❯') ? true : null,
  );

  const records = (): Recorded[] => linesOf(file).map((line) => JSON.parse(line) as Recorded);
  const textsOf = (did: Recorded['did']) => (): string[] =>
    records().flatMap((record) => (record.did === did ? [record.text] : []));
  const keys = textsOf('key');
  const clears = textsOf('clear');

  return {
    ...started,
    session: name,
    records,
    submitted: textsOf('enter'),
    pasted: textsOf('paste'),
    type: async (text) => {
      const before = keys().length;
      await tmux.run('send-keys', '-t', paneId, '-l', '--', text);
      await until(`${name} was given its keys`, () => (keys().length > before ? true : null));
    },
    clear: async () => {
      const before = clears().length;
      await tmux.run('send-keys', '-t', paneId, 'C-u');
      await until(`${name} was cleared`, () => (clears().length > before ? true : null));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};

/** Nothing was recorded while there is no file. */
const linesOf = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};
