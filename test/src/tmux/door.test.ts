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
  const go = (way: 'enter' | 'leave', name: string) =>
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
  test('lets any number in, or any number out', async () => {
    const { go, passed, clock } = start();
    go('enter', 'a');
    go('enter', 'b');
    await turn();
    expect(passed).toEqual(['a', 'b']);
    expect(clock.pending()).toBe(0);
  });

  test('lets nobody in until all who leave are gone', async () => {
    const { go, passed, through, clock } = start();
    go('leave', 'a');
    go('leave', 'b');
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

  test('lets nobody out until all who enter are in, nor others in before those are out', async () => {
    const { go, passed, through } = start();
    go('enter', 'a');
    await turn();
    go('leave', 'b');
    go('enter', 'c');
    await turn();
    expect(passed).toEqual(['a']);
    await through('a');
    expect(passed).toEqual(['a', 'b']);
    await through('b');
    expect(passed).toEqual(['a', 'b', 'c']);
  });

  test('does not keep those who leave waiting for one that is stuck', async () => {
    const { go, passed, clock } = start();
    go('enter', 'stuck');
    await turn();
    go('leave', 'a');
    await turn();
    clock.advance(499);
    await turn();
    expect(passed).toEqual(['stuck']);
    clock.advance(1);
    await turn();
    expect(passed).toEqual(['stuck', 'a']);
  });
});
