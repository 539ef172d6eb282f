import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from '@prometheus-io/client';
import { describe, expect, it } from 'vitest';
import { createFigures } from '../../../src/metrics/figures.ts';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import { readExposition } from '../../support/exposition.ts';
import { readQueries } from '../../support/queries.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8');

const registry = new Registry();
createFigures(registry);
/** Of the figures that have some, also while they have no values. */
const declared = new Map(
  registry.getMetricsAsArray().map((metric) => {
    // The types of 0.16 do not have it.
    const { name, labelNames } = metric as unknown as { name: string; labelNames: string[] };
    return [name, labelNames];
  }),
);
const { families } = readExposition(await createMetrics('1.2.3').text());

it('docs/metrics.md lists every figure, its type, its labels, and no other', () => {
  const rows = PAGE.matchAll(/^\| `(\w+)` \| (\w+) \|([^|]*)\|/gm);
  const listed = [...rows].map(([, name = '', type, labels = '']) => {
    const names = [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label);
    return [name, type, ...names].join(' ');
  });
  expect(listed.toSorted()).toEqual(
    [...families]
      .map(([name, { type }]) => [name, type, ...(declared.get(name) ?? [])].join(' '))
      .toSorted(),
  );
});

/** What Prometheus adds by itself, and the one figure that is its own. */
const ADDED = ['job', 'instance'];
const labelsOf = new Map<string, string[]>([
  ['up', ADDED],
  ...[...families].flatMap(([name, { type }]): [string, string[]][] => {
    const labels = [...ADDED, ...(declared.get(name) ?? [])];
    if (type !== 'histogram') return [[name, labels]];
    const parts = ['_sum', '_count'].map((end): [string, string[]] => [name + end, labels]);
    return [[`${name}_bucket`, [...labels, 'le']], ...parts];
  }),
]);

const job = /job_name: (\S+)/.exec(PAGE)?.[1];

describe.each(readQueries())('$file, $expr', ({ selectors, by, on, shown }) => {
  const labels = selectors.map(({ name }) => labelsOf.get(name) ?? []);

  it('asks for figures that there are', () => {
    expect(selectors.length).toBeGreaterThan(0);
    expect(selectors.filter(({ name }) => !labelsOf.has(name))).toEqual([]);
  });

  it('tells them apart by labels that they have', () => {
    for (const [index, { name, matchers }] of selectors.entries()) {
      const asked = [...matchers.map(({ label }) => label), ...(by ?? []), ...on];
      expect(labels[index]).toEqual(expect.arrayContaining(asked));
      if (name.endsWith('_bucket')) expect(by ?? ['le']).toContain('le');
      for (const { label, value } of matchers) if (label === 'job') expect(value).toBe(job);
    }
  });

  it('shows labels that its results have', () => {
    // Of two that are matched, the first is the result.
    expect(by ?? labels[0]).toEqual(expect.arrayContaining(shown));
  });
});
