import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createFramed } from '../../../dashboard/src/monitor/framed.ts';
import { watchScrolling } from '../../../dashboard/src/monitor/scrolling.ts';

const FRAME_MS = 16;
const REST_MS = 100;

describe('createFramed', () => {
  let scroll = (): void => undefined;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, FRAME_MS));
    vi.stubGlobal('document', {
      addEventListener: (_event: string, listener: () => void) => {
        scroll = listener;
      },
    });
    watchScrolling();
    onTestFinished(() => {
      vi.unstubAllGlobals();
      vi.useRealTimers();
    });
  });

  const start = () => {
    const framed = createFramed(0, REST_MS);
    const drawn: [at: number, value: number][] = [];
    const begun = performance.now();
    framed.shown.subscribe((value) => drawn.push([performance.now() - begun, value]));
    drawn.length = 0;
    let value = 0;
    /** Changes it every 10 ms, with or without a hand at the wheel. */
    const change = (ms: number, isMoving: boolean): void => {
      for (let passed = 0; passed < ms; passed += 10) {
        if (isMoving) scroll();
        value += 1;
        framed.change(value);
        vi.advanceTimersByTime(10);
      }
    };
    return { framed, drawn, change };
  };

  it('draws the first change with the next frame, and what follows after a rest', () => {
    const { framed, drawn, change } = start();
    change(1_000, false);
    expect(framed.latest()).toBe(100);
    expect(drawn[0]).toEqual([FRAME_MS, 2]);
    expect(drawn.length).toBeGreaterThan(7);
    for (const [index, [at]] of drawn.slice(1).entries())
      expect(at - (drawn[index]?.[0] ?? 0)).toBeGreaterThanOrEqual(REST_MS);
  });

  it('draws twice a second while the page is scrolled, and all there is soon after', () => {
    const { framed, drawn, change } = start();
    change(3_000, true);
    expect(drawn.length).toBeGreaterThanOrEqual(5);
    expect(drawn.length).toBeLessThanOrEqual(7);
    vi.advanceTimersByTime(300);
    expect(framed.shown.peek()).toBe(framed.latest());
  });

  it('draws nothing for a value that is what it was', () => {
    const { framed, drawn } = start();
    framed.change(0);
    vi.advanceTimersByTime(1_000);
    expect(drawn).toEqual([]);
  });

  it('draws where no frames come, as on a page that nobody sees', () => {
    vi.stubGlobal('requestAnimationFrame', () => 0);
    const { framed, drawn } = start();
    framed.change(7);
    vi.advanceTimersByTime(200);
    expect(drawn).toEqual([[200, 7]]);
  });
});
