import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { State } from '../../../machines/vocabulary.ts';
import { clockTime, duration } from '../format.ts';
import { now } from '../monitor/clock.ts';
import { followDay } from '../monitor/day.ts';
import { LOOK_NAMES } from '../monitor/needs.ts';
import {
  barsOf,
  DAY_MS,
  knownPart,
  moved,
  type Spell,
  spanOf,
  spellsOf,
  ticksOf,
  timesIn,
  type View,
  WHOLE_DAY,
  zoomed,
} from '../monitor/spells.ts';
import { SpellTable } from './spell-table.tsx';

interface Span {
  from: number;
  to: number;
}

/** In which states the agent was in the last day; any part of it can be looked at more closely. */
export const Timeline = ({ session, state }: { session: string; state: State | null }) => {
  const view = useSignal<View>(WHOLE_DAY);
  const following = useMemo(() => followDay(session), [session]);
  useLayoutEffect(() => following.stop, [following]);
  const { events, problem } = following.day.value;
  const minute = Math.floor(now.value / 60_000) * 60_000;
  const spells = useMemo(
    () => (events ? spellsOf(events, { since: minute - DAY_MS, now: state }) : []),
    [events, state, minute],
  );
  const isKnown = events !== null;
  useEffect(() => {
    if (isKnown) view.value = knownPart(spells, now.peek());
  }, [isKnown]);
  const span = spanOf(view.value, steadyNow(view.value));
  return (
    <section class="timeline" aria-labelledby="timeline-title">
      <header>
        <h2 id="timeline-title">The last day</h2>
        <span class="muted number">
          {timeOf(span.from)} – {view.value.to === null ? 'now' : timeOf(span.to)}
        </span>
        <Zoom view={view} />
      </header>
      {problem && <p class="problem">{problem.message}</p>}
      {!isKnown && !problem && <p class="hint">Asking for the last day …</p>}
      {isKnown && (
        <>
          <Lanes spells={spells} span={span} view={view} />
          <SpellTable spells={spells} span={span} />
        </>
      )}
    </section>
  );
};

/** It moves on by what can be seen, not every second. */
const steadyNow = ({ lengthMs }: View): number => {
  const step = Math.max(1_000, lengthMs / 1_000);
  return Math.ceil(now.value / step) * step;
};

const timeOf = (at: number): string => clockTime(at);

const Zoom = ({ view }: { view: Signal<View> }) => {
  const change = (next: (from: View) => View) => () => {
    view.value = next(view.peek());
  };
  const isWhole = view.value.lengthMs >= DAY_MS;
  const zoom = (factor: number) =>
    change((from) => zoomed(from, { factor, at: from.to === null ? 1 : 0.5, now: now.peek() }));
  const move = (by: number) => change((from) => moved(from, { by, now: now.peek() }));
  return (
    <fieldset class="zoom">
      <legend class="sr-only">Part of the day</legend>
      <button type="button" aria-label="Earlier" disabled={isWhole} onClick={move(-0.5)}>
        ←
      </button>
      <button
        type="button"
        aria-label="Later"
        disabled={view.value.to === null}
        onClick={move(0.5)}
      >
        →
      </button>
      <button type="button" aria-label="Less time" onClick={zoom(0.5)}>
        +
      </button>
      <button type="button" aria-label="More time" disabled={isWhole} onClick={zoom(2)}>
        −
      </button>
      <button type="button" disabled={isWhole} onClick={change(() => WHOLE_DAY)}>
        Whole day
      </button>
    </fieldset>
  );
};

const LANES: State[] = ['error', 'stuck', 'working', 'reading', 'complete'];
const LANE = 16;
const BAR = 12;
const WIDTH = 1_000;

/** One lane for each state, so that no colour need be told from another. */
const Lanes = (props: { spells: readonly Spell[]; span: Span; view: Signal<View> }) => {
  const { spells, span, view } = props;
  const svg = useRef<SVGSVGElement>(null);
  useEffect(() => (svg.current ? takeGestures(svg.current, view) : undefined), []);
  const times = timesIn(spells, span);
  const ticks = ticksOf(span, { most: 8, offsetMs: -new Date().getTimezoneOffset() * 60_000 });
  const bars = useMemo(
    () => barsOf(spells, { ...span, narrowest: 1 / WIDTH }),
    [spells, span.from, span.to],
  );
  const told = LANES.filter((lane) => times.has(lane)).map(
    (lane) => `${duration(times.get(lane) ?? 0)} ${LOOK_NAMES[lane]}`,
  );
  return (
    <div class="lanes">
      <ul class="names" aria-hidden="true">
        {LANES.map((lane) => (
          <li key={lane} data-look={lane}>
            {LOOK_NAMES[lane]}
          </li>
        ))}
      </ul>
      <svg
        ref={svg}
        viewBox={`0 0 ${WIDTH} ${LANES.length * LANE}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={told.join(', ') || 'Nothing is known of this time'}
      >
        {ticks.map((at) => (
          <line key={at} x1={xOf(at, span)} x2={xOf(at, span)} y1={0} y2={LANES.length * LANE} />
        ))}
        {bars.map(({ state, x, width, spell }) => (
          <rect
            key={`${spell.seq} ${spell.from}`}
            data-look={state}
            x={x * WIDTH}
            width={width * WIDTH}
            y={LANES.indexOf(state) * LANE + (LANE - BAR) / 2}
            height={BAR}
          >
            <title>{`${LOOK_NAMES[state]} from ${timeOf(spell.from)}`}</title>
          </rect>
        ))}
      </svg>
      <ul class="times" aria-hidden="true">
        {LANES.map((lane) => (
          <li key={lane}>{times.has(lane) ? duration(times.get(lane) ?? 0) : ''}</li>
        ))}
      </ul>
      <ol class="ticks" aria-hidden="true">
        {ticks.map((at) => (
          <li key={at} style={{ insetInlineStart: `${xOf(at, span) / (WIDTH / 100)}%` }}>
            {span.to - span.from > 900_000 ? timeOf(at).slice(0, 5) : timeOf(at)}
          </li>
        ))}
      </ol>
    </div>
  );
};

const xOf = (at: number, { from, to }: Span): number => ((at - from) / (to - from)) * WIDTH;

/** Drawn aside it moves; the wheel moves it too, and with Ctrl, as by two fingers, zooms. */
const takeGestures = (svg: SVGSVGElement, view: Signal<View>): (() => void) => {
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
