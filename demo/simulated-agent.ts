/** A program that draws and listens like Claude Code 2.1.330, and does what a script says. */

import { parseArgs } from 'node:util';
import { runInTerminal } from './agent/program.ts';
import { BadScript, loadScript } from './agent/script.ts';

const USAGE = `usage: node demo/simulated-agent.ts <script.json> [options]
  --journal <file>   appends one JSON line for each true event
  --control <path>   listens on a unix socket: next, key <name>, text <text>, state, exit [code]
  --stepped          steps that take time wait for a next`;

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      journal: { type: 'string' },
      control: { type: 'string' },
      stepped: { type: 'boolean', default: false },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new BadScript(USAGE);
  const script = loadScript(file);
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new BadScript(`${file}: the simulated agent needs a terminal to draw on`);
  }
  process.title = 'claude';
  await runInTerminal(script, {
    journal: values.journal ?? process.env.SIMULATED_AGENT_JOURNAL,
    control: values.control ?? process.env.SIMULATED_AGENT_CONTROL,
    stepped: values.stepped,
  });
};

main().catch((error: unknown) => {
  const code = (error as { code?: unknown }).code;
  const usage = typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
  const known = error instanceof BadScript || usage;
  console.error(known ? `${(error as Error).message}${usage ? `\n${USAGE}` : ''}` : error);
  process.exitCode = 2;
});
