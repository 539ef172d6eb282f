/**
 * `npm run chaos [-- options]`: lets everything go wrong for some minutes and tells what came of it;
 * `npm run chaos -- commands [options]`: kills the daemon while it types, many times.
 */

import { parseArgs } from 'node:util';
import { commandChaos } from './commands.ts';
import { type MixReport, mixChaos } from './mix/mix.ts';
import { newSeed } from './random.ts';

const USAGE = `Usage: npm run chaos [-- options]
       npm run chaos -- commands [options]

  --minutes 5      how long things go wrong
  --sessions 12    how many agents there are; with commands: 20
  --seed <number>  repeats the choices of another run
  --keep           leaves databases, log and the agents' records behind

With commands the daemon is killed while it types into many sessions:
  --kills 100      how often
  --commands 50    how many commands each session is sent`;

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '5' },
      kills: { type: 'string', default: '100' },
      sessions: { type: 'string' },
      commands: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(newSeed()) },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [what = 'mix', ...more] = positionals;
  if (values.help || more.length > 0 || !['mix', 'commands'].includes(what)) {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const seed = whole(values.seed);
  console.log(`--seed ${seed}`);
  const violations =
    what === 'mix'
      ? await mix({
          seed,
          ms: Number(values.minutes) * 60_000,
          sessions: whole(values.sessions ?? '12'),
          keep: values.keep,
          damage: true,
        })
      : await kills({
          seed,
          kills: whole(values.kills),
          sessions: whole(values.sessions ?? '20'),
          commands: whole(values.commands),
        });
  console.log(violations.length === 0 ? 'no violations' : violations.join('\n'));
  if (violations.length > 0) {
    console.log(`${violations.length} violations; again with: --seed ${seed}`);
    process.exitCode = 1;
  }
};

const mix = async (options: {
  seed: number;
  ms: number;
  sessions: number;
  keep: boolean;
  damage: boolean;
}): Promise<string[]> => {
  if (!(options.ms > 0)) throw new Error('--minutes must be a number above 0');
  const ending = new AbortController();
  const abort = (): void => ending.abort();
  // The second one ends it at once, as does the first where nobody listens any more.
  process.once('SIGINT', abort).once('SIGTERM', abort);
  const say = (text: string): void => console.error(text);
  try {
    const report = await mixChaos({ ...options, signal: ending.signal, say });
    printTable(report);
    return report.violations;
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    return ['it was ended before its time'];
  }
};

const printTable = ({ faults, counts, violations }: MixReport): void => {
  const line = (name: string, ...columns: (string | number)[]): void =>
    console.log(
      `${name.padEnd(40)}${columns.map((column) => String(column).padStart(10)).join('')}`,
    );
  line('fault', 'done', 'missed');
  for (const [name, { done, missed }] of Object.entries(faults).toSorted())
    line(name, done, missed);
  for (const [name, count] of Object.entries(counts)) line(name, count);
  line('violations', violations.length);
  console.log(describeMissed(Object.values(faults)));
};

/** How much of what was planned was tried at all. */
const describeMissed = (faults: { done: number; missed: number }[]): string => {
  const count = (which: 'done' | 'missed'): number =>
    faults.reduce((sum, fault) => sum + fault[which], 0);
  const missed = count('missed');
  return `${missed} of ${missed + count('done')} faults found nothing to happen to just then (no dialog to answer, nothing queued to cancel, a daemon or an agent away already): nothing was done, which is no failure`;
};

const kills = async (options: {
  kills: number;
  sessions: number;
  commands: number;
  seed: number;
}): Promise<string[]> => {
  const say = (text: string): void => console.error(text);
  const { ended, interrupted, ownDeaths, faults } = await commandChaos({ ...options, say });
  for (const [way, count] of Object.entries(ended)) console.log(`${count} ${way}`);
  console.log(`${interrupted} were being typed when the daemon was killed`);
  if (ownDeaths > 0) console.log(`it began anew ${ownDeaths} times, as the tmux server had died`);
  return faults;
};

const whole = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`"${text}" is not a whole number above 0`);
  return Number(text);
};

await main();
