/** Prometheus' text format 0.0.4, read as strictly as it is written down. */

interface Family {
  type: string;
  help: string;
  samples: Sample[];
}

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Exposition {
  families: Map<string, Family>;
  /** The value of the one series with these labels; undefined where there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
}

/** @throws {Error} that names the line that the format does not allow. */
export const readExposition = (text: string): Exposition => {
  const families = new Map<string, Family>();
  const series = new Map<string, number>();
  let current: { name: string; family: Family } | null = null;
  if (!text.endsWith('\n')) throw new Error('the last line does not end');

  const take = (line: string): void => {
    const [, what, name = '', rest = ''] = /^# (HELP|TYPE) ([\w:]+) (.+)$/.exec(line) ?? [];
    if (what === 'HELP') {
      if (families.has(name)) throw new Error('told twice');
      current = { name, family: { type: '', help: rest, samples: [] } };
      families.set(name, current.family);
    } else if (what === 'TYPE') {
      if (current?.name !== name || current.family.type !== '') throw new Error('out of place');
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error('unknown type');
      current.family.type = rest;
    } else {
      const sample = readSample(line);
      const key = keyOf(sample.name, sample.labels);
      if (series.has(key)) throw new Error('the same series twice');
      if (current === null || !belongs(sample.name, current.name, current.family.type)) {
        throw new Error('of another family');
      }
      series.set(key, sample.value);
      current.family.samples.push(sample);
    }
  };

  for (const line of text.split('\n').filter((each) => each !== '')) {
    try {
      take(line);
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${line}`, { cause: error });
    }
  }
  for (const [name, family] of families) checkFamily(name, family);
  return { families, value: (name, labels = {}) => series.get(keyOf(name, labels)) };
};

const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN)$/;

const readSample = (line: string): Sample => {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null) throw new Error('no sample');
  const [, name = '', inside = '', number = ''] = match;
  if (!NUMBER.test(number)) throw new Error('no number');
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;
  while (pair.lastIndex < inside.length) {
    const found = pair.exec(inside);
    if (found === null) throw new Error('no labels');
    const [, label = '', value = ''] = found;
    if (Object.hasOwn(labels, label)) throw new Error('a label twice');
    labels[label] = value.replace(/\\([\\"n])/g, (_, char) => (char === 'n' ? '\n' : char));
  }
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) };
};

const belongs = (sample: string, family: string, type: string): boolean =>
  type === 'histogram'
    ? ['_bucket', '_sum', '_count'].some((end) => sample === family + end)
    : sample === family;

const keyOf = (name: string, labels: Record<string, string>): string =>
  JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);

const checkFamily = (name: string, { type, samples }: Family): void => {
  if (type === '') throw new Error(`${name} has no type`);
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`);
  if (type === 'counter' && samples.some(({ value }) => value < 0)) throw new Error(`${name} < 0`);
  if (type === 'histogram') checkHistogram(name, samples);
};

/** Buckets grow, and the last one holds all. */
const checkHistogram = (name: string, samples: Sample[]): void => {
  const groups = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => keyOf(name, labels));
  for (const [key, group] of groups) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) =>
      Number((labels.le ?? '').replace('Inf', 'Infinity')),
    );
    const counts = buckets.map(({ value }) => value);
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    const isRising = (numbers: number[]) =>
      numbers.every((value, index) => index === 0 || value >= (numbers[index - 1] ?? 0));
    if (!isRising(bounds) || !isRising(counts)) throw new Error(`buckets fall: ${key}`);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || counts.at(-1) !== count)
      throw new Error(`the last bucket does not hold all: ${key}`);
    if (!group.some((sample) => sample.name === `${name}_sum`)) throw new Error(`no sum: ${key}`);
  }
};
