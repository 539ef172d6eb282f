/** Whether the page, or a part of it, is being scrolled. */

/** Between two steps of a wheel, or of a finger. */
const STILL_AFTER_MS = 150;

let movedAt = Number.NEGATIVE_INFINITY;

export const watchScrolling = (): void => {
  const moved = (): void => {
    movedAt = performance.now();
  };
  document.addEventListener('scroll', moved, { capture: true, passive: true });
};

export const isScrolling = (): boolean => performance.now() - movedAt < STILL_AFTER_MS;
