/** `npm run accuracy`: how right the verdicts are on everything that was recorded. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withReport } from '../bench/document.ts';
import { runFaults } from './findings.ts';
import { runNames } from './recordings.ts';
import { replay } from './replay.ts';
import { type Replayed, runsReport, screensReport } from './report.ts';
import { scoreFaults, scoresOf } from './scoring.ts';
import { colouredScreens, judge, recordedScreens } from './screens.ts';

const USAGE = `Usage: npm run accuracy -- [--only NAME] [--gap MS] [--steps]

Judges every recorded screen, and replays every recorded run through a real tmux on its own time; about
half a minute. Fails where the verdicts are not good enough. Without options and where they are, the figures go
into docs/accuracy.md.
  --only NAME   only the runs with NAME in their name
  --gap MS      with so much time between two looks at least, instead of 30 ms
  --steps       what is told of each run, step by step`;

const DOCUMENT = new URL('../docs/accuracy.md', import.meta.url);

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      gap: { type: 'string' },
      steps: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const { only, gap, steps } = values;
  if (gap !== undefined && !(Number(gap) > 0)) throw new Error(`"${gap}" is not a time in ms`);
  const names = runNames().filter((name) => only === undefined || name.includes(only));
  const replayed = await replay(names, {
    gapMs: gap === undefined ? undefined : Number(gap),
    told: (one) => say(one, steps),
  });
  const scores = scoresOf(
    [...recordedScreens(), ...colouredScreens()].map((screen) => ({
      screen,
      verdict: judge(screen),
    })),
  );
  const reports = {
    screens: screensReport(scores),
    runs: `${tmuxVersion()}\n\n${runsReport(replayed)}`,
  };
  console.log(`\n${reports.screens}\n\n${reports.runs}`);
  const faults = [
    ...scores.flatMap(scoreFaults),
    ...replayed.flatMap(({ run, findings }) => runFaults(run, findings)),
  ];
  if (faults.length > 0) throw new Error(`not good enough:\n  ${faults.join('\n  ')}`);
  if (only === undefined && gap === undefined) keep(reports);
};

const say = ({ run, watched }: Replayed, withSteps: boolean): void => {
  console.error(`${run.name}: ${watched.until.toFixed(0)} s, ${watched.looks} looks`);
  if (!withSteps) return;
  for (const { t, state, attention, interrupted, reason, rule } of watched.steps) {
    const told = [state ?? 'not seen', attention, interrupted ? 'interrupted' : reason, rule];
    console.error(`  ${t.toFixed(3).padStart(8)}  ${told.join('  ')}`);
  }
};

const keep = (reports: Record<string, string>): void => {
  const document = Object.entries(reports).reduce(
    (text, [name, report]) => withReport(text, name, report),
    readFileSync(DOCUMENT, 'utf8'),
  );
  writeFileSync(DOCUMENT, document);
};

const tmuxVersion = (): string => execFileSync('tmux', ['-V'], { encoding: 'utf8' }).trim();

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
