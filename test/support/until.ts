import { setTimeout } from 'node:timers/promises';

const LONGEST_MS = 20_000;
const PAUSE_MS = 20;

/**
 * Asks again and again until the answer is no longer null; says what it waited for if that never
 * comes, and how things are instead.
 */
export const until = async <Value>(
  what: string,
  ask: () => Promise<Value | null> | Value | null,
  describe: () => Promise<string> | string = () => '',
): Promise<Value> => {
  const end = Date.now() + LONGEST_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end)
      throw new Error(
        `waited ${LONGEST_MS} ms in vain until ${what}\n${await describe()}`.trimEnd(),
      );
    await setTimeout(PAUSE_MS);
  }
};
