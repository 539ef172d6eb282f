import { describe, expect, it } from 'vitest';
import type { Message } from '../../../dashboard/src/monitor/messages.ts';
import { watchTerminal } from '../../../dashboard/src/monitor/terminal.ts';
import { eventOf } from '../agents.ts';
import { CONNECTED, startFeed } from '../feed.ts';

const ASK = { type: 'terminal', session: 'shop-api' };
const SCREEN: Extract<Message, { type: 'terminal' }> = {
  ...{ type: 'terminal', session: 'shop-api', title: 'vim', width: 80, height: 2 },
  ...{ cursor: { x: 0, y: 0, visible: true }, rows: ['one', 'two'] },
};
const CHANGE: Message = {
  ...{ type: 'terminal_changed', session: 'shop-api', title: 'vim', rows: { 1: 'three' } },
  cursor: { x: 1, y: 1, visible: false },
};
const SHOWN = { status: 'shown', title: 'vim', width: 80, height: 2 };
const GONE: Message = { type: 'terminal_gone', session: 'shop-api', reason: 'The pane is gone.' };

const watching = async () => {
  const test = await startFeed();
  const told: unknown[] = [];
  const terminal = watchTerminal(
    'shop-api',
    { shown: ({ rows }) => told.push(rows), changed: ({ rows }) => told.push(rows) },
    test.feed,
  );
  return Object.assign(test, { told, terminal });
};

describe('a watched terminal', () => {
  it('is asked for once there is a line, and again after every loss of it', async () => {
    await using test = await watching();
    await test.tell(CONNECTED);
    await expect.poll(() => test.said).toContainEqual(ASK);
    await test.tell(SCREEN);
    await test.lose();
    expect(test.terminal.state.value).toEqual(SHOWN);
    const before = test.said.length;
    test.clock.advance(500);
    await test.connections(2);
    await test.tell(CONNECTED);
    await expect.poll(() => test.said.slice(before)).toEqual([ASK]);
    expect(test.terminal.state.value).toEqual({ status: 'asked' });
  });

  it('shows its own screen and what changes in it, and no other’s', async () => {
    await using test = await watching();
    await test.tell(CONNECTED, SCREEN, { ...SCREEN, session: 'web-shop', rows: ['other'] }, CHANGE);
    expect(test.told).toEqual([['one', 'two'], { 1: 'three' }]);
    expect(test.terminal.state.value).toEqual(SHOWN);
    await test.tell({ ...CHANGE, title: 'less' } as Message);
    expect(test.terminal.state.value).toEqual({ ...SHOWN, title: 'less' });
  });

  it('says why it has ended, and is asked for again where the session is back', async () => {
    await using test = await watching();
    await test.tell(CONNECTED, SCREEN, GONE);
    expect(test.terminal.state.value).toEqual({ status: 'ended', reason: 'The pane is gone.' });
    const found = eventOf({ event: 'session_found', session: 'web-shop' });
    await test.tell({ type: 'event', ...found });
    expect(test.terminal.state.value.status).toBe('ended');
    await test.tell({ type: 'event', ...found, session: 'shop-api' });
    expect(test.terminal.state.value).toEqual({ status: 'asked' });
  });

  it('takes a refusal for its own only as long as it asks', async () => {
    await using test = await watching();
    const refusal: Message = { type: 'error', code: 'session_not_found', detail: 'No session.' };
    await test.tell(CONNECTED, SCREEN, refusal);
    expect(test.terminal.state.value).toEqual(SHOWN);
    test.terminal.ask();
    await test.tell(refusal);
    expect(test.terminal.state.value).toEqual({ status: 'ended', reason: 'No session.' });
  });

  it('is let go of once nobody looks', async () => {
    await using test = await watching();
    await test.tell(CONNECTED);
    test.terminal.stop();
    await expect
      .poll(() => test.said.at(-1))
      .toEqual({ type: 'terminal_end', session: 'shop-api' });
    await test.tell(SCREEN);
    expect(test.told).toEqual([]);
  });
});
