/** The recorded runs of real agents: what each wrote into its pane, and what really happened. */

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { AgentKind } from '../machines/vocabulary.ts';

const CASTS = new URL('../test/fixtures/casts/', import.meta.url);

/** What the pane wrote, and when: seconds since the run began. */
export interface Chunk {
  t: number;
  bytes: Buffer;
}

/** What one of those who took part wrote down: the driver at the keyboard, or the model's server. */
export interface TimelineEvent {
  /** Seconds since the run began. */
  t: number;
  src: 'driver' | 'server';
  event: string;
  keys?: string[];
  text?: string;
  /** What the driver knew to be true when it took a screen. */
  state?: string;
  /** The screen that it took, as its file was named. */
  file?: string;
  tool?: string;
  /** What the tool is asked to do, as JSON that may be cut. */
  input?: string;
  /** What the server knew of it, such as `tool-read`. */
  truth?: string;
  final?: boolean;
  /** The turn; `side` and `a:0` are those of subagents. */
  idx?: number | string;
}

export interface RecordedRun {
  name: string;
  kind: AgentKind;
  version: string;
  width: number;
  height: number;
  chunks: Chunk[];
  timeline: TimelineEvent[];
}

export const runNames = (): string[] =>
  readdirSync(CASTS)
    .filter((name) => name.endsWith('.cast.gz'))
    .map((name) => name.replace(/\.cast\.gz$/, ''))
    .sort();

export const recordedRun = (name: string): RecordedRun => {
  const [, agent = '', version = ''] = /^([a-z]+)-([\d.]+)-/.exec(name) ?? [];
  const kind = KINDS[agent];
  if (kind === undefined) throw new Error(`no kind of agent is known for the run ${name}`);
  const [header = '', ...events] = lines(gunzipSync(read(`${name}.cast.gz`)).toString());
  const { width, height } = JSON.parse(header);
  return {
    name,
    kind,
    version,
    width,
    height,
    chunks: events.map((line) => {
      const [t, , data] = JSON.parse(line) as [number, 'o', string];
      return { t, bytes: Buffer.from(data) };
    }),
    timeline: lines(read(`${name}.timeline.jsonl`).toString()).map((line) => JSON.parse(line)),
  };
};

const KINDS: Record<string, AgentKind> = {
  claude: 'claude-code',
  codex: 'codex',
  copilot: 'copilot',
  gemini: 'gemini-cli',
  opencode: 'opencode',
  qwen: 'qwen-code',
};

const read = (file: string): Buffer => readFileSync(new URL(file, CASTS));

const lines = (text: string): string[] => text.trim().split('\n');
