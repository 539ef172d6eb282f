/** What the daemon costs, over time. Pure. */

/** As it was read at one moment; what counts up since the daemon's start is still that. */
export interface Measured {
  /** Milliseconds since the epoch. */
  at: number;
  /** Null where the figures for Prometheus lack it. */
  cpuSeconds: number | null;
  lastEvent: number;
  /** Seconds: less than before means that it was started anew. */
  uptime: number;
  /** Bytes. */
  rss: number;
  heapUsed: number;
  /** How late the event loop was, in milliseconds. */
  loopP99: number;
}

export interface Sample {
  at: number;
  /** Percent of one core since the sample before; null for the first. */
  cpu: number | null;
  eventsPerSecond: number | null;
  rss: number;
  heapUsed: number;
  loopP99: number;
}

export const KEPT_MS = 600_000;
/** Nobody looked meanwhile: what was in between is not known. */
const GAP_MS = 10_000;

export const sampleOf = (before: Measured | null, now: Measured): Sample => {
  const { at, rss, heapUsed, loopP99 } = now;
  const isNext = before !== null && now.uptime >= before.uptime && at - before.at < GAP_MS;
  const passed = isNext ? (at - before.at) / 1_000 : 0;
  const perSecond = (one: number | null, other: number | null): number | null =>
    one === null || other === null || passed <= 0 ? null : Math.max(0, (other - one) / passed);
  const cpu = perSecond(before?.cpuSeconds ?? null, now.cpuSeconds);
  return {
    ...{ at, rss, heapUsed, loopP99, cpu: cpu === null ? null : 100 * cpu },
    eventsPerSecond: perSecond(before?.lastEvent ?? null, now.lastEvent),
  };
};

/** The last ten minutes of them. */
export const withSample = (samples: readonly Sample[], sample: Sample): readonly Sample[] => [
  ...samples.filter(({ at }) => at > sample.at - KEPT_MS),
  sample,
];

/** Of the figures for Prometheus. */
export const cpuSecondsIn = (metrics: string): number | null => {
  const found = /^process_cpu_seconds_total(?:\{[^}]*\})? (\S+)/m.exec(metrics);
  const seconds = Number(found?.[1]);
  return Number.isFinite(seconds) ? seconds : null;
};

/** What a line of the chart says, for whoever does not see it. */
export const describeSeries = (
  values: readonly (number | null)[],
  format: (value: number) => string,
): string => {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return 'nothing is known yet';
  return `${format(last)} now, between ${format(Math.min(...known))} and ${format(Math.max(...known))}`;
};
