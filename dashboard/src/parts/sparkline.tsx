import { computed } from '@preact/signals';
import type { Shown } from '../monitor/apply.ts';
import { now } from '../monitor/clock.ts';
import { historyOf, SPAN_MS, type Stretch } from '../monitor/history.ts';

const WIDTH = 120;
const HEIGHT = 8;
/** It moves by less than a pixel in this time. */
const STEP_MS = 30_000;

const step = computed(() => Math.ceil(now.value / STEP_MS) * STEP_MS);

/** In which states the agent was in the last hour, as a strip of colours. */
export const Sparkline = ({
  session,
  state,
  since,
}: Pick<Shown, 'session' | 'state' | 'since'>) => {
  const end = step.value;
  const told = historyOf(session).value;
  // Nothing changed in the last hour: it was all the time as it is now.
  const stretches = told.length === 0 && since !== null ? [{ at: since, state }] : told;
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`The last hour: ${describe(stretches, now.peek())}`}
    >
      {bars(stretches, end).map(({ x, width, state }) => (
        <rect key={x} x={x} y={0} width={width} height={HEIGHT} data-look={state} />
      ))}
    </svg>
  );
};

const bars = (stretches: readonly Stretch[], end: number) =>
  stretches.flatMap(({ at, state }, index) => {
    if (state === null) return [];
    const xOf = (time: number): number =>
      Math.max(0, Math.min(WIDTH, ((time - end + SPAN_MS) / SPAN_MS) * WIDTH));
    const x = xOf(at);
    const width = xOf(stretches[index + 1]?.at ?? end) - x;
    return width > 0 ? [{ x, width: Math.max(width, 0.5), state }] : [];
  });

const describe = (stretches: readonly Stretch[], at: number): string => {
  const spent = new Map<string, number>();
  for (const [index, { at: begun, state }] of stretches.entries()) {
    const ended = stretches[index + 1]?.at ?? at;
    const ms = ended - Math.max(begun, at - SPAN_MS);
    if (state !== null && ms > 0) spent.set(state, (spent.get(state) ?? 0) + ms);
  }
  const parts = [...spent].sort(([, one], [, other]) => other - one);
  if (parts.length === 0) return 'nothing is known';
  return parts
    .map(([state, ms]) => `${Math.max(1, Math.round(ms / 60_000))} min ${state}`)
    .join(', ');
};
