import type { Signal } from '@preact/signals';
import { now } from '../monitor/clock.ts';
import { moved, type View, zoomed } from '../monitor/spells.ts';

/** Drawn aside it moves; the wheel moves it too, and with Ctrl, as by two fingers, zooms. Answers how to end that. */
export const takeGestures = (svg: SVGSVGElement, view: Signal<View>): (() => void) => {
  const wheel = (event: WheelEvent): void => {
    const { left, width } = svg.getBoundingClientRect();
    const at = (event.clientX - left) / width;
    if (event.ctrlKey)
      view.value = zoomed(view.peek(), { factor: 1.002 ** event.deltaY, at, now: now.peek() });
    else if (event.deltaX !== 0)
      view.value = moved(view.peek(), { by: event.deltaX / width, now: now.peek() });
    else return; // It is the page that is to scroll.
    event.preventDefault();
  };
  const drag = (event: PointerEvent): void => {
    if (event.buttons !== 1) return;
    const by = -event.movementX / svg.clientWidth;
    view.value = moved(view.peek(), { by, now: now.peek() });
  };
  svg.addEventListener('wheel', wheel, { passive: false });
  svg.addEventListener('pointermove', drag);
  return () => {
    svg.removeEventListener('wheel', wheel);
    svg.removeEventListener('pointermove', drag);
  };
};
