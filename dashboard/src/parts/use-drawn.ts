import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** More than fill a screen, and few enough to be drawn ten times a second. */
const STEP = 100;
/** They are drawn before they are reached. */
const AHEAD = '800px';

/** How many of a list's rows are drawn: more as one scrolls on, the first ones alone at its top. */
export const useDrawn = (total: number) => {
  const drawn = useSignal(STEP);
  const all = useRef(total);
  all.current = total;
  const top = useRef<HTMLDivElement>(null);
  const bottom = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (!isIntersecting) continue;
          if (target === top.current) drawn.value = STEP;
          else if (drawn.peek() < all.current) drawn.value += STEP;
        }
      },
      { rootMargin: AHEAD },
    );
    for (const { current } of [top, bottom]) if (current) observer.observe(current);
    return () => observer.disconnect();
    // A mark that stays in sight says so only to an observer that is new.
  }, [total, drawn.value]);
  return { drawn: drawn.value, top, bottom };
};
