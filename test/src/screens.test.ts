import { describe, expect, it } from 'vitest';
import type { Screen } from '../../actors/ports.ts';
import { createScreens } from '../../src/screens.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';

const TARGET = {
  server: { pid: 1, startTime: 2 },
  ...{ sessionId: '$1', paneId: '%1', panePid: 3 },
};

const screenOf = (text: string): Screen => ({
  ...{ title: '', width: 10, height: 1, rows: [text] },
  cursor: { x: 0, y: 0, visible: true },
});

const start = () => {
  const clock = createManualClock();
  const log = createRecordedLog();
  let captures = 0;
  let takes = 0;
  let shows: Screen | null | Error = screenOf('one');
  const screens = createScreens({
    ...{ clock, log },
    capture: async () => {
      captures += 1;
      if (takes > 0) await new Promise<void>((read) => clock.setTimeout(read, takes));
      if (shows instanceof Error) throw shows;
      return shows;
    },
  });
  const look = () => {
    const told: string[] = [];
    const stop = screens.watch(TARGET, {
      shown: ({ rows }) => told.push(rows.join()),
      gone: (reason) => told.push(`gone: ${reason}`),
    });
    return { told, stop };
  };
  return {
    ...{ clock, log, look },
    captures: () => captures,
    show: (next: Screen | null | Error) => {
      shows = next;
    },
    slowDown: (ms: number) => {
      takes = ms;
    },
    /** Lets a second pass, a capture's answer at a time. */
    pass: async () => {
      for (let ms = 0; ms < 1000; ms += 10) {
        clock.advance(10);
        await Promise.resolve();
        await Promise.resolve();
        await Promise.resolve();
      }
    },
  };
};

describe('a screen', () => {
  it('is told at once, and when it changes', async () => {
    const { look, show, pass } = start();
    const { told } = look();
    await pass();
    expect(told).toEqual(['one']);
    show(screenOf('two'));
    await pass();
    expect(told).toEqual(['one', 'two']);
  });

  it('is captured a few times a second, once for all who look, and never for nobody', async () => {
    const { look, captures, pass } = start();
    await pass();
    expect(captures()).toBe(0);
    const one = look();
    await pass();
    const alone = captures();
    expect(alone).toBeLessThanOrEqual(7);
    const other = look();
    expect(other.told).toEqual(['one']);
    await pass();
    expect(captures() - alone).toBeLessThanOrEqual(7);
    one.stop();
    other.stop();
    const before = captures();
    await pass();
    expect(captures() - before).toBe(0);
  });

  it('is captured at most twenty times a second, however fast it changes', async () => {
    const { look, captures, show, pass, clock } = start();
    look();
    let at = 0;
    const paint = () => {
      show(screenOf(String(at++)));
      clock.setTimeout(paint, 1);
    };
    paint();
    await pass();
    expect(captures()).toBeLessThanOrEqual(21);
  });

  it('is captured half of the time at most, however long that takes', async () => {
    const { look, captures, show, slowDown, clock } = start();
    slowDown(400);
    look();
    let at = 0;
    const began = clock.now();
    while (captures() < 10) {
      show(screenOf(String(at++)));
      clock.advance(10);
      for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
    }
    expect(clock.now() - began).toBeGreaterThanOrEqual(9 * (400 + 400));
  });

  it('is over with its pane', async () => {
    const { look, captures, show, pass } = start();
    const { told } = look();
    await pass();
    show(null);
    await pass();
    expect(told).toEqual(['one', 'gone: the pane is no more']);
    const before = captures();
    await pass();
    expect(captures()).toBe(before);
  });

  it('is over where tmux fails, and may be looked at again', async () => {
    const { look, show, pass, log } = start();
    const { told } = look();
    await pass();
    show(new Error('no answer'));
    await pass();
    expect(told.at(-1)).toBe('gone: tmux could not read it');
    expect(log.messages('warn')).toHaveLength(1);
    show(screenOf('three'));
    const again = look();
    await pass();
    expect(again.told).toEqual(['three']);
  });
});
