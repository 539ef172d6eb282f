/** Draws lines over time with uPlot, which is loaded by whoever is the first to need it. */

import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Line {
  name: string;
  /** A token of `base.css`, such as `--working`. */
  ink: string;
}

export interface Plot {
  /** `at` in milliseconds since the epoch; the lines in their order, null where nothing is known. */
  show(at: readonly number[], lines: readonly (readonly (number | null)[])[]): void;
  end(): void;
}

const HEIGHT = 150;
/** It is this wide at least, so that the first figures do not jump about. */
const LEAST_MS = 120_000;
const TIME = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

export const createPlot = (
  place: HTMLElement,
  { lines, format, least }: { lines: Line[]; format(value: number): string; least: number },
): Plot => {
  const inks = createInks(place);
  const axis: UPlot.Axis = {
    stroke: () => inks('--muted'),
    grid: { stroke: () => inks('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  const width = (): number => Math.max(place.clientWidth, 100);
  const plot = new UPlot(
    {
      ...{ width: width(), height: HEIGHT, ms: 1, legend: { show: false } },
      cursor: { show: false },
      padding: [8, 8, 0, 0],
      scales: {
        x: { range: (_, min, max) => [Math.min(min, max - LEAST_MS), max] },
        y: { range: (_, __, max) => [0, Math.max(least, max * 1.15)] },
      },
      axes: [
        {
          ...axis,
          ...{ grid: { show: false }, size: 24, space: 80, incrs: [60_000, 120_000, 300_000] },
          values: (_, times) => times.map((at) => TIME.format(at)),
        },
        { ...axis, size: 62, space: 36, values: (_, values) => values.map(format) },
      ],
      series: [
        { value: '' },
        ...lines.map(({ ink }) => ({
          stroke: () => inks(ink),
          width: 1.5,
          points: { show: false },
        })),
      ],
    },
    [[], ...lines.map(() => [])],
    place,
  );
  const sizes = new ResizeObserver(() => plot.setSize({ width: width(), height: HEIGHT }));
  sizes.observe(place);
  return {
    show: (at, values) => plot.setData([[...at], ...values.map((each) => [...each])]),
    end: () => {
      sizes.disconnect();
      plot.destroy();
    },
  };
};

/** A canvas knows no tokens: an element of each colour tells what it is in this theme. */
const createInks = (place: HTMLElement): ((token: string) => string) => {
  const probes = new Map<string, HTMLElement>();
  return (token) => {
    const probe = probes.get(token) ?? place.appendChild(document.createElement('i'));
    probe.style.color = `var(${token})`;
    probes.set(token, probe);
    return getComputedStyle(probe).color;
  };
};
