import { describe, expect, it } from 'vitest';
import { eventOf } from '../agents.ts';
import { CONNECTED, startFeed } from '../feed.ts';

const event = (seq: number) => ({ type: 'event', ...eventOf({ seq }) }) as const;

describe('the feed', () => {
  it('tells all who listen, in order, until they have enough', async () => {
    await using test = await startFeed();
    const heard: unknown[] = [];
    const few: unknown[] = [];
    test.feed.hear(({ type }) => heard.push(type));
    const stop = test.feed.hear(({ type }) => few.push(type));
    await test.tell(CONNECTED, { type: 'snapshot', epoch: 'e', seq: 1, agents: [] });
    stop();
    await test.tell(event(2));
    expect(heard).toEqual(['connected', 'snapshot', 'event']);
    expect(few).toEqual(['connected', 'snapshot']);
    expect(test.feed.link.value).toEqual({ status: 'open' });
  });

  it('tells each event of a batch, and goes on after the last one', async () => {
    await using test = await startFeed();
    const heard: unknown[] = [];
    test.feed.hear((message) => heard.push('seq' in message ? message.seq : message.type));
    const events = [eventOf({ seq: 7 }), eventOf({ seq: 8 })];
    await test.tell(CONNECTED, { type: 'events', events });
    await expect.poll(() => heard).toEqual([0, 7, 8]);
    await test.lose();
    test.clock.advance(500);
    await test.connections(2);
    expect(test.asked.at(-1)).toBe('/ws?batch=1&after=8&epoch=e');
  });

  it('tells all else of a batch where a listener fails, and begins anew after it', async () => {
    await using test = await startFeed();
    const heard: unknown[] = [];
    test.feed.hear((message) => {
      if ('seq' in message && message.seq === 7) throw new Error('never seen before');
    });
    test.feed.hear((message) => heard.push('seq' in message ? message.seq : message.type));
    const events = [eventOf({ seq: 7 }), eventOf({ seq: 8 })];
    await test.tell(CONNECTED, { type: 'events', events });
    await expect.poll(() => heard).toEqual([0, 7, 8]);
    expect(test.reported).toMatchObject([{ message: 'never seen before' }]);
    test.clock.advance(500);
    await test.connections(2);
    expect(test.asked.at(-1)).toBe('/ws?batch=1');
  });

  it.each([
    ['full', true],
    ['read', false],
  ] as const)('says of a login of scope %s whether it may act: %s', async (scope, expected) => {
    await using test = await startFeed();
    await test.tell({ ...CONNECTED, scope } as typeof CONNECTED);
    expect(test.feed.mayAct.value).toBe(expected);
  });

  it('comes back by itself, and goes on after what it was told last', async () => {
    await using test = await startFeed();
    await test.tell(CONNECTED, event(7));
    await test.lose();
    expect(test.feed.link.value).toEqual({ status: 'lost', since: test.clock.now() });
    test.clock.advance(500);
    await test.connections(2);
    expect(test.asked).toEqual(['/ws?batch=1', '/ws?batch=1&after=7&epoch=e']);
    await test.tell(CONNECTED);
    expect(test.feed.link.value).toEqual({ status: 'open' });
  });

  it.each([
    [1, [500, 1_000, 2_000, 4_000, 4_000]],
    [0, [250, 500, 1_000, 2_000, 2_000]],
  ])(
    'waits longer each time, but never for long, and not all pages alike (%d)',
    async (chance, expected) => {
      await using test = await startFeed({ random: () => chance });
      for (const [index] of expected.entries()) {
        await test.lose();
        test.clock.advance(4_000);
        await test.connections(index + 2);
      }
      expect(test.waits).toEqual(expected);
    },
  );

  it('begins with a short wait again once it was connected', async () => {
    await using test = await startFeed();
    await test.lose();
    test.clock.advance(4_000);
    await test.connections(2);
    await test.tell(CONNECTED);
    await test.lose();
    expect(test.waits).toEqual([500, 500]);
  });

  it('gives a line up that is silent after a question, though nothing closes it', async () => {
    await using test = await startFeed();
    await test.tell(CONNECTED);
    test.clock.advance(10_000);
    await expect.poll(() => test.said).toEqual([{ type: 'ping' }]);
    expect(test.feed.link.value.status).toBe('open');
    test.clock.advance(10_000);
    expect(test.feed.link.value.status).toBe('lost');
    test.clock.advance(500);
    await test.connections(2);
  });

  it('keeps a line whose other side answers', async () => {
    await using test = await startFeed();
    await test.tell(CONNECTED);
    for (let turn = 1; turn <= 5; turn += 1) {
      test.clock.advance(10_000);
      await expect.poll(() => test.said).toHaveLength(turn);
      await test.tell({ type: 'pong' });
    }
    expect(test.feed.link.value.status).toBe('open');
    expect(test.asked).toHaveLength(1);
  });

  it('logs in rather than connecting again where it is let in no more', async () => {
    await using test = await startFeed();
    await test.tell(CONNECTED);
    test.isLoggedOut = true;
    await test.lose();
    test.clock.advance(4_000);
    await expect.poll(() => test.loginsAsked).toBe(1);
    expect(test.asked).toHaveLength(1);
  });

  it('says nothing while there is no line', async () => {
    await using test = await startFeed();
    await test.tell(CONNECTED);
    await test.lose();
    test.feed.say({ type: 'ping' });
    test.clock.advance(500);
    await test.connections(2);
    await test.tell(CONNECTED);
    test.feed.say({ type: 'subscribe' });
    await expect.poll(() => test.said).toEqual([{ type: 'subscribe' }]);
  });
});
