/** Single recorded screens and runs, and what must hold however they are drawn. */

import { readFileSync } from 'node:fs';
import { type RecordedScreen, recordedScreens } from '../../../accuracy/screens.ts';
import type { Verdict } from '../../../machines/vocabulary.ts';

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
  readFileSync(new URL(`../../fixtures/runs/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** What a change of the drawing must not change. */
export const gist = ({ activity, attention, dialog, composer, progress }: Verdict) => ({
  activity,
  attention,
  // Descriptions are the model's own words, which a change of prose changes too.
  options: (dialog?.options ?? []).map(({ description: _, ...option }) => option),
  composer: composer.content,
  progress,
});
