import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom, newSeed } from '../../chaos/random.ts';
import type { Command } from '../../machines/vocabulary.ts';
import {
  type Accepted,
  call,
  commandOf,
  commandsOf,
  ended,
  send,
} from '../support/command-calls.ts';
import { type CommandStage, startCommandStage } from '../support/command-stage.ts';
import type { RecordingAgent } from '../support/recording-agent.ts';
import { LONG_TURN } from '../support/turns.ts';

/** In all sessions together; a longer run is asked for by COMMAND_CANCELS. */
const CANCELS = Number(process.env.COMMAND_CANCELS ?? 200);
const SESSIONS = 4;
/** About as long as it takes from the acceptance to the first byte. */
const LONGEST_PAUSE_MS = 60;

let stage: CommandStage;

beforeEach(async () => {
  stage = await startCommandStage();
});

afterEach(() => stage[Symbol.asyncDispose]());

const cancel = (id: string): Promise<Response> =>
  call(stage.daemon, 'DELETE', `/api/commands/${id}`);

describe('a cancel that races the typing', () => {
  it('never says cancelled of what is typed, nor is anything else lost by it', {
    timeout: 60_000 + CANCELS * 1_000,
  }, async ({ annotate }) => {
    const seed = Number(process.env.CHAOS_SEED ?? newSeed());
    await annotate(`CHAOS_SEED=${seed}`);
    const random = createRandom(seed);
    const agents: RecordingAgent[] = [];
    for (let number = 1; number <= SESSIONS; number += 1)
      agents.push(await stage.recording(`agent-${number}`));

    const race = async (agent: RecordingAgent): Promise<[Command, number][]> => {
      const raced: [Command, number][] = [];
      for (let index = 0; index < CANCELS / SESSIONS; index += 1) {
        const { id } = await send(stage.daemon, agent.session, `do #${index}.`);
        await delay(random() * LONGEST_PAUSE_MS);
        const { status } = await cancel(id);
        raced.push([await ended(stage.daemon, id), status]);
      }
      return raced;
    };
    const raced = await Promise.all(agents.map(race));

    for (const [index, agent] of agents.entries()) {
      const commands = raced[index] ?? [];
      const textsOf = (wanted: string): string[] =>
        commands.flatMap(([{ status, command }]) => (status === wanted ? [command] : []));
      const answers = new Set(commands.map(([{ status }, answer]) => `${status} ${answer}`));
      const allowed = new Set(['cancelled 200', 'sent 409']);
      expect(answers.isSubsetOf(allowed), [...answers].join()).toBe(true);
      expect(agent.pasted(), `CHAOS_SEED=${seed}`).toEqual(textsOf('sent'));
      expect(agent.submitted(), `CHAOS_SEED=${seed}`).toEqual(textsOf('sent'));
    }
  });

  it('takes back all that waits behind a draft, and the rest is typed', async () => {
    const agent = await stage.recording('shop-api');
    await agent.type('half a thought');
    const accepted: Accepted[] = [];
    for (let index = 0; index < 20; index += 1)
      accepted.push(await send(stage.daemon, 'shop-api', `do #${index}.`));
    const even = accepted.filter((_, index) => index % 2 === 0);
    const answers = await Promise.all(even.map(({ id }) => cancel(id)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await agent.clear();
    for (const { id } of accepted) await ended(stage.daemon, id);
    expect(agent.submitted()).toEqual(
      Array.from({ length: 10 }, (_, index) => `do #${index * 2 + 1}.`),
    );
  });
});

describe('many callers at once', () => {
  it('with one Idempotency-Key make one command, which is typed once', async () => {
    const agent = await stage.recording('shop-api');
    const body = { command: 'go on', source: 'zoe' };
    const key = { 'idempotency-key': 'a-key' };
    const post = () => call(stage.daemon, 'POST', '/api/agents/shop-api/command', body, key);
    const answers = await Promise.all(Array.from({ length: 50 }, post));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 202));
    const ids = await Promise.all(answers.map(async (answer) => (await answer.json()) as Accepted));
    expect(new Set(ids.map(({ id }) => id)).size).toBe(1);
    const replays = answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true');
    expect(replays).toHaveLength(49);

    expect(await ended(stage.daemon, ids[0]?.id ?? '')).toMatchObject({ status: 'sent' });
    expect((await post()).status).toBe(202);
    const other = await call(
      ...([
        stage.daemon,
        'POST',
        '/api/agents/shop-api/command',
        { command: 'stop' },
        key,
      ] as const),
    );
    expect(other.status).toBe(422);
    await send(stage.daemon, 'shop-api', 'the last').then(({ id }) => ended(stage.daemon, id));
    expect(agent.submitted()).toEqual(['go on', 'the last']);
    expect(await commandsOf(stage.daemon, 'shop-api')).toHaveLength(2);
  });

  it('are typed in the order in which they were accepted', async () => {
    const agent = await stage.recording('shop-api');
    const texts = Array.from({ length: 30 }, (_, index) => `do #${index}.`);
    const accepted = await Promise.all(texts.map((text) => send(stage.daemon, 'shop-api', text)));
    for (const { id } of accepted) await ended(stage.daemon, id);
    const commands = await commandsOf(stage.daemon, 'shop-api');
    expect(agent.submitted()).toEqual(commands.map(({ command }) => command));
    expect(agent.submitted().toSorted()).toEqual(texts.toSorted());
  });
});

it('what expires while the agent is busy is never typed', async () => {
  const agent = await stage.simulated('shop-api', LONG_TURN, { stepped: true });
  await agent.type('fix the parser');
  await agent.press('Enter');
  await stage.daemon.agent('shop-api', ({ state }) => state === 'reading');
  const { id } = await send(stage.daemon, 'shop-api', 'too late', {
    when: 'idle',
    expiresInSeconds: 1,
  });
  expect(await ended(stage.daemon, id)).toMatchObject({
    status: 'expired',
    evidence: 'not-typed',
    startedAt: null,
  });
  for (let step = 0; step < 3; step += 1) await agent.order('next');
  await stage.daemon.agent('shop-api', ({ state }) => state === 'complete');
  const { id: next } = await send(stage.daemon, 'shop-api', 'in time', { when: 'idle' });
  expect(await ended(stage.daemon, next)).toMatchObject({ status: 'sent' });
  const prompts = agent.entries().filter(({ event }) => event === 'prompt' || event === 'queued');
  expect(prompts.map(({ text }) => text)).toEqual(['fix the parser', 'in time']);
  expect((await commandOf(stage.daemon, id)).status).toBe('expired');
});
