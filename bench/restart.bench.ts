/** How long nobody answers while PM2 restarts the daemon. */

import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startPm2, type TestPm2 } from '../test/support/pm2.ts';
import { familySeconds, machineSeconds } from './cpu.ts';
import { type Latency, latencyOf, table } from './figures.ts';
import { now } from './program.ts';

const VERBS = ['restart', 'reload'] as const;
const ASK_EVERY_MS = 5;
/** So that PM2 and the daemon have settled. */
const PAUSE_MS = 1000;
const GAP_TO_REACH_MS = 800;

export interface RestartOptions {
  /** How often each of PM2's ways is tried. */
  restarts: number;
  signal: AbortSignal;
  say(text: string): void;
}

interface Tried {
  /** From the last good answer of the old daemon to the first of the new one. */
  gap: Latency;
  /** From the order to stop until the new one has said that it is ready, as the log has it. */
  restarted: Latency;
}

export interface RestartResult {
  tried: Record<(typeof VERBS)[number], Tried>;
  /** In cores, what other programs took meanwhile. */
  elsewhere: number;
}

export const restart = async (options: RestartOptions): Promise<RestartResult> => {
  await using pm2 = await startPm2();
  await pm2.sh('start');
  const god = Number(readFileSync(join(pm2.folder, 'pm2/pm2.pid'), 'utf8'));
  const read = () => ({
    at: now(),
    elsewhere: machineSeconds() - familySeconds(process.pid) - familySeconds(god),
  });
  const before = read();
  const tried = {
    restart: await tryOut(pm2, 'restart', options),
    reload: await tryOut(pm2, 'reload', options),
  };
  const after = read();
  const elsewhere = ((after.elsewhere - before.elsewhere) / (after.at - before.at)) * 1000;
  return { tried, elsewhere: Math.max(0, elsewhere) };
};

export const restartReportOf = ({ tried, elsewhere }: RestartResult): string => {
  const ms = (value: number): string => `${Math.round(value)} ms`;
  const rows = VERBS.map((verb) => {
    const { gap, restarted } = tried[verb];
    return [`pm2 ${verb}`, String(gap.count), ms(gap.p50), ms(gap.max), ms(restarted.p50)];
  });
  return [
    table(
      ['', 'times', 'no answer, p50', 'max', 'stopping to ready, p50'],
      [...rows, ['to reach', '', ms(GAP_TO_REACH_MS), '', '']],
    ),
    `Other programs took ${elsewhere.toFixed(2)} cores meanwhile.`,
  ].join('\n\n');
};

const tryOut = async (
  pm2: TestPm2,
  verb: (typeof VERBS)[number],
  { restarts, signal, say }: RestartOptions,
): Promise<Tried> => {
  say(`pm2 ${verb}, ${restarts} times`);
  const gaps: number[] = [];
  for (let time = 0; time < restarts; time += 1) {
    await delay(PAUSE_MS, undefined, { signal });
    gaps.push(await gapOver(pm2, () => pm2.pm2(verb, 'agent-monitor')));
  }
  const took = restartsIn(pm2.log('out')).slice(-restarts);
  return { gap: latencyOf(gaps), restarted: latencyOf(took) };
};

/** The longest time without a good answer, from before the work until one came after it. */
const gapOver = async (pm2: TestPm2, work: () => Promise<unknown>): Promise<number> => {
  let isDone = false;
  const done = work().finally(() => {
    isDone = true;
  });
  let last = now();
  let longest = 0;
  for (;;) {
    const asked = isDone;
    if (await answers(`${pm2.url}/livez`)) {
      longest = Math.max(longest, now() - last);
      last = now();
      if (asked) break;
    }
    await delay(ASK_EVERY_MS);
  }
  await done;
  return longest;
};

/** On a connection of its own, as a new caller has it. */
const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const outgoing = request(url, { agent: false }, (answer) => {
      answer.resume().once('close', () => resolve(answer.statusCode === 200));
    });
    outgoing.once('error', () => resolve(false)).end();
  });

/** From each "stopping" in the log to the "ready" that follows, in ms. */
const restartsIn = (log: string): number[] => {
  const took: number[] = [];
  let stoppingAt = Number.NaN;
  for (const line of log.split('\n')) {
    if (!line.startsWith('{')) continue;
    const { time, msg } = JSON.parse(line) as { time: string; msg: string };
    if (msg === 'stopping') stoppingAt = Date.parse(time);
    if (msg === 'ready' && !Number.isNaN(stoppingAt)) took.push(Date.parse(time) - stoppingAt);
  }
  return took;
};
