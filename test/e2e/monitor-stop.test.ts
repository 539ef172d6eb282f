import { expect, it } from 'vitest';
import { call, commandsOf } from '../support/command-calls.ts';
import { startCommandStage } from '../support/command-stage.ts';
import type { TestDaemon } from '../support/daemon.ts';
import { until } from '../support/until.ts';

const SESSIONS = ['shop-api', 'shop-web', 'docs'];
/** More of them, with each signal, take `STOP_ROUNDS=50`. */
const ROUNDS = Number(process.env.STOP_ROUNDS ?? 2);

const STOPS: NodeJS.Signals[][] = [
  ['SIGTERM'],
  // Of someone who has no patience.
  ['SIGTERM', 'SIGTERM', 'SIGINT'],
  ['SIGINT'],
  ['SIGHUP'],
];

it(`stops in time ${ROUNDS} times while it types, and nothing is unknown or typed twice`, {
  timeout: 60_000 + ROUNDS * 10_000,
}, async ({ annotate }) => {
  await using stage = await startCommandStage();
  const { daemon } = stage;
  const agents = await Promise.all(SESSIONS.map((name) => stage.recording(name)));
  const accepted: string[] = [];
  let slowestMs = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = agents[0]?.submitted().length ?? 0;
    const callers = SESSIONS.map((session) => sendUntilRefused(daemon, session, round, accepted));
    await until('it is typing', () =>
      (agents[0]?.submitted().length ?? 0) > before ? true : null,
    );
    const began = performance.now();
    const [first = 'SIGTERM', ...more] = STOPS[round % STOPS.length] ?? [];
    const end = daemon.end(first);
    for (const signal of more) process.kill(daemon.pid, signal);
    // The daemon itself ends with status 1 where it takes longer than 4.5 seconds.
    expect(await end).toBe(0);
    slowestMs = Math.max(slowestMs, performance.now() - began);
    await Promise.all(callers);
    await daemon.start();
  }
  await annotate(`the slowest of ${ROUNDS} stops took ${Math.round(slowestMs)} ms`);

  const found = (await Promise.all(SESSIONS.map((name) => commandsOf(daemon, name)))).flat();
  expect(found.filter(({ status }) => status === 'unknown' || status === 'failed')).toEqual([]);
  const ids = new Set(found.map(({ id }) => id));
  expect(accepted.filter((id) => !ids.has(id))).toEqual([]);
  for (const agent of agents) {
    const texts = agent.submitted();
    expect(new Set(texts).size).toBe(texts.length);
    const own = found.filter(({ session }) => session === agent.session);
    const sent = own.filter(({ status }) => status === 'sent').map(({ command }) => command);
    expect(sent.filter((text) => !texts.includes(text))).toEqual([]);
  }
});

/** Sends one after the other, as many as have room in the queue, until the daemon takes no more. */
const sendUntilRefused = async (
  daemon: TestDaemon,
  session: string,
  round: number,
  accepted: string[],
): Promise<void> => {
  for (let n = 0; n < 20; n += 1) {
    const command = `${round}/${session}/${n}`;
    const path = `/api/agents/${session}/command`;
    const response = await call(daemon, 'POST', path, { command }).catch(() => null);
    if (response?.status !== 202) return;
    accepted.push(((await response.json()) as { id: string }).id);
  }
};
