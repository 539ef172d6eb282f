/** Replays recorded runs, one after the other, and finds where what is told differs from the truth. */

import { startTmux } from '../test/support/tmux.ts';
import { findingsOf } from './findings.ts';
import { createPlayer } from './player.ts';
import { recordedRun } from './recordings.ts';
import type { Replayed } from './report.ts';
import { truthOf } from './timeline.ts';
import { LOOK_GAP_MS, watchRun } from './watcher.ts';

export interface ReplayOptions {
  /** The least time between two looks. */
  gapMs?: number | undefined;
  /** Called with each run once it is over. */
  told?(one: Replayed): void;
}

export const replay = async (
  names: readonly string[],
  { gapMs = LOOK_GAP_MS, told = () => {} }: ReplayOptions = {},
): Promise<Replayed[]> => {
  await using tmux = await startTmux();
  const all: Replayed[] = [];
  for (const name of names) {
    const run = recordedRun(name);
    const truth = truthOf(run.timeline, run.chunks.at(-1)?.t ?? 0);
    await using player = await createPlayer(tmux, run);
    const watched = await watchRun(run, player, { until: truth.until, gapMs });
    const one = { run, watched, findings: findingsOf(run, truth, watched) };
    all.push(one);
    told(one);
  }
  return all;
};
