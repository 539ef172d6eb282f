import { useEffect, useRef } from 'preact/hooks';
import { describeSeries, type Sample } from '../monitor/samples.ts';
import type { Line, Plot } from './uplot-chart.ts';

interface SampledLine extends Line {
  of(sample: Sample): number | null;
}

/** How something went in the last minutes: the figure of now, and a line. */
export const TimeChart = (props: {
  title: string;
  lines: SampledLine[];
  samples: readonly Sample[];
  format(value: number): string;
  /** The scale goes up to this at least, so that little looks little. */
  least: number;
}) => {
  const { title, lines, samples, format } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  useEffect(() => begin(place.current, props, plot), []);
  useEffect(() => {
    if (plot.current) draw(plot.current, { lines, samples });
  }, [samples]);
  return (
    <figure class="time-chart">
      <figcaption>
        <h3>{title}</h3>
        {lines.map(({ name, ink, of }) => (
          <span key={name}>
            <i aria-hidden="true" style={{ background: `var(${ink})` }} />
            {name} <b class="number">{lastOf(samples.map(of), format)}</b>
          </span>
        ))}
      </figcaption>
      <div
        ref={place}
        class="plot"
        role="img"
        aria-label={lines
          .map(({ name, of }) => `${name}: ${describeSeries(samples.map(of), format)}`)
          .join('; ')}
      />
    </figure>
  );
};

type Place = { current: Plot | null };

const begin = (
  place: HTMLDivElement | null,
  props: Parameters<typeof TimeChart>[0],
  plot: Place,
): (() => void) => {
  let isEnded = false;
  void import('./uplot-chart.ts').then(({ createPlot }) => {
    if (isEnded || !place) return;
    plot.current = createPlot(place, props);
    draw(plot.current, props);
  });
  return () => {
    isEnded = true;
    plot.current?.end();
    plot.current = null;
  };
};

const draw = (
  plot: Plot,
  { lines, samples }: { lines: SampledLine[]; samples: readonly Sample[] },
): void =>
  plot.show(
    samples.map(({ at }) => at),
    lines.map(({ of }) => samples.map(of)),
  );

const lastOf = (values: readonly (number | null)[], format: (value: number) => string): string => {
  const last = values.findLast((value) => value !== null);
  return last === undefined || last === null ? '–' : format(last);
};
