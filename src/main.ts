/** The process: settings in, signals heard, one clear message where it cannot start. */

import { readFileSync } from 'node:fs';
import { MonitorError } from '../actors/errors.ts';
import packageJson from '../package.json' with { type: 'json' };
import { type Config, readConfig } from './config.ts';
import { createLog } from './log.ts';
import { type Running, start } from './wiring.ts';

const { version } = packageJson;
const STOP_WITHIN_MS = 4_500;
const HELP = `Usage: npm start -- [session …]

Watches the coding agents in tmux sessions and says what each is doing.
Arguments are session names or globs; without any, every session in which a known agent runs is watched.
With --check it says which settings are wrong, if any, and starts nothing.
Settings come from the environment and from the file that AGENT_MONITOR_CONFIG names: see docs/configuration.md.`;

const fail = (error: unknown): never => {
  // What a person can mend is one clear message; anything else is a fault of ours, with its trace.
  console.error(error instanceof MonitorError ? `agent-monitor: ${error.message}` : error);
  process.exit(1);
};

const settings = (argv: string[]): Config =>
  readConfig({ argv, readFile: (path) => readFileSync(path, 'utf8') });

const run = async (): Promise<void> => {
  const config = settings(process.argv.slice(2));
  const log = createLog({ level: config.logLevel, pretty: process.stdout.isTTY });
  const starting = Promise.withResolvers<Running>();
  const end = (status: number, why: string) => {
    log.info({ why }, 'stopping');
    setTimeout(() => fail(new Error('stopping took too long')), STOP_WITHIN_MS).unref();
    // A signal may come while it still starts: what has begun must be ended all the same.
    starting.promise
      .then(({ stop }) => stop(status === 0 ? 'as asked' : 'after a crash'))
      .then(() => process.exit(status), fail);
  };
  const endOnce = once(end);
  // A second one changes nothing: it is over soon. SIGHUP: the terminal of `npm start` was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => endOnce(0, signal));
  }
  let running: Running | undefined;
  const crash = (error: unknown) => {
    // One that is a session's costs that session alone.
    if (running?.escaped(error)) return;
    log.error({ err: error }, 'an error that nobody expected');
    endOnce(1, 'an error that nobody expected');
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  starting.resolve(start({ config, log, version }));
  running = await starting.promise;
  const { address, crashed } = running;
  crashed.catch(crash);
  log.info({ version, ...address }, 'ready');
  const url = `http://${address.host}:${address.port}`;
  console.log(`agent-monitor ${version} listens on ${url}`);
  tellPm2(url);
};

/** PM2 waits for `ready`, but not for ever; what its list shows by the name of API tells that it came. */
const tellPm2 = (url: string): void => {
  process.send?.('ready');
  process.send?.({ type: 'axm:monitor', data: { API: { value: url } } });
};

const check = async (): Promise<void> => {
  settings(process.argv.slice(2).filter((word) => word !== '--check'));
};

const once = <Arguments extends unknown[]>(call: (...given: Arguments) => void) => {
  let done = false;
  return (...given: Arguments) => {
    if (!done) call(...given);
    done = true;
  };
};

if (process.argv.includes('--version')) console.log(version);
else if (process.argv.includes('--help')) console.log(HELP);
else if (process.argv.includes('--check')) check().catch(fail);
else run().catch(fail);
