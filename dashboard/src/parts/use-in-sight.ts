import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** So far beyond the edge counts as in sight: what is scrolled to is there already. */
const MARGIN_PX = 400;

/** Whether the element is on the screen, or nearly. */
export const useInSight = <Box extends HTMLElement>(): {
  ref: RefObject<Box | null>;
  isInSight: Signal<boolean>;
} => {
  const ref = useRef<Box>(null);
  const isInSight = useSignal(true);
  useEffect(() => (ref.current ? observe(ref.current, isInSight) : undefined), []);
  return { ref, isInSight };
};

const observed = new WeakMap<Element, Signal<boolean>>();
/** One for all elements. */
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const isInSight = observed.get(target);
      if (isInSight) isInSight.value = isIntersecting;
    }
  },
  { rootMargin: `${MARGIN_PX}px` },
);

const observe = (element: Element, isInSight: Signal<boolean>): (() => void) => {
  observed.set(element, isInSight);
  observer.observe(element);
  return () => observer.unobserve(element);
};
