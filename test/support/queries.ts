/** The PromQL of docs/alerts.yml and docs/grafana.json, as far as these speak it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Query {
  file: string;
  expr: string;
  selectors: Selector[];
  /** All labels that its results have; null where they are those of the figure. */
  by: string[] | null;
  /** By which results are matched with others. */
  on: string[];
  /** What the texts that go with it take from its results: `{{ $labels.agent }}`, `{{agent}}`. */
  shown: string[];
}

interface Selector {
  name: string;
  matchers: { label: string; op: string; value: string }[];
}

export const readQueries = (): Query[] => [
  ...read('alerts.yml')
    .split(/^ +- alert: /m)
    .slice(1)
    .map((rule) => queryOf('alerts.yml', /^ +expr: (.+)$/m.exec(rule)?.[1] ?? '', rule)),
  ...targetsIn(JSON.parse(read('grafana.json'))).map(({ expr, legendFormat }) =>
    queryOf('grafana.json', expr, legendFormat),
  ),
];

const read = (file: string): string =>
  readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8');

const targetsIn = (value: unknown): { expr: string; legendFormat: string }[] => {
  if (typeof value !== 'object' || value === null) return [];
  const { expr, legendFormat } = value as Record<string, unknown>;
  const own = expr === undefined ? [] : [{ expr: `${expr}`, legendFormat: `${legendFormat}` }];
  return [...own, ...Object.values(value).flatMap(targetsIn)];
};

const queryOf = (file: string, expr: string, texts: string): Query => {
  const listedAfter = (word: string) =>
    [...expr.matchAll(new RegExp(`\\b${word} \\(([^)]*)\\)`, 'g'))].flatMap(([, labels = '']) =>
      labels.split(/, */),
    );
  return {
    ...{ file, expr, selectors: selectorsIn(expr), on: listedAfter('on') },
    by: /\bby \(/.test(expr) ? listedAfter('by') : null,
    shown: [...texts.matchAll(/\{\{ *(?:\$labels\.)?(\w+) *\}\}/g)].map(([, label = '']) => label),
  };
};

const WORDS = new Set(['and', 'or', 'unless']);

/** Every word is the name of a figure that is no function, no label and no part of a range. */
const selectorsIn = (expr: string): Selector[] => {
  const plain = expr.replace(/\b(?:by|on) \([^)]*\)/g, '').replace(/\[[^\]]*\]/g, '');
  const words = plain.matchAll(/\b([a-zA-Z_:][\w:]*)\b(?! *\()(?:\{([^}]*)\})?/g);
  return [...words].flatMap(([, name = '', inside = '']) =>
    WORDS.has(name) ? [] : [{ name, matchers: matchersIn(inside) }],
  );
};

const matchersIn = (inside: string): Selector['matchers'] =>
  inside === ''
    ? []
    : inside.split(',').map((text) => {
        const [, label = '', op = '', value = ''] = /^(\w+)(=~|!~|=|!=)"([^"]*)"$/.exec(text) ?? [];
        if (label === '') throw new Error(`no matcher: ${text}`);
        return { label, op, value };
      });
