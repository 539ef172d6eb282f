import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Command } from '../../machines/vocabulary.ts';
import { commandOf, commandsOf, ended, send } from '../support/command-calls.ts';
import { type CommandStage, startCommandStage } from '../support/command-stage.ts';
import { until } from '../support/until.ts';

let stage: CommandStage;

beforeEach(async () => {
  stage = await startCommandStage();
});

afterEach(() => stage[Symbol.asyncDispose]());

/** What tmux does itself right after it has pasted, before it answers. */
const afterPaste = (script: string): Promise<string> =>
  stage.tmux.run('set-hook', '-g', 'after-paste-buffer', `run-shell '${script}'`);

/** A draft that a person has begun holds commands back. */
const held = async (name: string) => {
  const agent = await stage.recording(name);
  await agent.type('half a thought');
  return agent;
};

describe('what is being typed', () => {
  it('is unknown, and never typed again, where the client dies before tmux answers', async () => {
    const agent = await stage.recording('shop-api');
    const list = `tmux -S ${stage.tmux.socket} list-clients -F "##{client_pid}"`;
    // It answers into a pipe of the monitor's own, until it knows that the client is gone.
    const gone = `while ${list} | grep -qx $each; do sleep 0.05; done`;
    await afterPaste(`for each in $(${list}); do kill -9 $each; ${gone}; done`);
    const lost = await send(stage.daemon, 'shop-api', 'the first');
    const next = await send(stage.daemon, 'shop-api', 'the second');
    expect(await ended(stage.daemon, lost.id)).toMatchObject({
      status: 'unknown',
      error: 'typing_unknown',
    });
    await stage.tmux.run('set-hook', '-gu', 'after-paste-buffer');
    // It stands in the composer and holds back the next until a person takes it away.
    expect(agent.records()).toEqual([{ did: 'paste', text: 'the first' }]);
    expect(await commandOf(stage.daemon, next.id)).toMatchObject({ status: 'queued' });
    await agent.clear();
    expect(await ended(stage.daemon, next.id)).toMatchObject({ status: 'sent' });
    expect(agent.pasted()).toEqual(['the first', 'the second']);
    expect(agent.submitted()).toEqual(['the second']);
  });

  it('is unknown where the server dies before it answers; what waits fails', async () => {
    const agent = await held('shop-api');
    const lost = await send(stage.daemon, 'shop-api', 'the first');
    const waiting = await send(stage.daemon, 'shop-api', 'the second');
    await afterPaste('kill -9 #{pid}');
    const { pid } = await stage.tmux.identity();
    await agent.clear();
    expect(await ended(stage.daemon, lost.id)).toMatchObject({
      status: 'unknown',
      error: 'typing_unknown',
    });
    expect(await ended(stage.daemon, waiting.id)).toMatchObject({
      status: 'failed',
      error: 'target_gone',
      evidence: 'not-typed',
    });
    await stage.daemon.agent('shop-api', ({ connection }) => connection === 'gone');
    await stage.tmux.start();
    expect((await stage.tmux.identity()).pid).not.toBe(pid);
    const other = await stage.recording('shop-api');
    await sentTo('shop-api', 'the third');
    expect(agent.submitted()).toEqual([]);
    expect(other.records().filter(({ did }) => did !== 'clear')).toEqual([
      { did: 'paste', text: 'the third' },
      { did: 'enter', text: 'the third' },
    ]);
  });
});

describe('what waits', () => {
  it('fails where its session is killed, and is not typed into one of the same name', async () => {
    const before = await held('shop-api');
    const waiting = [];
    for (const text of ['one', 'two', 'three'])
      waiting.push(await send(stage.daemon, 'shop-api', text));
    await stage.tmux.run('kill-session', '-t', 'shop-api');
    const after = await stage.recording('shop-api');
    for (const { id } of waiting)
      expect(await ended(stage.daemon, id)).toMatchObject({
        status: 'failed',
        error: 'target_gone',
        evidence: 'not-typed',
        attempts: 0,
      });
    await sentTo('shop-api', 'four');
    expect(before.pasted()).toEqual([]);
    expect(after.pasted()).toEqual(['four']);
    expect(after.submitted()).toEqual(['four']);
    const all = await commandsOf(stage.daemon, 'shop-api');
    expect(all.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'sent']);
  });

  it('is typed once the person is done with the draft that was in the way', async () => {
    const agent = await held('shop-api');
    const { id } = await send(stage.daemon, 'shop-api', 'go on');
    await until('it is known to wait', async () =>
      (await stage.daemon.agent('shop-api', () => true)).queued === 1 ? true : null,
    );
    await agent.clear();
    expect(await ended(stage.daemon, id)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(agent.submitted()).toEqual(['go on']);
  });
});

const sentTo = async (session: string, text: string): Promise<Command> => {
  const { id } = await send(stage.daemon, session, text);
  const command = await ended(stage.daemon, id);
  expect(command).toMatchObject({ status: 'sent' });
  return command;
};
