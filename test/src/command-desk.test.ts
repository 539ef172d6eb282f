import { describe, expect, it } from 'vitest';
import {
  ChoiceUnknown,
  CommandNotFound,
  CommandNotRetryable,
  DialogStale,
  PaneGone,
  QueueFull,
  SessionNotFound,
} from '../../actors/errors.ts';
import type { AgentRow, Asker, TextRequest } from '../../actors/ports.ts';
import type { Watched } from '../../machines/discovery.ts';
import { createCommandDesk } from '../../src/command-desk.ts';
import { startCommands, TARGET } from '../support/commands.ts';
import { APPROVAL, FACTS } from '../support/sessions.ts';
import { agentRow, endOfTurn } from '../support/store.ts';

const KEY = '10.1000.$1';
const ZOE: Asker = { caller: 'uid:1000', source: 'zoe', idempotency: null };
const TEXT: TextRequest = {
  command: 'Run the tests',
  when: 'safe',
  submit: true,
  raw: false,
  expiresInSeconds: 60,
};

/** A desk over a real queue, with one watched session and one that is gone. */
const openDesk = (options: Parameters<typeof startCommands>[0] = {}) => {
  const queue = startCommands(options);
  const { interactions } = queue.store;
  const watched = new Map<string, Watched>();
  const watch = (key: string, facts: Partial<Watched['facts']> = {}): void => {
    watched.set(key, { server: TARGET.server, facts: { ...FACTS, ...facts }, exited: false });
  };
  watch('10.1000.$9', { session: 'shop-web', sessionId: '$9', pane: '%9' });
  watch(KEY);
  const rows: AgentRow[] = [
    agentRow('shop-api', { key: KEY, dialog: { ...APPROVAL, since: 1 } }),
    agentRow('shop-web', { key: '10.1000.$9' }),
    agentRow('docs', { goneAt: 5 }),
  ];
  const find = (session: string): AgentRow => {
    const row = rows.find((other) => other.session === session);
    if (!row) throw new SessionNotFound(session);
    return row;
  };
  const heldBy = () => 'draft-in-composer' as const;
  const { clock } = queue;
  const desk = createCommandDesk({ queue, watched, find, interactions, heldBy, clock });
  const log = async (session = 'shop-api', key = KEY) => {
    await endOfTurn();
    return interactions
      .recent({ session, key }, 10)
      .map(({ source, action, detail }) => [
        ...[source, action],
        detail.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>'),
      ]);
  };
  return {
    ...{ desk, queue, watched, watch, rows, log },
    [Symbol.dispose]: () => queue[Symbol.dispose](),
  };
};

describe('a text', () => {
  it('is queued for the pane that is watched now, and written down', async () => {
    using given = openDesk();
    const { command, replayed } = await given.desk.send('shop-api', TEXT, ZOE);
    expect(replayed).toBe(false);
    const now = given.queue.clock.now();
    expect(given.queue.get(command.id)).toEqual({
      ...command,
      ...{ key: KEY, target: TARGET, act: { action: 'text', submit: true, raw: false } },
    });
    expect(command).toMatchObject({
      ...{ session: 'shop-api', command: 'Run the tests', source: 'zoe', when: 'safe' },
      ...{ status: 'queued', createdAt: now, expiresAt: now + 60_000, retryOf: null },
    });
    expect(await given.log()).toEqual([['zoe', 'command', '<id> by uid:1000']]);
  });

  it('says why it is held for as long as it is queued', async () => {
    using given = openDesk();
    const { command } = await given.desk.send('shop-api', TEXT, ZOE);
    expect(given.desk.get(command.id).held).toBe('draft-in-composer');
    const { commands } = given.desk.page('shop-api', { limit: 10 });
    expect(commands.map(({ held }) => held)).toEqual(['draft-in-composer']);
    expect(given.desk.cancel(command.id, ZOE)).toMatchObject({ status: 'cancelled', held: null });
  });

  it('is of its caller where nobody is named', async () => {
    using given = openDesk();
    const { command } = await given.desk.send('shop-api', TEXT, { ...ZOE, source: null });
    expect(command.source).toBe('uid:1000');
    expect(await given.log()).toEqual([['uid:1000', 'command', '<id> by uid:1000']]);
  });

  it('is refused for a session that is not there, or gone, and then not written down', async () => {
    using given = openDesk({ limits: { sessionDepth: 0 } });
    const send = (session: string) => given.desk.send(session, TEXT, ZOE);
    await expect(send('no-such')).rejects.toThrow(SessionNotFound);
    await expect(send('docs')).rejects.toThrow(PaneGone);
    await expect(send('shop-api')).rejects.toThrow(QueueFull);
    expect(await given.log()).toEqual([]);
    expect(given.queue.counts().queued).toBe(0);
  });

  it('that is sent again under its key is answered as before, even where the session is gone', async () => {
    using given = openDesk();
    const asker = { ...ZOE, idempotency: { key: 'k', bodyHash: 'b' } };
    const first = await given.desk.send('shop-api', TEXT, asker);
    given.watched.delete(KEY);
    const second = await given.desk.send('shop-api', TEXT, asker);
    expect(second).toEqual({ command: first.command, replayed: true });
    expect(await given.log()).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('is queued as the label of its option, bound to its dialog', async () => {
    using given = openDesk();
    const { command } = await given.desk.answer('shop-api', { dialog: 'd1', choice: '2' }, ZOE);
    expect(given.queue.get(command.id)).toMatchObject({
      command: 'No',
      act: { action: 'answer', dialog: 'd1', choice: '2' },
    });
    expect(await given.log()).toEqual([['zoe', 'answer', '<id> by uid:1000']]);
  });

  it('is refused where another dialog is showing, or none, or it has no such option', async () => {
    using given = openDesk();
    const answer = (session: string, dialog: string, choice: string) =>
      given.desk.answer(session, { dialog, choice }, ZOE);
    await expect(answer('shop-api', 'd2', '1')).rejects.toThrow(DialogStale);
    await expect(answer('shop-web', 'd1', '1')).rejects.toThrow(DialogStale);
    await expect(answer('shop-api', 'd1', '7')).rejects.toThrow(ChoiceUnknown);
    expect(given.queue.counts().queued).toBe(0);
  });
});

it('an interrupt expires soon, so that it ends no later turn', async () => {
  using given = openDesk();
  const { command } = await given.desk.interrupt('shop-api', ZOE);
  expect(command.expiresAt - command.createdAt).toBe(30_000);
  expect(given.queue.get(command.id).act).toEqual({ action: 'interrupt' });
  expect(await given.log()).toEqual([['zoe', 'interrupt', '<id> by uid:1000']]);
});

describe('a retry', () => {
  it('asks for the same again', async () => {
    using given = openDesk();
    const asked: TextRequest = { ...TEXT, when: 'idle', submit: false, raw: true };
    const { command } = await given.desk.send('shop-api', asked, ZOE);
    given.desk.cancel(command.id, ZOE);
    given.queue.clock.advance(5000);
    const again = await given.desk.retry(command.id, { ...ZOE, source: 'max' });
    const stored = given.queue.get(command.id);
    expect(given.queue.get(again.command.id)).toEqual({
      ...stored,
      ...{ id: again.command.id, source: 'max', status: 'queued', evidence: 'none' },
      ...{ createdAt: stored.createdAt + 5000, expiresAt: stored.expiresAt + 5000 },
      ...{ finishedAt: null, retryOf: command.id },
    });
    expect(await given.log()).toEqual([
      ['max', 'retry', '<id> by uid:1000, again for <id>'],
      ['zoe', 'cancel', '<id> by uid:1000'],
      ['zoe', 'command', '<id> by uid:1000'],
    ]);
  });

  it('follows the session where it was renamed, and else goes to the one of its name', async () => {
    using given = openDesk();
    const { command } = await given.desk.send('shop-api', TEXT, ZOE);
    given.queue.cancel(command.id);
    given.watch(KEY, { session: 'renamed', panePid: 200 });
    const renamed = await given.desk.retry(command.id, ZOE);
    expect(given.queue.get(renamed.command.id)).toMatchObject({
      ...{ session: 'renamed', key: KEY, target: { panePid: 200 } },
    });
    given.watched.delete(KEY);
    given.watch('10.1000.$5', { sessionId: '$5', pane: '%5' });
    const recreated = await given.desk.retry(command.id, ZOE);
    expect(given.queue.get(recreated.command.id)).toMatchObject({
      ...{ session: 'shop-api', key: '10.1000.$5', target: { paneId: '%5' } },
    });
  });

  it('is refused while it waits or is typed, and when it was sent', async () => {
    using given = openDesk();
    const { id } = (await given.desk.send('shop-api', TEXT, ZOE)).command;
    const refused = () => expect(given.desk.retry(id, ZOE)).rejects.toThrow(CommandNotRetryable);
    await refused();
    given.queue.begin(id);
    await refused();
    given.queue.finish(id, { status: 'sent', evidence: 'hook', error: null, attempts: 1 });
    await refused();
    await expect(given.desk.retry('no-such', ZOE)).rejects.toThrow(CommandNotFound);
  });
});

describe('the end of a command', () => {
  const WAIT = { withinMs: 1000, signal: new AbortController().signal };

  it('is told when it comes, and at once where it has come', async () => {
    using given = openDesk();
    const { id } = (await given.desk.send('shop-api', TEXT, ZOE)).command;
    const other = await given.queue.add();
    const ended = given.desk.ended(id, WAIT);
    given.queue.begin(id);
    given.queue.cancel(other.id);
    given.queue.finish(id, { status: 'sent', evidence: 'hook', error: null, attempts: 1 });
    expect(await ended).toMatchObject({ id, status: 'sent' });
    expect(await given.desk.ended(id, WAIT)).toMatchObject({ status: 'sent' });
  });

  it('is not waited for beyond the time, or the one who asked', async () => {
    using given = openDesk();
    const { id } = (await given.desk.send('shop-api', TEXT, ZOE)).command;
    const timers = given.queue.clock.pending();
    expect(await given.desk.ended(id, { ...WAIT, withinMs: 0 })).toMatchObject({ id });
    const late = given.desk.ended(id, WAIT);
    given.queue.clock.advance(1000);
    expect(await late).toMatchObject({ status: 'queued' });
    const caller = new AbortController();
    const alone = given.desk.ended(id, { ...WAIT, signal: caller.signal });
    caller.abort();
    expect(await alone).toMatchObject({ status: 'queued' });
    expect(await given.desk.ended(id, { ...WAIT, signal: caller.signal })).toMatchObject({ id });
    expect(given.queue.clock.pending()).toBe(timers);
    await expect(given.desk.ended('no-such', WAIT)).rejects.toThrow(CommandNotFound);
  });
});

describe('the history', () => {
  it('is empty for a session without commands, and there when the session is forgotten', async () => {
    using given = openDesk();
    expect(given.desk.page('shop-api', { limit: 10 })).toEqual({ commands: [], next: null });
    expect(() => given.desk.page('no-such', { limit: 10 })).toThrow(SessionNotFound);
    await given.queue.add({ session: 'forgotten' });
    expect(given.desk.page('forgotten', { limit: 10 }).commands).toHaveLength(1);
  });

  it('of a session that was renamed has what was asked for under its old name', async () => {
    using given = openDesk();
    const { id } = (await given.desk.send('shop-api', TEXT, ZOE)).command;
    given.watch(KEY, { session: 'docs-web' });
    expect(given.desk.page('docs-web', { limit: 10 }).commands).toMatchObject([{ id }]);
  });

  it('of a session that was renamed has who did what to it, and what of that while it had its old name', async () => {
    using given = openDesk();
    const { id } = (await given.desk.send('shop-api', TEXT, ZOE)).command;
    given.watch(KEY, { session: 'docs-web' });
    given.desk.cancel(id, ZOE);
    expect((await given.log('docs-web')).map(([, action]) => action)).toEqual([
      'cancel',
      'command',
    ]);
  });
});

it('a resolution is written down with who found it out', async () => {
  using given = openDesk();
  const { id } = (await given.desk.send('shop-api', TEXT, ZOE)).command;
  given.queue.begin(id);
  given.queue.recover();
  expect(given.desk.resolve(id, 'it was typed', ZOE)).toMatchObject({ resolution: 'it was typed' });
  expect((await given.log())[0]).toEqual(['zoe', 'resolve', '<id> by uid:1000']);
  expect(given.desk.get(id)).not.toHaveProperty('target');
});
