/** Keeps the screens that were judged: what a profile is mended by. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Capture } from './pane.ts';
import type { Tried } from './try.ts';

/**
 * Three files for each screen in `<folder>/<kind>/<version>[-<columns>x<rows>]`: its text, the same
 * with colours, and what it was and was taken for.
 */
export const keepScreens = async (folder: string, tried: Tried): Promise<void> => {
  const { installed, version, judged, missed } = tried;
  const { kind } = installed.cli;
  for (const { state, want, verdict, faults, capture } of judged) {
    const { activity, attention, reason, rule, evidence, dialog } = verdict;
    const got = { activity, attention, reason, rule, evidence, options: dialog?.options ?? [] };
    const about = { kind, version, state, want, got, faults };
    await keepScreen(join(folder, kind, placeOf(version, capture)), state, about, capture);
  }
  for (const { step, why, capture } of missed) {
    const about = { kind, version, step, why };
    await keepScreen(
      join(folder, kind, placeOf(version, capture)),
      `${step}-missed`,
      about,
      capture,
    );
  }
};

const placeOf = (version: string, { width, height }: Capture): string =>
  width === 120 && height === 40 ? version : `${version}-${width}x${height}`;

const keepScreen = async (
  folder: string,
  name: string,
  about: object,
  { text, ansi, ...pane }: Capture,
): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.txt`), `${text}\n`);
  await writeFile(join(folder, `${name}.ansi`), `${ansi}\n`);
  await writeFile(
    join(folder, `${name}.json`),
    `${JSON.stringify({ ...about, ...pane }, null, 2)}\n`,
  );
};
