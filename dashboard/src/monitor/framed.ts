/** A value that may change a thousand times a second and is drawn now and then. */

import { type ReadonlySignal, signal } from '@preact/signals';
import { isScrolling } from './scrolling.ts';

export interface Framed<Value> {
  /** As it was when it was last drawn. */
  readonly shown: ReadonlySignal<Value>;
  /** As it is. */
  latest(): Value;
  change(next: Value): void;
}

/** A page that nobody sees draws no frames, but its title is to tell who waits. */
const LONGEST_FRAME_MS = 200;
/** What moves is not read, and what is drawn meanwhile costs the movement its frames. */
const SCROLLING_REST_MS = 500;

/** @param restMs - so long nothing is drawn after something was; what changes after that is drawn at once. */
export const createFramed = <Value>(initial: Value, restMs: number): Framed<Value> => {
  const shown = signal(initial);
  let latest = initial;
  /** From a change until it is drawn. */
  let isDrawing = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  /** Draws where no frame comes. */
  let instead: ReturnType<typeof setTimeout> | undefined;
  const draw = (): void => {
    if (instead === undefined) return;
    clearTimeout(instead);
    instead = undefined;
    isDrawing = false;
    drawnAt = performance.now();
    shown.value = latest;
  };
  const drawRested = (): void => {
    const rested = performance.now() - drawnAt;
    if (rested < (isScrolling() ? SCROLLING_REST_MS : restMs)) {
      setTimeout(drawRested, Math.max(restMs - rested, SHORTEST_WAIT_MS));
      return;
    }
    instead = setTimeout(draw, LONGEST_FRAME_MS);
    requestAnimationFrame(draw);
  };
  return {
    shown,
    latest: () => latest,
    change: (next) => {
      latest = next;
      if (isDrawing || shown.peek() === next) return;
      isDrawing = true;
      drawRested();
    },
  };
};

/** So soon after the last step of a movement is looked whether it is over. */
const SHORTEST_WAIT_MS = 30;
