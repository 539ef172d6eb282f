/** The recorded screens of real agents, with what was true when each was taken. */

import { readdirSync, readFileSync } from 'node:fs';
import type { AgentKind, Verdict } from '../machines/vocabulary.ts';
import { classify } from '../src/analysis/classify.ts';

const SCREENS = new URL('../test/fixtures/screens/', import.meta.url);

export interface RecordedScreen {
  /** Below `screens/`: kind, version, name. */
  file: string;
  kind: AgentKind;
  state:
    | 'reading'
    | 'working'
    | 'stuck'
    | 'complete'
    | 'error'
    | 'interrupted'
    | 'dead'
    | 'waiting-approval'
    | 'waiting-question';
  /** A person would want to know. */
  attention: boolean;
  /** `done/total` of the agent's own list. */
  progress?: string;
  filesWritten?: number;
  note?: string;
  width: number;
  height: number;
  title: string;
  text: string;
}

export const recordedScreens = (kind?: AgentKind): RecordedScreen[] =>
  read('labels.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((screen) => !kind || screen.kind === kind)
    .map((screen) => ({ ...screen, text: read(screen.file) }));

/** The same screens with their colours, as far as they were kept. */
export const colouredScreens = (): RecordedScreen[] => {
  const kept = new Set(
    readdirSync(SCREENS, { recursive: true }).map((name) => String(name).replaceAll('\\', '/')),
  );
  return recordedScreens()
    .map((screen) => ({ ...screen, file: screen.file.replace(/txt$/, 'ansi') }))
    .filter(({ file }) => kept.has(file))
    .map((screen) => ({ ...screen, text: read(screen.file) }));
};

/** What the monitor's sight says of it. */
export const judge = (screen: Partial<RecordedScreen> & { command?: string }): Verdict =>
  classify({
    kind: 'claude-code',
    text: '',
    title: '',
    width: 120,
    height: 40,
    command: 'claude',
    ...screen,
  });

const read = (file: string): string => readFileSync(new URL(file, SCREENS), 'utf8');
