import { expect, test } from 'vitest';
import { createLimit } from '../../../src/tmux/limit.ts';

test('only so many jobs run at a time, and each in its turn', async () => {
  const limit = createLimit(2);
  const begun: number[] = [];
  const jobs = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const answers = jobs.map(({ promise }, index) =>
    limit(() => {
      begun.push(index);
      return promise;
    }),
  );
  await new Promise(setImmediate);
  expect(begun).toEqual([0, 1]);
  jobs[1]?.reject(new Error('failed'));
  await expect(answers[1]).rejects.toThrow('failed');
  await new Promise(setImmediate);
  expect(begun).toEqual([0, 1, 2]);
  for (const { resolve } of jobs) resolve(0);
  await Promise.all(answers.filter((_, index) => index !== 1));
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  // And as many places are free as at first.
  const more = [limit(async () => 1), limit(async () => 2)];
  expect(await Promise.all(more)).toEqual([1, 2]);
});
