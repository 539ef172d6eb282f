/** docs/redis.md: its programs and commands as they stand, against a real Redis and its faults. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killAtExit } from '../support/at-exit.ts';
import { blocksOf } from '../support/page.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { draft, stepTo } from '../support/store.ts';

const ROOT = join(import.meta.dirname, '../..');
const programs = blocksOf('redis.md', 'js');
const programUnder = (heading: string): string =>
  programs.find((program) => program.heading === heading)?.body ?? '';

/** Dies, as of kill -9, while it handles the line: it is printed, and not acknowledged. */
const DIES_AT_LINE = `
const write = process.stdout.write.bind(process.stdout)
let lines = 0
process.stdout.write = (text) => {
  write(text)
  lines += 1
  if (lines === Number(process.env.DIES_AT_LINE)) process.kill(process.pid, 'SIGKILL')
}
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-recipes-'));
  writeFileSync(join(folder, 'dies.cjs'), DIES_AT_LINE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program of the page, as a process of its own. */
const run = (heading: string, redis: TestRedis, env: Record<string, string> = {}) => {
  const preload = env.DIES_AT_LINE === undefined ? [] : ['-r', join(folder, 'dies.cjs')];
  const child = spawn(process.execPath, [...preload, '-e', programUnder(heading)], {
    cwd: ROOT,
    env: { ...process.env, REDIS_URL: redis.url, ...env },
    // What it complains of while Redis is away on purpose is no news.
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const forget = killAtExit(() => (child.pid === undefined ? [] : [child.pid]), 'SIGKILL');
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  const ended = once(child, 'close');
  return {
    lines,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
      forget();
    },
  };
};

/** As a private Redis has them: a consumer may do what it needs to, and no more. */
const USERS = { password: null };

const soon = { timeout: 20_000 };
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
/** The `seq` that each line begins with. */
const seqsOf = (lines: readonly string[]) => lines.map((line) => Number.parseInt(line, 10));

describe('the commands for looking', () => {
  it('work as they stand', async () => {
    await using redis = await startRedis(USERS);
    await using relay = await startRelay({ redis });
    await relay.commit(50);
    await relay.untilRelayed();
    const commands = blocksOf('redis.md', 'bash').flatMap(({ body }) => body.trim().split('\n'));
    expect(commands.length).toBeGreaterThan(5);
    const answers: string[] = [];
    for (const command of commands) {
      // With -e a refusal is told by the exit status too.
      const here = command.replace(/^redis-cli /, `redis-cli -e -p ${redis.port} `);
      answers.push((await promisify(execFile)('bash', ['-c', here])).stdout);
    }
    expect(answers[0]).toContain('"seq":50');
    expect(answers[1]?.match(/^\d+-0$/gm)).toEqual(upTo(50, 41).map((seq) => `${seq}-0`));
    expect(answers[2]).toBe('50\n');
  });
});

describe('a listener', () => {
  it('prints what happens', async () => {
    await using redis = await startRedis(USERS);
    await using relay = await startRelay({ redis });
    await using listener = run('Listening', redis);
    const isListening = async () =>
      (await redis.client.pubsub('NUMSUB', 'agent-events')) as [string, number];
    await expect.poll(isListening, soon).toEqual(['agent-events', 1]);
    relay.store.journal.record(stepTo('shop-api', 'reading'));
    relay.store.journal.record(stepTo('shop-web', 'working'));
    await expect
      .poll(() => listener.lines, soon)
      .toEqual(['Event: state_change shop-api', 'Event: state_change shop-web']);
  });
});

describe('a consumer of a group', () => {
  const heading = 'Everything, also after a crash';

  it('handles every event, through crashes of its own, and what it had in hand once more', async () => {
    await using redis = await startRedis(USERS);
    await using relay = await startRelay({ redis });
    await using early = run(heading, redis, { DIES_AT_LINE: '7' });
    await relay.commit(150);
    await early.ended;
    await using late = run(heading, redis, { DIES_AT_LINE: '120' });
    await late.ended;
    await using last = run(heading, redis);
    await relay.commit(20);
    await expect.poll(() => seqsOf(last.lines).at(-1), soon).toBe(170);
    expect(seqsOf(early.lines)).toEqual(upTo(7));
    expect(seqsOf(late.lines)).toEqual(upTo(126, 7));
    expect(seqsOf(last.lines)).toEqual(upTo(170, 126));
    await expect
      .poll(async () => (await redis.client.xpending(STREAM, 'alerts')) as unknown[], soon)
      .toEqual([0, null, null, null]);
  });

  it('takes over what one that never comes back has left', async () => {
    await using redis = await startRedis(USERS);
    await using relay = await startRelay({ redis });
    await relay.commit(30);
    await using dead = run(heading, redis, { CONSUMER: 'a', DIES_AT_LINE: '5' });
    await dead.ended;
    await using heir = run(heading, redis, { CONSUMER: 'b', DEAD_AFTER_MS: '1500' });
    await expect.poll(() => seqsOf(heir.lines), soon).toEqual(upTo(30, 5));
  });

  it('goes on where it was when Redis was emptied or restarted, and anew in another epoch', async () => {
    await using redis = await startRedis(USERS);
    await using consumer = run(heading, redis);
    const handled = () => seqsOf(consumer.lines);
    {
      await using relay = await startRelay({ redis });
      await relay.commit(10);
      await expect.poll(handled, soon).toEqual(upTo(10));
      await redis.flush();
      await relay.commit(10);
      await expect.poll(handled, soon).toEqual(upTo(20));
      await redis.kill();
      await relay.commit(10);
      await redis.start();
      await expect.poll(handled, soon).toEqual(upTo(30));
    }
    await using restored = await startRelay({ redis });
    await restored.commit(3);
    const { epoch } = restored.store.outbox;
    await expect.poll(() => consumer.lines.at(-1), soon).toMatch(/^3 /);
    const since = consumer.lines.slice(30);
    expect(since[0]).toBe(`new epoch ${epoch}`);
    expect(seqsOf(since.slice(1))).toEqual(upTo(3));
  });
});

describe('a worker', () => {
  it('does what is for it, by its id, also after Redis was away', async () => {
    await using redis = await startRedis(USERS);
    await using relay = await startRelay({ redis });
    await using worker = run('Each event for one worker', redis);
    const waits = (session: string) =>
      relay.store.journal.announce([draft(session), draft(session, { event: 'agent_waiting' })]);
    const { epoch } = relay.store.outbox;
    waits('shop-api');
    await expect.poll(() => worker.lines, soon).toEqual([`${epoch}-2 agent_waiting shop-api`]);
    await redis.kill();
    waits('shop-web');
    await redis.start();
    await expect
      .poll(() => worker.lines.slice(1), soon)
      .toEqual([`${epoch}-4 agent_waiting shop-web`]);
  });

  it('gets each event once, through a restart of Redis', async () => {
    await using redis = await startRedis(USERS);
    await using relay = await startRelay({ redis });
    const handled: number[] = [];
    const connection = new Redis(redis.url, {
      ...{ maxRetriesPerRequest: null, retryStrategy: () => 20 },
    });
    connection.on('error', () => undefined); // While Redis is away on purpose.
    const worker = new Worker('agent-events', async ({ data }) => handled.push(data.seq), {
      connection,
      removeOnComplete: { count: 1000 },
    });
    worker.on('error', () => undefined);
    try {
      await throughRestart({ redis, relay, handled: () => handled.length });
      expect(handled.toSorted((a, b) => a - b)).toEqual(upTo(41));
    } finally {
      await worker.close(true);
      connection.disconnect();
    }
  });
});

const STREAM = 'agent-events:stream';

const throughRestart = async (options: {
  redis: TestRedis;
  relay: TestRelay;
  handled: () => number;
}): Promise<void> => {
  const { redis, relay, handled } = options;
  await relay.commit(20);
  await expect.poll(handled, soon).toBe(20);
  await redis.kill();
  await relay.commit(20);
  await redis.start();
  await expect.poll(handled, soon).toBe(40);
  await relay.commit(1);
  await expect.poll(handled, soon).toBe(41);
};
