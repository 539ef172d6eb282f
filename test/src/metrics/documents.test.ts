import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import { readExposition } from '../../support/exposition.ts';

const read = (file: string): string =>
  readFileSync(join(import.meta.dirname, '../../../docs', file), 'utf8');

const families = readExposition(await createMetrics('1.2.3').text()).families;

it('docs/metrics.md lists every figure, its type, and no other', () => {
  const rows = read('metrics.md').matchAll(/^\| `(\w+)` \| (\w+) \|/gm);
  const listed = [...rows].map(([, name, type]) => `${name} ${type}`);
  expect(listed.toSorted()).toEqual(
    [...families].map(([name, { type }]) => `${name} ${type}`).toSorted(),
  );
});

it.each(['alerts.yml', 'grafana.json'])('docs/%s asks for nothing that is not there', (file) => {
  const asked = read(file).match(/\b(?:agent_monitor|process|nodejs)_\w+/g) ?? [];
  expect(asked.length).toBeGreaterThan(10);
  const parts = new Set(
    [...families].flatMap(([name, { type }]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
    ),
  );
  expect(asked.filter((name) => !parts.has(name))).toEqual([]);
});
