/** How fast commands are accepted for good, and how soon an idle agent has them. */

import { setTimeout as delay } from 'node:timers/promises';
import { TOKEN } from '../test/src/http/start.ts';
import { ended, send } from '../test/support/command-calls.ts';
import { startCommandStage } from '../test/support/command-stage.ts';
import type { AcceptingCalls, AcceptingOptions } from './accepting.ts';
import { type Latency, latencyOf, table } from './figures.ts';
import { post } from './posting.ts';
import { now, startProgram } from './program.ts';

const CONNECTIONS = 100;
/** So that the agent is idle and nothing is under way when the next one comes. */
const PAUSE_MS = 700;

export interface CommandsOptions {
  /** How long each way of committing is tried. */
  seconds: number;
  /** How many commands are typed. */
  commands: number;
  signal: AbortSignal;
  say(text: string): void;
}

interface Accepts {
  perSecond: number;
  latency: Latency;
}

export interface CommandsResult {
  unkept: Accepts;
  grouped: Accepts;
  oneByOne: Accepts;
  /** From the answer to the call until the agent has the text, and until it is known to be submitted. */
  typed: Latency;
  proved: Latency;
}

export const commands = async (options: CommandsOptions): Promise<CommandsResult> => {
  const { say } = options;
  say('accepting, and keeping nothing');
  const unkept = await accepts('never', options);
  say('accepting, one transaction for each request');
  const oneByOne = await accepts('one-by-one', options);
  say('accepting, as the daemon does');
  const grouped = await accepts('grouped', options);
  say(`typing ${options.commands} commands`);
  return { unkept, grouped, oneByOne, ...(await typing(options)) };
};

export const commandsReportOf = (result: CommandsResult): string => {
  const { unkept, grouped, oneByOne, typed, proved } = result;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const row = (what: string, { perSecond, latency }: Accepts): string[] => [
    what,
    `${Math.round(perSecond)}/s`,
    ms(latency.p50),
    ms(latency.p99),
  ];
  const times = grouped.perSecond / oneByOne.perSecond;
  return [
    table(
      [`accepts over ${CONNECTIONS} connections`, 'rate', 'p50', 'p99'],
      [
        row('the API alone, nothing kept', unkept),
        row('one transaction per request', oneByOne),
        row('grouped, as in the daemon', grouped),
        ['to reach', '8000/s', '', '60 ms'],
      ],
    ),
    `Grouped is ${times.toFixed(1)} times as fast as one by one; to reach: 3 times.`,
    table(
      [`from accepted, ${typed.count} times, until`, 'p50', 'p99', 'p50 to reach'],
      [
        ['the text is in the pane', ms(typed.p50), ms(typed.p99), '20 ms'],
        ['it is proved submitted', ms(proved.p50), ms(proved.p99), '400 ms'],
      ],
    ),
  ].join('\n\n');
};

const accepts = async (
  commits: AcceptingOptions['commits'],
  { seconds, signal }: CommandsOptions,
): Promise<Accepts> => {
  const options: AcceptingOptions = { commits };
  await using program = await startProgram<AcceptingCalls>('./accepting.ts', options);
  const port = await program.call('port');
  const to = { port, token: TOKEN, connections: CONNECTIONS, signal };
  await post({ ...to, seconds: 1 });
  const before = await program.call('accepted');
  const { latencies, seconds: took } = await post({ ...to, seconds });
  const accepted = (await program.call('accepted')) - before;
  if (accepted < latencies.length)
    throw new Error(`${latencies.length} were answered, but ${accepted} accepted`);
  return { perSecond: latencies.length / took, latency: latencyOf(latencies) };
};

const typing = async ({
  commands: count,
  signal,
}: CommandsOptions): Promise<Pick<CommandsResult, 'typed' | 'proved'>> => {
  await using stage = await startCommandStage();
  const agent = await stage.recording('shop-api', { timed: true });
  const typed: number[] = [];
  const proved: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await delay(PAUSE_MS, undefined, { signal });
    const text = `do #${index}.`;
    const { id } = await send(stage.daemon, 'shop-api', text);
    const acceptedAt = now();
    const { status } = await ended(stage.daemon, id);
    if (status !== 'sent') throw new Error(`command ${index} ended ${status}`);
    proved.push(now() - acceptedAt);
    const paste = agent.records().find((record) => record.did === 'paste' && record.text === text);
    typed.push((paste?.at ?? Number.NaN) - acceptedAt);
  }
  return { typed: latencyOf(typed), proved: latencyOf(proved) };
};
