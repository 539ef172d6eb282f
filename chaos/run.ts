/** `npm run chaos -- commands [options]`: kills the daemon many times and tells what came of it. */

import { parseArgs } from 'node:util';
import { commandChaos } from './commands.ts';
import { newSeed } from './random.ts';

const USAGE = `Usage: npm run chaos -- commands [options]

  --kills 100      how often the daemon is killed
  --sessions 20    how many sessions are typed into
  --commands 50    how many commands each is sent
  --seed <number>  repeats the choices of another run`;

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      kills: { type: 'string', default: '100' },
      sessions: { type: 'string', default: '20' },
      commands: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(newSeed()) },
    },
  });
  if (positionals.join() !== 'commands') {
    console.log(USAGE);
    process.exitCode = positionals.length === 0 ? 0 : 2;
    return;
  }
  const seed = whole(values.seed);
  console.log(`--seed ${seed}`);
  const { ended, interrupted, faults } = await commandChaos({
    kills: whole(values.kills),
    sessions: whole(values.sessions),
    commands: whole(values.commands),
    seed,
    say: (text) => console.error(text),
  });
  for (const [way, count] of Object.entries(ended)) console.log(`${count} ${way}`);
  console.log(`${interrupted} were being typed when the daemon was killed`);
  console.log(faults.length === 0 ? 'no faults' : faults.join('\n'));
  if (faults.length > 0) process.exitCode = 1;
};

const whole = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`"${text}" is not a whole number above 0`);
  return Number(text);
};

await main();
