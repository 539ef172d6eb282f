/** Four simulated agents in a private tmux server, and the monitor watching them: `npm run demo`. */

import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { MonitorApi } from './live/api.ts';
import { SESSIONS, type Stage, setStage } from './live/stage.ts';
import { lineOf, tableOf } from './live/table.ts';

const USAGE = `usage: npm run demo [-- --for <seconds>]
  --for <seconds>   ends by itself; otherwise Ctrl-C does`;

const main = async (): Promise<void> => {
  const seconds = readSeconds();
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  process.on('SIGINT', leave).on('SIGTERM', leave).on('SIGHUP', leave);
  const { signal } = leaving;

  console.log('Starting tmux, four agents, Redis and the monitor …');
  const whole = await setStage(signal).catch(unlessAborted(signal));
  if (whole === undefined) return;
  await using stage = whole;
  console.log(introduction(stage));
  const timer = seconds === null ? undefined : setTimeout(leave, seconds * 1000);
  const follow = process.stdout.isTTY ? followAsTable : followAsLines;
  await Promise.race([follow(stage.api, signal), stage.failed]).catch(unlessAborted(signal));
  clearTimeout(timer);
  console.log('\nEnding what was started …');
};

const readSeconds = (): number | null => {
  const { values } = parseArgs({ options: { for: { type: 'string' } } });
  if (values.for === undefined) return null;
  const seconds = Number(values.for);
  if (!(seconds > 0 && seconds <= 86_400)) {
    throw new TypeError(`--for ${values.for}: must be seconds, more than 0`);
  }
  return seconds;
};

/** Ends a wait that was broken off, and passes every other error on. */
const unlessAborted =
  (signal: AbortSignal) =>
  (error: unknown): undefined => {
    if (!signal.aborted) throw error;
  };

const introduction = ({ api, socket, redis }: Stage): string => {
  const first = Object.keys(SESSIONS)[0];
  return [
    '',
    `Dashboard: ${api.url}/`,
    `Agents:    tmux -S ${socket} attach -t ${first}   (${Object.keys(SESSIONS).join(', ')})`,
    `API:       curl ${api.url}/api/agents`,
    '           stuck after 15 seconds here; type to the agents, answer their dialogs, or only watch',
    ...(redis ? [] : ['           without Redis: redis-server is not installed']),
    'Ctrl-C ends it all.',
    '',
  ].join('\n');
};

/** Draws the table anew, in its place, when it changed. */
const followAsTable = async (api: MonitorApi, signal: AbortSignal): Promise<void> => {
  let shown: string[] = [];
  while (!signal.aborted) {
    const table = tableOf(await api.agents(), Date.now(), process.stdout.columns || 80);
    if (table.join('\n') !== shown.join('\n')) {
      const back = shown.length > 0 ? `\x1b[${shown.length}A` : '';
      process.stdout.write(`${back}\x1b[J${table.join('\n')}\n`);
      shown = table;
    }
    await delay(250, undefined, { signal });
  }
};

/** Prints a line for each thing that happens. */
const followAsLines = async (api: MonitorApi, signal: AbortSignal): Promise<void> => {
  let seen = 0;
  while (!signal.aborted) {
    for (const event of await api.events(seen)) {
      seen = event.seq;
      const line = lineOf(event);
      if (line !== null) console.log(line);
    }
    await delay(100, undefined, { signal });
  }
};

main().catch((error: Error & { code?: string }) => {
  const usage = error.code?.startsWith('ERR_PARSE_ARGS') || error instanceof TypeError;
  console.error(`demo: ${error.message}${usage ? `\n${USAGE}` : ''}`);
  process.exitCode = 1;
});
