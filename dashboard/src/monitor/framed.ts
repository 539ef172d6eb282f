/** A value that may change a thousand times a second and is drawn once a frame. */

import { type ReadonlySignal, signal } from '@preact/signals';

export interface Framed<Value> {
  /** As it was when the last frame was drawn. */
  readonly shown: ReadonlySignal<Value>;
  /** As it is. */
  latest(): Value;
  change(next: Value): void;
}

/** A page that nobody sees draws no frames, but its title is to tell who waits. */
const LONGEST_FRAME_MS = 200;

/** @param restMs - so long nothing is drawn after something was; 0 where every frame may be drawn. */
export const createFramed = <Value>(initial: Value, restMs = 0): Framed<Value> => {
  const shown = signal(initial);
  let latest = initial;
  let isDrawing = false;
  let restsUntil = 0;
  const draw = (): void => {
    if (!isDrawing) return;
    isDrawing = false;
    restsUntil = performance.now() + restMs;
    shown.value = latest;
  };
  const drawNext = (): void => {
    requestAnimationFrame(draw);
    setTimeout(draw, LONGEST_FRAME_MS);
  };
  return {
    shown,
    latest: () => latest,
    change: (next) => {
      latest = next;
      if (isDrawing || shown.peek() === next) return;
      isDrawing = true;
      const restMsLeft = restsUntil - performance.now();
      if (restMsLeft > 0) setTimeout(drawNext, restMsLeft);
      else drawNext();
    },
  };
};
