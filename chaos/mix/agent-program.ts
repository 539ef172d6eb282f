/**
 * Runs in a pane: a simulated agent that writes down whatever it is given, and whenever it could not
 * go on for a moment. Usage: `agent-program.ts <script.json> <folder>`.
 */

import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInTerminal } from '../../demo/agent/program.ts';
import { loadScript } from '../../demo/agent/script.ts';
import {
  ENDED,
  GIVEN,
  JOURNAL,
  ORDERS,
  PAUSES,
  PULSE_MS,
  SHORTEST_PAUSE_MS,
  TERMINAL_GONE,
} from './agent-files.ts';

const main = async (): Promise<void> => {
  const [script = '', folder = ''] = process.argv.slice(2);
  process.title = 'claude';
  process.on('exit', (code) => writeFileSync(join(folder, ENDED), `${code}\n`));
  // Where the terminal goes while something is drawn on it, that fails before SIGHUP tells.
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EIO') process.exit(TERMINAL_GONE);
  });
  await runInTerminal(loadScript(script), {
    journal: join(folder, JOURNAL),
    control: join(folder, ORDERS),
    stepped: false,
  });
  // In the same turn as the agent's own listener: neither hears a byte that the other does not.
  process.stdin.on('data', (chunk: Buffer) =>
    appendFileSync(join(folder, GIVEN), `${JSON.stringify(chunk.toString('latin1'))}\n`),
  );
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (now - last > SHORTEST_PAUSE_MS)
      appendFileSync(join(folder, PAUSES), `${JSON.stringify({ from: last, to: now })}\n`);
    last = now;
  }, PULSE_MS);
};

await main();
