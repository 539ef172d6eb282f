import { describe, expect, test } from 'vitest';
import { createDoor } from '../../../src/tmux/door.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const turn = () => new Promise(setImmediate);

/** What the door lets through, in order, and how to say that it is through. */
const start = () => {
  const clock = createManualClock();
  const door = createDoor(clock);
  const passed: string[] = [];
  const done = new Map<string, () => void>();
  const go = (way: 'enter' | 'disturb', name: string) =>
    void door[way]().then((through) => {
      passed.push(name);
      done.set(name, through);
    });
  const through = async (name: string) => {
    done.get(name)?.();
    await turn();
  };
  return { clock, go, passed, through };
};

describe('a door', () => {
  test('lets in any number', async () => {
    const { go, passed, clock } = start();
    go('enter', 'a');
    go('enter', 'b');
    await turn();
    expect(passed).toEqual(['a', 'b']);
    expect(clock.pending()).toBe(0);
  });

  test('lets nobody in until all disturbance is over', async () => {
    const { go, passed, through, clock } = start();
    go('disturb', 'a');
    go('disturb', 'b');
    await turn();
    go('enter', 'c');
    await turn();
    await through('a');
    expect(passed).toEqual(['a', 'b']);
    clock.advance(10_000);
    await turn();
    expect(passed).toEqual(['a', 'b']);
    await through('b');
    expect(passed).toEqual(['a', 'b', 'c']);
  });

  test('lets nobody disturb until all who enter are in, nor others in before that is over', async () => {
    const { go, passed, through } = start();
    go('enter', 'a');
    await turn();
    go('disturb', 'b');
    go('enter', 'c');
    await turn();
    expect(passed).toEqual(['a']);
    await through('a');
    expect(passed).toEqual(['a', 'b']);
    await through('b');
    expect(passed).toEqual(['a', 'b', 'c']);
  });

  test('does not keep anything waiting for one that is stuck', async () => {
    const { go, passed, clock } = start();
    go('enter', 'stuck');
    await turn();
    go('disturb', 'a');
    await turn();
    clock.advance(499);
    await turn();
    expect(passed).toEqual(['stuck']);
    clock.advance(1);
    await turn();
    expect(passed).toEqual(['stuck', 'a']);
  });
});
