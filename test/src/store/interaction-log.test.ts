import { expect, it } from 'vitest';
import { endOfTurn, startStore } from '../../support/store.ts';

it('keeps who did what to which agent, newest first', async () => {
  using store = startStore();
  const entry = (session: string, action: string) =>
    store.interactions.log({
      at: 1,
      session,
      source: 'zoe',
      caller: 'token',
      action,
      detail: 'text',
    });
  entry('shop-api', 'command');
  entry('shop-web', 'kill');
  entry('shop-api', 'answer');
  entry('shop-api', 'interrupt');
  await endOfTurn();
  expect(store.interactions.recent('shop-api', 2)).toEqual([
    {
      id: 4,
      at: 1,
      session: 'shop-api',
      source: 'zoe',
      caller: 'token',
      action: 'interrupt',
      detail: 'text',
    },
    {
      id: 3,
      at: 1,
      session: 'shop-api',
      source: 'zoe',
      caller: 'token',
      action: 'answer',
      detail: 'text',
    },
  ]);
  expect(store.interactions.recent('nobody', 2)).toEqual([]);
});
