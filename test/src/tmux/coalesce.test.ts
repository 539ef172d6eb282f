import { expect, test } from 'vitest';
import { coalesce } from '../../../src/tmux/coalesce.ts';

const start = () => {
  const open: PromiseWithResolvers<number>[] = [];
  const ask = coalesce(() => {
    const question = Promise.withResolvers<number>();
    open.push(question);
    return question.promise;
  });
  return { ask, open };
};

test('calls that come while a question is open share the next one', async () => {
  const { ask, open } = start();
  const first = ask();
  const others = [ask(), ask()];
  expect(open).toHaveLength(1);
  open[0]?.resolve(1);
  expect(await first).toBe(1);
  await new Promise(setImmediate);
  expect(open).toHaveLength(2);
  open[1]?.resolve(2);
  expect(await Promise.all(others)).toEqual([2, 2]);
});

test('a question that fails does not keep the next from being put', async () => {
  const { ask, open } = start();
  const first = ask();
  const second = ask();
  open[0]?.reject(new Error('no answer'));
  await expect(first).rejects.toThrow('no answer');
  await new Promise(setImmediate);
  open[1]?.resolve(2);
  expect(await second).toBe(2);
});
