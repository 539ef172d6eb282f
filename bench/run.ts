/** `npm run bench -- <name> [options]`: measures, prints, and keeps the figures in docs/benchmarks.md. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { detection } from './detection.bench.ts';
import { faultsOf, reportOf } from './detection-report.ts';
import { withReport } from './document.ts';

const USAGE = `Usage: npm run bench -- <benchmark> [options]

detection   how soon a change in a pane is told, and what watching costs; some 4 minutes
  --sessions 10,100   how many sessions redraw, one run after the other
  --seconds 20        how long a window is
Without options the figures go into docs/benchmarks.md too.`;

const DOCUMENT = new URL('../docs/benchmarks.md', import.meta.url);

const interrupted = new AbortController();

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { sessions: { type: 'string' }, seconds: { type: 'string' } },
  });
  if (positionals.length !== 1 || positionals[0] !== 'detection') {
    console.log(USAGE);
    process.exitCode = positionals.length === 0 ? 0 : 2;
    return;
  }
  if (process.platform !== 'linux') throw new Error('CPU is counted by /proc: this needs Linux');

  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort());
  const result = await detection({
    sessions: numbers(values.sessions ?? '10,100'),
    seconds: numbers(values.seconds ?? '20')[0] as number,
    signal: interrupted.signal,
    say: (text) => console.error(text),
  });
  const report = `${machine()}\n\n${reportOf(result)}`;
  console.log(`\n${report}`);
  if (values.sessions === undefined && values.seconds === undefined) {
    writeFileSync(DOCUMENT, withReport(readFileSync(DOCUMENT, 'utf8'), 'detection', report));
  }
  const faults = faultsOf(result);
  if (faults.length > 0) throw new Error(faults.join('; '));
};

const numbers = (list: string): number[] =>
  list.split(',').map((text) => {
    const number = Number(text);
    if (!(number > 0)) throw new Error(`"${text}" is not a number above 0`);
    return number;
  });

const machine = (): string => {
  const tmux = execFileSync('tmux', ['-V'], { encoding: 'utf8' }).trim();
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${availableParallelism()} cores, Node ${process.versions.node}, ${tmux}`;
};

main().catch((error: unknown) => {
  const { aborted } = interrupted.signal;
  // What fails in an interrupted run, fails because everything in it is being ended.
  console.error(aborted ? 'interrupted' : error);
  process.exitCode = aborted ? 130 : 1;
});
