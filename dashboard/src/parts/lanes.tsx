import type { Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { State } from '../../../machines/vocabulary.ts';
import { clockTime, duration } from '../format.ts';
import { LOOK_NAMES } from '../monitor/needs.ts';
import { barsOf, type Spell, ticksOf, timesIn, type View } from '../monitor/spells.ts';
import { takeGestures } from './day-gestures.ts';

interface Span {
  from: number;
  to: number;
}

const LANES: State[] = ['error', 'stuck', 'working', 'reading', 'complete'];
const LANE = 16;
const BAR = 12;
const WIDTH = 1_000;
const HEIGHT = LANES.length * LANE;

/** One lane for each state, so that no colour need be told from another. */
export const Lanes = (props: { spells: readonly Spell[]; span: Span; view: Signal<View> }) => {
  const { spells, span, view } = props;
  const times = timesIn(spells, span);
  const ticks = ticksOf(span, { most: 8, offsetMs: -new Date().getTimezoneOffset() * 60_000 });
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
      <Strip {...{ spells, span, view, ticks }} name={told.join(', ') || UNKNOWN} />
      <ul class="times" aria-hidden="true">
        {LANES.map((lane) => (
          <li key={lane}>{times.has(lane) ? duration(times.get(lane) ?? 0) : ''}</li>
        ))}
      </ul>
      <ol class="ticks" aria-hidden="true">
        {ticks.map((at) => (
          <li key={at} style={{ insetInlineStart: `${xOf(at, span) / (WIDTH / 100)}%` }}>
            {span.to - span.from > 900_000 ? clockTime(at).slice(0, 5) : clockTime(at)}
          </li>
        ))}
      </ol>
    </div>
  );
};

const UNKNOWN = 'Nothing is known of this time';

const Strip = (props: {
  spells: readonly Spell[];
  span: Span;
  view: Signal<View>;
  ticks: readonly number[];
  name: string;
}) => {
  const { spells, span, view, ticks, name } = props;
  const svg = useRef<SVGSVGElement>(null);
  useEffect(() => (svg.current ? takeGestures(svg.current, view) : undefined), []);
  const bars = useMemo(
    () => barsOf(spells, { ...span, narrowest: 1 / WIDTH }),
    [spells, span.from, span.to],
  );
  return (
    <svg
      ref={svg}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={name}
    >
      {ticks.map((at) => (
        <line key={at} x1={xOf(at, span)} x2={xOf(at, span)} y1={0} y2={HEIGHT} />
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
          <title>{`${LOOK_NAMES[state]} from ${clockTime(spell.from)}`}</title>
        </rect>
      ))}
    </svg>
  );
};

const xOf = (at: number, { from, to }: Span): number => ((at - from) / (to - from)) * WIDTH;
