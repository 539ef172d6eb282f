/** `npm run bench -- <name> [options]`: measures, prints, and keeps the figures in docs/benchmarks.md. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { commands, commandsReportOf } from './commands.bench.ts';
import { dashboard, dashboardReportOf } from './dashboard.bench.ts';
import { detection } from './detection.bench.ts';
import { faultsOf, reportOf } from './detection-report.ts';
import { withReport } from './document.ts';
import { floods } from './floods.bench.ts';
import { floodFaultsOf, floodsReportOf } from './floods-report.ts';
import { redis, redisReportOf } from './redis.bench.ts';
import { restart, restartReportOf } from './restart.bench.ts';
import { supervision, supervisionReportOf } from './supervision.bench.ts';
import { throughput } from './throughput.bench.ts';

const USAGE = `Usage: npm run bench -- <benchmark> [options]

detection   how soon a change in a pane is told, and what watching costs; some 4 minutes
  --sessions 10,100   how many sessions redraw, one run after the other
  --seconds 20        how long a window is
commands    how fast commands are accepted for good, and how soon an idle agent has them
  --seconds 10        how long each way of committing is tried
  --commands 30       how many are typed
floods      what a pane that is flooded costs the others, and what watching costs it; some 4 minutes
  --seconds 6         how long each flood is
redis       what a Redis that fails costs the others, and how fast it is caught up with
  --seconds 5         how long each failure lasts
restart     how long nobody answers while PM2 restarts the daemon
  --restarts 10       how often it is restarted, and how often reloaded
supervision how soon crashed sessions are back, and what a killed tmux server costs
  --sessions 50       how many there are
  --seconds 10        how long there is no server
dashboard   how smoothly 200 cards scroll that all change, and how soon a card shows a pane's change
  --sessions 200      how many cards there are
  --seconds 10        how long is scrolled
Without options the figures go into docs/benchmarks.md too.`;

const DOCUMENT = new URL('../docs/benchmarks.md', import.meta.url);

const interrupted = new AbortController();

interface Options {
  sessions?: string | undefined;
  seconds?: string | undefined;
  commands?: string | undefined;
  restarts?: string | undefined;
}

/** A report of the figures, and what was not as it must be whatever the machine. */
interface Outcome {
  report: string;
  faults: string[];
}

const signal = interrupted.signal;
const say = (text: string): void => console.error(text);

const BENCHMARKS: Record<string, (options: Options) => Promise<Outcome>> = {
  detection: async ({ sessions = '10,100', seconds = '20' }) => {
    const window = numbers(seconds)[0] as number;
    const result = await detection({ sessions: numbers(sessions), seconds: window, signal, say });
    return { report: reportOf(result), faults: faultsOf(result) };
  },
  commands: async ({ seconds = '10', commands: count = '30' }) => {
    const [window, typed] = [numbers(seconds)[0] as number, numbers(count)[0] as number];
    const result = await commands({ seconds: window, commands: typed, signal, say });
    return { report: commandsReportOf(result), faults: [] };
  },
  floods: async ({ seconds = '6' }) => {
    const options = { seconds: numbers(seconds)[0] as number, signal, say };
    const rows = await floods(options);
    return { report: floodsReportOf(rows, await throughput(options)), faults: floodFaultsOf(rows) };
  },
  redis: async ({ seconds = '5' }) => {
    const result = await redis({ seconds: numbers(seconds)[0] as number, signal, say });
    return { report: redisReportOf(result), faults: [] };
  },
  restart: async ({ restarts = '10' }) => {
    const result = await restart({ restarts: numbers(restarts)[0] as number, signal, say });
    return { report: restartReportOf(result), faults: [] };
  },
  supervision: async ({ sessions = '50', seconds = '10' }) => {
    const [count, away] = [numbers(sessions)[0] as number, numbers(seconds)[0] as number];
    const result = await supervision({ sessions: count, seconds: away, signal, say });
    return { report: supervisionReportOf(result), faults: [] };
  },
  dashboard: async ({ sessions = '200', seconds = '10' }) => {
    const [cards, window] = [numbers(sessions)[0] as number, numbers(seconds)[0] as number];
    const result = await dashboard({ cards, seconds: window, signal, say });
    return { report: dashboardReportOf(result), faults: [] };
  },
};

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      sessions: { type: 'string' },
      seconds: { type: 'string' },
      commands: { type: 'string' },
      restarts: { type: 'string' },
    },
  });
  const [name = ''] = positionals;
  const benchmark = BENCHMARKS[name];
  if (benchmark === undefined || positionals.length !== 1) {
    console.log(USAGE);
    process.exitCode = positionals.length === 0 ? 0 : 2;
    return;
  }
  if (process.platform !== 'linux') throw new Error('CPU is counted by /proc: this needs Linux');

  for (const end of ['SIGINT', 'SIGTERM'] as const) process.on(end, () => interrupted.abort());
  const { report, faults } = await benchmark(values);
  const whole = `${machine()}\n\n${report}`;
  console.log(`\n${whole}`);
  if (Object.keys(values).length === 0) {
    writeFileSync(DOCUMENT, withReport(readFileSync(DOCUMENT, 'utf8'), name, whole));
  }
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
