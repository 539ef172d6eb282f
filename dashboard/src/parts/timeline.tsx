import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';
import type { State } from '../../../machines/vocabulary.ts';
import { clockTime } from '../format.ts';
import { now } from '../monitor/clock.ts';
import { followDay } from '../monitor/day.ts';
import {
  DAY_MS,
  knownPart,
  moved,
  spanOf,
  spellsOf,
  type View,
  WHOLE_DAY,
  zoomed,
} from '../monitor/spells.ts';
import { Lanes } from './lanes.tsx';
import { SpellTable } from './spell-table.tsx';

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
          {clockTime(span.from)} – {view.value.to === null ? 'now' : clockTime(span.to)}
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
