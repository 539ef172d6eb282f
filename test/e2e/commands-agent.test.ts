import { afterEach, beforeEach, expect, it } from 'vitest';
import { commandOf, ended, send } from '../support/command-calls.ts';
import { type CommandStage, startCommandStage } from '../support/command-stage.ts';

let stage: CommandStage;

beforeEach(async () => {
  stage = await startCommandStage();
});

afterEach(() => stage[Symbol.asyncDispose]());

it('a text that the agent does not take is told of, and holds back the next', async () => {
  const agent = await stage.simulated('shop-api', { swallowEnterMs: 600_000 });
  const { id } = await send(stage.daemon, 'shop-api', 'the first');
  const { id: next } = await send(stage.daemon, 'shop-api', 'the second');
  expect(await ended(stage.daemon, id)).toMatchObject({
    status: 'failed',
    error: 'not_submitted',
    evidence: 'left-in-composer',
    attempts: 4,
  });
  const swallowed = agent.entries().filter(({ event }) => event === 'enter-swallowed');
  expect(swallowed).toHaveLength(4);
  expect(agent.entries().some(({ event }) => event === 'prompt')).toBe(false);
  expect(await commandOf(stage.daemon, next)).toMatchObject({ status: 'queued' });
});

it('a paste that shows late gets its Enter only once it stands there', async () => {
  const agent = await stage.recording('shop-api', { latePasteMs: 1_500 });
  const { id } = await send(stage.daemon, 'shop-api', 'take your time');
  expect(await ended(stage.daemon, id)).toMatchObject({ status: 'sent', attempts: 1 });
  expect(agent.records()).toEqual([
    { did: 'paste', text: 'take your time' },
    { did: 'enter', text: 'take your time' },
  ]);
});
