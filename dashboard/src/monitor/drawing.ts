/** The drawing of a machine, as the monitor makes it. */

import { getText, Problem } from './api.ts';

/** It does not change while the monitor runs: it is asked for once. */
let drawing: Promise<SVGSVGElement> | null = null;

/**
 * A copy of the session machine's drawing, in this page's colours instead of its own.
 * @throws {Problem}
 */
export const readDrawing = async (): Promise<SVGSVGElement> => {
  drawing ??= read();
  try {
    return document.importNode(await drawing, true);
  } catch (error) {
    drawing = null;
    throw error;
  }
};

const read = async (): Promise<SVGSVGElement> => {
  const text = await getText('/api/machines/session.svg');
  const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  if (!(root instanceof SVGSVGElement))
    throw new Problem('The drawing cannot be read.', { status: 200, code: 'no_drawing' });
  // Its own style would reach beyond it, and knows nothing of the theme that is chosen here.
  for (const style of root.querySelectorAll('style')) style.remove();
  return root;
};

/** Lights these elements, and only these; the arrow is shown as the one that was taken last. */
export const light = (
  svg: SVGSVGElement,
  { states, arrow }: { states: readonly string[]; arrow: string | null },
): void => {
  for (const state of svg.querySelectorAll('.state'))
    state.classList.toggle('active', states.includes(state.id));
  for (const each of svg.querySelectorAll('.arrow'))
    each.classList.toggle('taken', each.id === arrow);
};
