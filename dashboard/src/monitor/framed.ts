/** A value that may change a thousand times a second and is drawn once a frame. */

import { type ReadonlySignal, signal } from '@preact/signals';

export interface Framed<Value> {
  /** As it was when the last frame was drawn. */
  readonly shown: ReadonlySignal<Value>;
  /** As it is. */
  latest(): Value;
  change(next: Value): void;
}

export const createFramed = <Value>(initial: Value): Framed<Value> => {
  const shown = signal(initial);
  let latest = initial;
  let isDrawing = false;
  const draw = (): void => {
    isDrawing = false;
    shown.value = latest;
  };
  return {
    shown,
    latest: () => latest,
    change: (next) => {
      latest = next;
      if (isDrawing || shown.peek() === next) return;
      isDrawing = true;
      // A page that nobody sees draws no frames, but its title is to tell who waits.
      if (document.hidden) setTimeout(draw);
      else requestAnimationFrame(draw);
    },
  };
};
