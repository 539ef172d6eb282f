import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Problem } from '../monitor/api.ts';
import { light, readDrawing } from '../monitor/drawing.ts';

const LEAST_ZOOM = 0.2;
const MOST_ZOOM = 2;
const STEP = 1.25;
/** Names are legible from here on; where the whole does not fit, one sees a part. */
const LEGIBLE_ZOOM = 0.42;
/** Below this, what cannot be read anyhow is left out, and names are larger. */
const FAR_ZOOM = 0.7;

/** The session machine, with these of its states lit; it can be moved about in its box, and looked at closely. */
export const MachineDrawing = (props: { states: readonly string[]; arrow: string | null }) => {
  const { states, arrow } = props;
  const box = useRef<HTMLElement>(null);
  const svg = useSignal<SVGSVGElement | null>(null);
  const zoom = useSignal(0);
  const problem = useSignal('');
  useEffect(() => {
    void put(box.current, { svg, zoom, problem });
  }, []);
  const lit = states.join(' ');
  useEffect(() => {
    if (svg.value) light(svg.value, { states, arrow });
  }, [svg.value, lit, arrow]);
  const isLit = states.length > 0;
  useEffect(() => {
    if (isLit && box.current) showLit(box.current);
  }, [svg.value, isLit]);
  const zoomTo = (next: number): void => resize(box.current, { svg: svg.value, zoom, next });
  return (
    <section class="drawing" aria-label="State chart">
      <Zooms
        zoomBy={(factor) => zoomTo(zoom.value * factor)}
        fit={() => box.current && svg.value && zoomTo(fitting(box.current, svg.value))}
        percent={Math.round(100 * zoom.value)}
      />
      {problem.value !== '' && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <section
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys
        tabIndex={0}
        aria-label="The drawing: arrow keys move it"
        class={zoom.value < FAR_ZOOM ? 'machine-box far' : 'machine-box'}
        onPointerDown={drag}
        onWheel={(event) => {
          if (!event.ctrlKey && !event.metaKey) return;
          event.preventDefault();
          zoomTo(zoom.value * (event.deltaY < 0 ? STEP : 1 / STEP));
        }}
      />
    </section>
  );
};

const Zooms = (props: { zoomBy(factor: number): void; fit(): void; percent: number }) => (
  <fieldset class="zooms">
    <legend class="sr-only">Size of the drawing</legend>
    <button type="button" aria-label="Smaller" onClick={() => props.zoomBy(1 / STEP)}>
      −
    </button>
    <output class="number">{props.percent} %</output>
    <button type="button" aria-label="Larger" onClick={() => props.zoomBy(STEP)}>
      +
    </button>
    <button type="button" onClick={props.fit}>
      Fit
    </button>
  </fieldset>
);

interface Parts {
  svg: Signal<SVGSVGElement | null>;
  zoom: Signal<number>;
  problem: Signal<string>;
}

const put = async (box: HTMLElement | null, { svg, zoom, problem }: Parts): Promise<void> => {
  try {
    const drawn = await readDrawing();
    // Somebody has gone to another page meanwhile.
    if (!box?.isConnected) return;
    box.replaceChildren(drawn);
    const next = Math.min(1, Math.max(LEGIBLE_ZOOM, fitting(box, drawn)));
    resize(box, { svg: drawn, zoom, next });
    svg.value = drawn;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problem.value = error.message;
  }
};

/** The box is as high as the drawing, up to this part of the window. */
const HIGHEST = 0.74;

/** How large the drawing is where all of it is seen. */
const fitting = (box: HTMLElement, svg: SVGSVGElement): number => {
  const { width, height } = svg.viewBox.baseVal;
  return Math.min(box.clientWidth / width, (HIGHEST * innerHeight - 4) / height);
};

/** What is in the middle stays there. */
const resize = (
  box: HTMLElement | null,
  { svg, zoom, next }: { svg: SVGSVGElement | null; zoom: Signal<number>; next: number },
): void => {
  if (!box || !svg) return;
  const before = zoom.peek() || 1;
  const after = Math.max(LEAST_ZOOM, Math.min(MOST_ZOOM, next));
  const middle = {
    x: (box.scrollLeft + box.clientWidth / 2) / before,
    y: (box.scrollTop + box.clientHeight / 2) / before,
  };
  const { width, height } = svg.viewBox.baseVal;
  svg.setAttribute('width', String(Math.floor(width * after)));
  svg.setAttribute('height', String(Math.floor(height * after)));
  zoom.value = after;
  box.scrollLeft = middle.x * after - box.clientWidth / 2;
  box.scrollTop = middle.y * after - box.clientHeight / 2;
};

/** What it does is what one looks for first. */
const showLit = (box: HTMLElement): void => {
  const leaf = box.querySelector('[id^="session.activity."].leaf.active');
  if (!leaf) return;
  const at = leaf.getBoundingClientRect();
  const frame = box.getBoundingClientRect();
  box.scrollLeft += at.left + at.width / 2 - frame.left - frame.width / 2;
  box.scrollTop += at.top + at.height / 2 - frame.top - frame.height / 2;
};

/** By the mouse; fingers move it as they move all that scrolls. */
const drag = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
  if (event.pointerType !== 'mouse' || event.button !== 0) return;
  const box = event.currentTarget;
  const move = ({ movementX, movementY }: PointerEvent): void => {
    box.scrollLeft -= movementX;
    box.scrollTop -= movementY;
  };
  box.setPointerCapture(event.pointerId);
  box.addEventListener('pointermove', move);
  box.addEventListener('lostpointercapture', () => box.removeEventListener('pointermove', move), {
    once: true,
  });
};
