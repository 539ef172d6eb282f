/** The recorded screens with what was true when each was taken, and ways to change them. */

import { readdirSync, readFileSync } from 'node:fs';
import type { AgentKind, Verdict } from '../../../machines/vocabulary.ts';
import { classify } from '../../../src/analysis/classify.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url);

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
  readFileSync(new URL('screens/labels.jsonl', FIXTURES), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((screen) => !kind || screen.kind === kind)
    .map((screen) => ({ ...screen, text: readScreenFile(screen.file) }));

/** The same screens with their colours, as far as they were kept. */
export const colouredScreens = (): RecordedScreen[] => {
  const kept = new Set(
    readdirSync(new URL('screens/', FIXTURES), { recursive: true }).map((name) =>
      String(name).replaceAll('\\', '/'),
    ),
  );
  return recordedScreens()
    .map((screen) => ({ ...screen, file: screen.file.replace(/txt$/, 'ansi') }))
    .filter(({ file }) => kept.has(file))
    .map((screen) => ({ ...screen, text: readScreenFile(screen.file) }));
};

export const recordedScreen = (file: string): RecordedScreen => {
  const screen = recordedScreens().find((each) => each.file === file);
  if (!screen) throw new Error(`no screen was recorded as ${file}`);
  return screen;
};

export interface Frame {
  t: number;
  title: string;
  text: string;
}

/** A whole run, each look that differs from the one before in more than its spinner. */
export const recordedRun = (name: string): Frame[] =>
  readFileSync(new URL(`runs/${name}.jsonl`, FIXTURES), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

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

/** What a change of the drawing must not change. */
export const gist = ({ activity, attention, dialog, composer, progress }: Verdict) => ({
  activity,
  attention,
  options: dialog?.options ?? [],
  composer: composer.content,
  progress,
});

const readScreenFile = (file: string): string =>
  readFileSync(new URL(`screens/${file}`, FIXTURES), 'utf8');
